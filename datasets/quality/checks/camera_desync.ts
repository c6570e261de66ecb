import type { Evidence } from '../evidence.ts';
import { pathOf } from '../motion.ts';
import { type Observation, plotOf } from '../observation.ts';
import type { PictureFeatures } from '../picture_features.ts';
import { bestShift, correlation, differences, interpolate, medianOf } from '../statistics.ts';

/** Lags that are looked at, s. */
const FARTHEST_S = 0.6;
const STEP_S = 0.005;
/** A lag counts from here, s; larger ones are major. */
const LIMIT_S = 0.045;
const MAJOR_S = 0.15;
/** Correlation that a lag must reach, and what it must gain over no lag. */
const LEAST_CORRELATION = 0.3;
const LEAST_GAIN = 0.02;
const FEWEST_PICTURES = 30;
/** Largest difference (s) between the lags of both halves of the episode. */
const HALVES_S = 0.06;

export interface Lag {
  /** Positive: pictures are stamped later than they were taken. */
  readonly lag_s: number;
  /** At that lag and at none. */
  readonly correlation: number;
  readonly at_zero: number;
}

/**
 * Pictures whose stamps do not fit those of the joints: what changes between two pictures goes with the way of the arm in that
 * time, and the shift at which it does best is the lag. Where both halves of the episode do not agree nothing is said.
 */
export function findCameraDesync({ series, cameras }: Evidence): readonly Observation[] {
  const { joints } = series;
  if (joints === null) return [];
  const path = pathOf(joints);
  return cameras.flatMap((camera) => {
    const lag = cameraLag(camera, joints.time_s, path);
    return lag === null ? [] : desyncOf(camera, lag, joints.time_s, path);
  });
}

/** The lag of a camera behind joints; null where too little moves or halves contradict. @param path  rad, at `time_s` */
export function cameraLag(camera: PictureFeatures, time_s: Float64Array, path: Float64Array): Lag | null {
  const n = camera.time_s.length;
  if (n < FEWEST_PICTURES) return null;
  const whole = bestLag(camera, 1, n, time_s, path);
  if (whole.correlation < LEAST_CORRELATION) return null;
  const middle = n >> 1;
  const halves = [bestLag(camera, 1, middle, time_s, path), bestLag(camera, middle, n, time_s, path)];
  const sure = halves.filter((half) => half.correlation > LEAST_CORRELATION);
  return sure.length > 0 && sure.every((half) => Math.abs(half.lag_s - whole.lag_s) <= HALVES_S) ? whole : null;
}

function bestLag(camera: PictureFeatures, from: number, to: number, time_s: Float64Array, path: Float64Array): Lag {
  const seen = Float64Array.from(camera.motion.subarray(from, to), (value) => Math.sqrt(Math.max(0, value || 0)));
  const moved = new Float64Array(seen.length);
  const at = (lag_s: number) => {
    for (let k = 0; k < moved.length; k++) {
      const [before, now] = [camera.time_s[from + k - 1], camera.time_s[from + k]];
      moved[k] = Math.sqrt(
        Math.max(0, interpolate(time_s, path, now - lag_s) - interpolate(time_s, path, before - lag_s)),
      );
    }
    return correlation(seen, moved);
  };
  const { shift, value } = bestShift(at, FARTHEST_S, STEP_S);
  return { lag_s: shift, correlation: value, at_zero: at(0) };
}

function desyncOf(camera: PictureFeatures, lag: Lag, time_s: Float64Array, path: Float64Array): Observation[] {
  const { lag_s, correlation: r, at_zero } = lag;
  const period_s = medianOf(differences(camera.time_s));
  // A lag is known to about a fifth of a period of pictures.
  const limit_s = Math.max(LIMIT_S, period_s / 5);
  if (Math.abs(lag_s) < limit_s || r - at_zero < LEAST_GAIN) return [];
  const late = lag_s > 0 ? 'later' : 'earlier';
  const detail = `${camera.camera}: stamped ${Math.abs(lag_s).toFixed(3)} s ${late} than the joints show (correlation ${r.toFixed(2)}, ${at_zero.toFixed(2)} without a shift), ${limit_s.toFixed(3)} s allowed`;
  const sign = lag_s > 0 ? '-' : '+';
  const fix = `shift ${camera.camera} by ${sign}${Math.abs(lag_s).toFixed(3)} s`;
  const plot = plotOf(`${camera.camera}: share of pixels that change`, camera.time_s, camera.motion);
  const span = {
    from_s: camera.time_s[0],
    to_s: Math.min(time_s[path.length - 1], camera.time_s[camera.time_s.length - 1]),
  };
  return [
    { check: 'camera_desync', severity: Math.abs(lag_s) > MAJOR_S ? 'major' : 'minor', detail, fix, ...span, plot },
  ];
}
