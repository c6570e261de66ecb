import { InputError } from '../../contracts/index.ts';
import type { ObservedFeature } from '../../control/index.ts';

/** An episode that somebody offers as training data: what was seen and done at every step, and how it is said to have ended. */
export interface EpisodeRecord {
  /** Who offers it; episodes of a source are judged together. */
  readonly source: string;
  readonly name: string;
  readonly success: boolean;
  readonly length: number;
  /** Rows of one observation each, SI units, not normalised. */
  readonly observations: Float32Array;
  /** Rows of one action each, −1..1. */
  readonly actions: Float32Array;
  /** 1 where the action is what was done, 0 where somebody else drove. */
  readonly followed: Uint8Array;
}

/** What a check of records needs to be told, and its size. */
export const SCREENED_FEATURES = { tool_position: 3, wanted_to_goal: 2, wanted_gap: 1 } as const;
export type ScreenedFeature = keyof typeof SCREENED_FEATURES;

/** Sizes of the rows of records, and where in a row the screened features are. */
export interface RecordLayout {
  readonly observation: number;
  readonly action: number;
  /** Steps after which an episode's time is over. */
  readonly step_limit: number;
  readonly offsets: Readonly<Record<ScreenedFeature, number>>;
}

/** @throws InputError naming the feature without which records cannot be checked */
export function recordLayout(features: readonly ObservedFeature[], action: number, step_limit: number): RecordLayout {
  const offsetOf = (wanted: ScreenedFeature): number => {
    let offset = 0;
    for (const { name, size } of features) {
      if (name === wanted && size === SCREENED_FEATURES[wanted]) return offset;
      offset += size;
    }
    const known = features.map(({ name }) => name).join(', ');
    throw new InputError(
      `records of ${known}`,
      `must have ${wanted} of size ${SCREENED_FEATURES[wanted]} to be checked before they are learned from`,
    );
  };
  return {
    observation: features.reduce((sum, { size }) => sum + size, 0),
    ...{ action, step_limit },
    offsets: {
      tool_position: offsetOf('tool_position'),
      wanted_to_goal: offsetOf('wanted_to_goal'),
      wanted_gap: offsetOf('wanted_gap'),
    },
  };
}

/** @throws InputError naming the record of another layout, without steps, or with numbers that are not finite */
export function checkRecord(
  { source, name, length, observations, actions, followed }: EpisodeRecord,
  layout: RecordLayout,
): void {
  const where = `record ${name} of ${source}`;
  if (!(length >= 1)) throw new InputError(`${where} of ${length} steps`, 'at least one');
  for (const [what, values, size] of [
    ['observations', observations, layout.observation],
    ['actions', actions, layout.action],
    ['followed', followed, 1],
  ] as const) {
    if (values.length !== length * size) {
      throw new InputError(`${where}: ${values.length} numbers of ${what} in ${length} steps`, `${size} a step`);
    }
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    throw new InputError(
      `${where}: ${what} step ${Math.floor(at / size)} entry ${at % size} is ${values[at]}`,
      'a finite number',
    );
  }
}
