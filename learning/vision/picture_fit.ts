import { type CameraLimits, type PictureTest, scoreOf, type TestLimit } from '../../perception/index.ts';

/** What every test measured of one picture; NaN for what it does not show. */
export type TestValues = Readonly<Record<string, number>>;

/** Bisections of the level at which all tests are cut off. */
const STEPS = 30;

/** Limits of every test at one quantile of sound pictures; values between two of them are interpolated. */
export function limitsAt(tests: readonly PictureTest[], sound: readonly TestValues[], level: number): CameraLimits {
  const limits: Record<string, TestLimit> = {};
  for (const { name, side } of tests) {
    const values = sound.map((picture) => picture[name]).filter((value) => !Number.isNaN(value));
    if (values.length < 2) continue;
    values.sort((a, b) => a - b);
    const middle = quantile(values, 0.5);
    const end = quantile(values, side === 'high' ? level : 1 - level);
    // Sound pictures that are all alike still leave room for what counts as one step of the test.
    const least = LEAST_ROOM[name] ?? 0;
    const room = Math.max(Math.abs(end - middle), least);
    const limit = side === 'high' ? middle + room : middle - room;
    limits[name] = { middle, limit: Math.min(limit, NO_HIGHER[name] ?? limit) };
  }
  return limits;
}

/** Where a test's sound pictures are nearly all the same: shares and lengths that are no fault yet. */
const LEAST_ROOM: Readonly<Record<string, number>> = {
  dark_high: 0.05,
  patch_dark_high: 0.3,
  near_high: 0.02,
  white_high: 0.05,
  white_jumps_high: 0.05,
  lost_high: 0.01,
  halo_high: 0.03,
  repeat_colour_high: 0.5,
  repeat_depth_high: 0.5,
  age_s_high: 0.1,
  age_s_low: 0.1,
  surface_high: 0.0002,
  outline_high: 0.2,
  unclaimed_high: 0.0001,
};

/** A table in glaring light is one white but for some levels, and what stands on it is seen still. */
const NO_HIGHER: Readonly<Record<string, number>> = { spread_low: 1.5 };

function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** The worst score over all tests of a picture: flagged from over 1 on. */
export function pictureScore(limits: CameraLimits, values: TestValues): number {
  let worst = 0;
  for (const name of Object.keys(limits)) worst = Math.max(worst, scoreOf(values[name], limits[name]));
  return worst;
}

/** Limits of all tests at the same quantile, the one at which this share of sound pictures is flagged by any of them. */
export function fitLimits(
  tests: readonly PictureTest[],
  sound: readonly TestValues[],
  false_alarms: number,
): CameraLimits {
  const flagged = (limits: CameraLimits): number =>
    sound.filter((values) => pictureScore(limits, values) > 1).length / sound.length;
  let [low, high] = [0.5, 1];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (flagged(limitsAt(tests, sound, middle)) > false_alarms) low = middle;
    else high = middle;
  }
  return limitsAt(tests, sound, high);
}

/** Where the scale of a test ends, if sound pictures come near to it. */
const ENDS: Readonly<Record<string, number>> = {
  spread_low: 0,
  blown_high: 1,
  white_high: 1,
  agree_low: 0,
  patch_agree_low: 0,
};

/** Limits that are farther from the middle by a factor; as they are where that would be beyond the end of a test's scale. */
export function widened(limits: CameraLimits, factor: number): CameraLimits {
  return Object.fromEntries(
    Object.entries(limits).map(([name, { middle, limit }]) => {
      const wide = middle + factor * (limit - middle);
      const end = ENDS[name];
      const beyond = end !== undefined && (limit > middle ? wide >= end : wide <= end);
      return [name, { middle, limit: beyond ? limit : wide }];
    }),
  );
}
