import { InputError, wilson95 } from '../../contracts/index.ts';
import { comparePaired, type PairedComparison } from '../../learning/index.ts';
import { DISTURBANCE_NAMES, DISTURBANCES, type DisturbanceKind, type DisturbanceName } from '../../sim/index.ts';
import type { PlayedEpisode, PlayedPolicy } from '../learned/index.ts';

/** Success at one strength of a disturbance. */
export interface RobustnessPoint {
  /** In the disturbance's unit; 0 where there is none. */
  readonly strength: number;
  readonly episodes: number;
  readonly successes: number;
  readonly success_rate: number;
  readonly wilson95: readonly [number, number];
  /** Episodes in which what waits for its moment came about; of pushes and slips alone, null for the others. */
  readonly came_about: number | null;
  /** Failed episodes by stage. */
  readonly failures: Readonly<Record<string, number>>;
  /** Success less that without disturbance, on the same worlds; null of what is without. */
  readonly change: Pick<PairedComparison, 'difference' | 'interval' | 'p_value'> | null;
}

/** How success falls as one disturbance grows; the first point is without it. */
export interface DegradationCurve {
  readonly factor: DisturbanceName;
  readonly unit: DisturbanceKind['unit'];
  readonly describe: string;
  readonly points: readonly RobustnessPoint[];
}

export interface Robustness {
  readonly policy: string;
  readonly model_sha256: string | null;
  readonly first: number;
  readonly episodes: number;
  readonly baseline: RobustnessPoint;
  readonly curves: readonly DegradationCurve[];
  readonly interrupted: boolean;
}

export interface RobustnessOptions {
  /** The policy in worlds that are so disturbed, null for not at all. */
  readonly open: (disturb: string | null) => PlayedPolicy;
  readonly factors: readonly DisturbanceName[];
  readonly first: number;
  readonly episodes: number;
}

/** Disturbances that only pictures show. */
const OF_PICTURES: readonly DisturbanceName[] = ['dropout', 'camera-delay', 'light', 'texture', 'patch'];
/** Disturbances that wait for their moment. */
const EVENTS: readonly DisturbanceName[] = ['push', 'slip', 'push-or-slip'];

/**
 * The factors that are named with commas between, or all that concern a policy: of a mixture only its parts, of what pictures
 * show only where it sees them. Throws InputError for a name there is not, and for pictures a policy does not see.
 */
export function robustnessFactors(list: string | null, sees_pictures: boolean): readonly DisturbanceName[] {
  const concerns = (name: DisturbanceName): boolean => sees_pictures || !OF_PICTURES.includes(name);
  if (list === null) return DISTURBANCE_NAMES.filter((name) => name !== 'push-or-slip' && concerns(name));
  return list.split(',').map((word) => {
    const name = DISTURBANCE_NAMES.find((known) => known === word);
    if (name === undefined) throw new InputError(`factor "${word}"`, DISTURBANCE_NAMES.join(', '));
    if (!concerns(name)) throw new InputError(`factor ${name} of a policy that sees no pictures`, 'a policy that does');
    return name;
  });
}

/** Plays the same worlds without disturbance, and with each at every strength of its suite, one at a time. */
export async function measureRobustness(
  { open, factors, first, episodes }: RobustnessOptions,
  onPoint: (factor: DisturbanceName | null, point: RobustnessPoint) => void = () => {},
  signal?: AbortSignal,
): Promise<Robustness> {
  const stopped = (): boolean => signal?.aborted === true;
  const plain = open(null);
  const without = await plain.play(first, episodes, signal);
  const baseline = pointOf(0, without, null, false);
  onPoint(null, baseline);
  const curves: DegradationCurve[] = [];
  for (const factor of factors) {
    const { suite, unit, describe }: DisturbanceKind = DISTURBANCES[factor];
    const points = [baseline];
    for (const strength of suite) {
      if (stopped()) break;
      const played = await open(`${factor}:${strength}`).play(first, episodes, signal);
      // Of what was broken off only whole points count.
      if (stopped()) break;
      const point = pointOf(strength, played, without, EVENTS.includes(factor));
      points.push(point);
      onPoint(factor, point);
    }
    if (points.length > 1) curves.push({ factor, unit, describe, points });
  }
  const { name: policy, model_sha256 } = plain;
  return { policy, model_sha256, first, episodes: without.length, baseline, curves, interrupted: stopped() };
}

function pointOf(
  strength: number,
  played: readonly PlayedEpisode[],
  without: readonly PlayedEpisode[] | null,
  waits: boolean,
): RobustnessPoint {
  const n = played.length;
  const successes = played.filter(({ success }) => success).length;
  const failures: Record<string, number> = {};
  for (const { success, stage } of played) if (!success) failures[stage] = (failures[stage] ?? 0) + 1;
  return {
    ...{ strength, episodes: n, successes, success_rate: n === 0 ? 0 : successes / n },
    wilson95: wilson95(successes, n),
    came_about: waits ? played.filter(({ disturbed }) => disturbed.length > 0).length : null,
    failures,
    change: without === null ? null : changeOf(played, without),
  };
}

function changeOf(played: readonly PlayedEpisode[], without: readonly PlayedEpisode[]): RobustnessPoint['change'] {
  const succeeded = ({ success }: PlayedEpisode): boolean => success;
  const { difference, interval, p_value } = comparePaired(played.map(succeeded), without.map(succeeded));
  return { difference, interval, p_value };
}
