import { InputError } from '../../contracts/index.ts';

/** What can be done to an episode beyond how its world was drawn. */
export interface DisturbanceKind {
  readonly unit: 'm' | 's' | 'share' | 'objects';
  /** Strengths that are allowed. */
  readonly range: readonly [number, number];
  /** What a strength is drawn from where none is given; absent where one must be. */
  readonly drawn?: readonly [number, number];
  /** Strengths of the robustness suite, rising. */
  readonly suite: readonly number[];
  readonly describe: string;
}

const MOVED = { unit: 'm', range: [0.005, 0.15], drawn: [0.02, 0.06] } as const;

export const DISTURBANCES = {
  push: {
    ...MOVED,
    suite: [0.02, 0.04, 0.06, 0.1],
    describe: 'while the hand comes for it, the object is pushed over the table by so much',
  },
  slip: {
    ...MOVED,
    suite: [0.01, 0.02, 0.04, 0.06],
    describe: 'while it is carried, nothing holds the object for as long as it takes to fall by so much',
  },
  'push-or-slip': { ...MOVED, suite: [0.04], describe: 'one of the two, drawn for every episode' },
  dropout: {
    unit: 'share',
    range: [0, 0.99],
    suite: [0.2, 0.4, 0.6, 0.8],
    describe: 'chance that a picture never comes',
  },
  'camera-delay': {
    unit: 's',
    range: [0, 1],
    suite: [0.05, 0.1, 0.2, 0.4],
    describe: 'additional time until a picture is out',
  },
  'command-delay': {
    unit: 's',
    range: [0, 0.2],
    suite: [0.01, 0.02, 0.04, 0.08],
    describe: 'additional time from a command to its effect',
  },
  calibration: {
    unit: 'm',
    range: [0, 0.1],
    suite: [0.005, 0.01, 0.02, 0.04],
    describe: 'each camera is off by so much, and turned by as many radians as that is metres, in drawn directions',
  },
  distractors: {
    unit: 'objects',
    range: [0, 8],
    suite: [1, 2, 4, 6],
    describe: 'further objects on the table, as many as find room',
  },
  light: {
    unit: 'share',
    range: [0, 0.95],
    suite: [0.25, 0.5, 0.75, 0.9],
    describe: 'light darker or brighter by this share, from another side, tinted',
  },
  texture: {
    unit: 'share',
    range: [0, 1],
    suite: [0.25, 0.5, 0.75, 1],
    describe: 'pattern on the table in the colour of the wanted object',
  },
  patch: {
    unit: 'm',
    range: [0.01, 0.2],
    suite: [0.03, 0.06, 0.1, 0.15],
    describe: 'a square of so much in a drawn colour, flat on the table',
  },
} as const satisfies Record<string, DisturbanceKind>;

export type DisturbanceName = keyof typeof DISTURBANCES;
export const DISTURBANCE_NAMES = Object.keys(DISTURBANCES) as readonly DisturbanceName[];

/** One disturbance that is asked for; its strength, in the kind's unit, is drawn where it is null. */
export interface WantedDisturbance {
  readonly name: DisturbanceName;
  readonly strength: number | null;
}

/** Reads `NAME[:STRENGTH]`, with commas between several. Throws InputError that says what there is. */
export function parseDisturbances(text: string): readonly WantedDisturbance[] {
  const wanted = text.split(',').map(parseOne);
  const twice = wanted.find(({ name }, i) => wanted.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw new InputError(`disturbance ${twice.name} twice`, 'each once');
  return wanted;
}

function parseOne(text: string): WantedDisturbance {
  const [word, number, ...more] = text.split(':');
  const name = DISTURBANCE_NAMES.find((known) => known === word);
  if (name === undefined || more.length > 0)
    throw new InputError(`disturbance "${text}"`, `NAME[:STRENGTH], of ${DISTURBANCE_NAMES.join(', ')}`);
  const kind: DisturbanceKind = DISTURBANCES[name];
  const [least, most] = kind.range;
  if (number === undefined) {
    if (kind.drawn === undefined)
      throw new InputError(`disturbance ${name} without a strength`, `${name}:X, X from ${least} to ${most}`);
    return { name, strength: null };
  }
  const strength = Number(number);
  const whole = kind.unit !== 'objects' || Number.isInteger(strength);
  if (number.trim() === '' || !(strength >= least && strength <= most) || !whole)
    throw new InputError(`disturbance ${name} of strength "${number}"`, `${unitOf(kind)} from ${least} to ${most}`);
  return { name, strength };
}

/** The unit in words. */
export function unitOf({ unit }: DisturbanceKind): string {
  return unit === 'objects' ? 'a whole number' : unit === 'share' ? 'a share' : unit;
}
