import { quantile } from '../contracts/index.ts';

/** Joint velocities (rad/s) at one moment, on the clock of the stop's request. */
export interface SpeedSample {
  readonly t_s: number;
  readonly velocity: Float64Array;
}

/** Times of one stop from its request, s; null where it was not seen. */
export interface StopResponse {
  readonly deceleration_s: number | null;
  readonly standstill_s: number | null;
  /** Length of the vector of joint speeds before the stop, rad/s. */
  readonly cruise_rad_per_s: number;
}

export interface StopStatistics {
  readonly trials: number;
  readonly seen: number;
  readonly deceleration_s: Quantiles;
  readonly standstill_s: Quantiles;
  /**
   * What to reckon with: a bound that 95 % of all stops keep, with 95 % confidence, taken as normal (Natrella,
   * Experimental Statistics, table A-7), and never less than the slowest seen; a single trial bounds nothing.
   */
  readonly reaction_bound_s: number;
}

export interface Quantiles {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** Parts of the cruising speed below which the arm slows down, and stands. */
const SLOWS = 0.95;
const STANDS = 0.02;
/** One-sided factors for 95 % of a normal population with 95 % confidence, from so many trials on. */
const TOLERANCE: readonly (readonly [trials: number, factor: number])[] = [
  [20, 2.396],
  [10, 2.911],
  [5, 4.203],
  [4, 5.144],
  [3, 7.656],
  [2, 26.26],
];
/** Speeds within so many standard deviations of what is read at rest count as none; rest is the last of the samples, s. */
const NOISE = 5;
const REST_S = 0.2;
/** Before the request, over which the cruising speed is taken, s. */
const CRUISE_S = 0.1;

/** When an arm that moved evenly began to slow down after `requested_s`, and when it stood; between samples by straight lines. */
export function stopResponse(samples: readonly SpeedSample[], requested_s: number): StopResponse {
  const before = samples.filter(({ t_s }) => t_s > requested_s - CRUISE_S && t_s <= requested_s);
  const direction = meanVelocity(before);
  const cruise = Math.hypot(...direction);
  // Along the motion, so that the noise of joints at rest does not add up.
  const along = (velocity: Float64Array) => velocity.reduce((sum, v, i) => sum + v * direction[i], 0) / cruise;
  const speeds = samples.map(({ t_s, velocity }) => ({ t_s, speed: along(velocity) }));
  const end_s = samples.length === 0 ? 0 : samples[samples.length - 1].t_s;
  const noise = deviation(speeds.filter(({ t_s }) => t_s > end_s - REST_S).map(({ speed }) => speed));
  const crossing = (level: number) => {
    // The last sample that is still faster: noise before it does not count.
    const last = speeds.findLastIndex(({ speed }) => speed >= level);
    if (last < 0 || last === speeds.length - 1 || !(cruise > 0)) return null;
    const [a, b] = [speeds[last], speeds[last + 1]];
    const at = a.t_s + ((a.speed - level) / (a.speed - b.speed)) * (b.t_s - a.t_s);
    return Math.max(0, at - requested_s);
  };
  return {
    deceleration_s: crossing(SLOWS * cruise),
    standstill_s: crossing(Math.max(STANDS * cruise, NOISE * noise)),
    cruise_rad_per_s: cruise,
  };
}

function meanVelocity(samples: readonly SpeedSample[]): Float64Array {
  const mean = new Float64Array(samples[0]?.velocity.length ?? 0);
  for (const { velocity } of samples) for (let i = 0; i < mean.length; i++) mean[i] += velocity[i] / samples.length;
  return mean;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, values.length - 1));
}

/** Of the trials in which both times were seen. */
export function stopStatistics(responses: readonly StopResponse[]): StopStatistics {
  const seen = responses.flatMap(({ deceleration_s, standstill_s }) =>
    deceleration_s === null || standstill_s === null ? [] : [{ deceleration_s, standstill_s }],
  );
  const starts = seen.map(({ deceleration_s }) => deceleration_s);
  const mean = starts.reduce((a, b) => a + b, 0) / starts.length;
  const [, factor] = TOLERANCE.find(([least]) => starts.length >= least) ?? [0, 0];
  return {
    trials: responses.length,
    seen: seen.length,
    deceleration_s: quantiles(starts),
    standstill_s: quantiles(seen.map(({ standstill_s }) => standstill_s)),
    reaction_bound_s: starts.length === 0 ? Number.NaN : Math.max(...starts, mean + factor * deviation(starts)),
  };
}

function quantiles(values: readonly number[]): Quantiles {
  return { least: quantile(values, 0), median: quantile(values, 0.5), most: quantile(values, 1) };
}
