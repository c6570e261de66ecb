import type { TrajectoryTolerances } from '../contracts/index.ts';
import { TrackingTolerances } from '../control/index.ts';

/** Doubles of encoded tolerances: goal time, then of every joint on the way, then at the goal; NaN where there is none. */
export function toleranceValues(joints: number): number {
  return 1 + 2 * joints;
}

/** Writes a goal's tolerances into `out`; throws InputError for what is no tolerance of these joints. */
export function encodeTolerances(own: TrajectoryTolerances, names: readonly string[], out: Float64Array): void {
  const n = names.length;
  new TrackingTolerances(names).set(1, 1, 1, own);
  out[0] = own.goal_time_s ?? Number.NaN;
  for (let i = 0; i < n; i++) {
    out[1 + i] = own.path_rad?.[names[i]] ?? Number.NaN;
    out[1 + n + i] = own.goal_rad?.[names[i]] ?? Number.NaN;
  }
}

/** The tolerances that were encoded. */
export function decodeTolerances(values: Float64Array, names: readonly string[]): TrajectoryTolerances {
  const n = names.length;
  const ofJoints = (from: number) =>
    Object.fromEntries(
      names.map((name, i) => [name, values[from + i]] as const).filter(([, value]) => !Number.isNaN(value)),
    );
  const goal_time_s = Number.isNaN(values[0]) ? {} : { goal_time_s: values[0] };
  return { path_rad: ofJoints(1), goal_rad: ofJoints(1 + n), ...goal_time_s };
}
