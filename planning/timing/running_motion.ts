import { InputError } from '../../contracts/index.ts';
import { blendWithin, packPolyline } from './blend.ts';
import { limitJerk, longestWindow } from './jerk_filter.ts';
import type { MotionLimits } from './limits.ts';
import { cutPolyline } from './polyline.ts';
import type { QuadraticPath } from './quadratic_path.ts';
import type { SplineMotion } from './spline_motion.ts';
import type { TimeLaw } from './time_law.ts';
import { CORNER_RAD, checkPath, fastestLaw, gentler, reserved, type TimePathOptions } from './time_path.ts';

/** Another motion, or why the arm cannot go over to it. */
export type Redirected =
  | { readonly ok: true; readonly motion: RunningMotion }
  | { readonly ok: false; readonly reason: string };

/**
 * A timed polyline that can be given another way while it is travelled. Its times, and the polylines of its changes, count
 * from its first start.
 */
export class RunningMotion {
  readonly motion: SplineMotion;
  /** The polyline that it keeps within a millirad of, from the first start on. */
  readonly path: readonly Float64Array[];
  private readonly curve: QuadraticPath;
  /** What is travelled before its jerk is limited, by the law from row `first` and s `from` on. */
  private readonly raw: Float64Array;
  private readonly law: TimeLaw;
  private readonly first: number;
  private readonly from: number;
  private readonly limits: MotionLimits;
  private readonly options: TimePathOptions;

  /** From rest to rest, as timePath, at most one longest mean longer. Throws InputError for a path without length. */
  static start(path: readonly Float64Array[], limits: MotionLimits, options: TimePathOptions = {}): RunningMotion {
    const { dt_s = DT_S } = options;
    const curve = curveOf(path, limits.velocity.length, options);
    const motions = gentler(reserved(limits), options).map((kept) => {
      const law = fastestLaw(curve, kept, options);
      if (law === null) throw new RangeError('RunningMotion: a start at rest is always possible');
      const raw = law.sample(dt_s);
      const motion = limitJerk(raw, curve.n, kept, dt_s, windowOf(kept, dt_s));
      return new RunningMotion({ motion, path, curve, raw, law, first: 0, from: 0, limits: kept, options });
    });
    return motions.reduce((best, each) => (each.motion.duration_s < best.motion.duration_s ? each : best));
  }

  private constructor(parts: {
    motion: SplineMotion;
    path: readonly Float64Array[];
    curve: QuadraticPath;
    raw: Float64Array;
    law: TimeLaw;
    first: number;
    from: number;
    limits: MotionLimits;
    options: TimePathOptions;
  }) {
    this.motion = parts.motion;
    this.path = parts.path;
    this.curve = parts.curve;
    this.raw = parts.raw;
    this.law = parts.law;
    this.first = parts.first;
    this.from = parts.from;
    this.limits = parts.limits;
    this.options = parts.options;
  }

  /** How far along its polyline a change at this time can begin (rad): the other path must not leave it before. */
  committed_rad(at_s: number): number {
    const dt_s = this.motion.dt_s;
    const row = Math.ceil(at_s / dt_s - 1e-9);
    return this.from + this.law.at((row - this.first) * dt_s).s;
  }

  /**
   * The motion that is this one until `at_s` (s), exactly, and then goes on along another path, without stopping and within
   * the limits.
   * @param path  polyline from the first start on, the same as this motion's as far as `committed_rad` and a corner beyond
   */
  redirect(path: readonly Float64Array[], at_s: number): Redirected {
    const { motion, limits, options } = this;
    const { dt_s, n } = motion;
    const row = Math.ceil(at_s / dt_s - 1e-9);
    if (row < this.first) return no(`${at_s} s lies before the last change, at ${this.first * dt_s} s`);
    const { s, speed } = this.law.at((row - this.first) * dt_s);
    const curve = curveOf(path, n, options);
    const here = this.from + s;
    const common = curve.commonLength(this.curve);
    if (here > common || here >= curve.length) {
      return no(
        `the other path leaves this one at ${common.toFixed(4)} rad; the arm is at ${here.toFixed(4)} rad then`,
      );
    }
    const past = this.raw.subarray(0, Math.min(row * n, this.raw.length));
    const law = fastestLaw(curve.after(here), limits, options, speed);
    if (law === null) return no(`${speed.toFixed(3)} rad/s is too fast for the bends of the other path`);
    const raw = joined(past, law.sample(dt_s));
    const next = limitJerk(raw, n, limits, dt_s, windowOf(limits, dt_s));
    const redirected = { motion: next, path, curve, raw, law, first: row, from: here, limits, options };
    return { ok: true, motion: new RunningMotion(redirected) };
  }

  /**
   * The motion that is this one until `at_s` (s), exactly, and then comes to rest on its path as soon as the limits allow.
   * RangeError for a time before the last change.
   */
  stop(at_s: number): RunningMotion {
    const { motion, limits, options, curve } = this;
    const { dt_s, n } = motion;
    const row = Math.ceil(at_s / dt_s - 1e-9);
    if (row < this.first) throw new RangeError(`${at_s} s lies before the last change, at ${this.first * dt_s} s`);
    const { s, speed } = this.law.at((row - this.first) * dt_s);
    const here = this.from + s;
    if (curve.length - here < LEAST_WAY_RAD) return this;
    const rest = curve.after(here);
    const within = (way: number) => fastestLaw(rest.before(way), limits, options, speed);
    let [too_short, way] = [0, Math.min(LEAST_WAY_RAD, rest.length)];
    let law = within(way);
    while (law === null && way < rest.length) {
      too_short = way;
      way = Math.min(2 * way, rest.length);
      law = within(way);
    }
    if (law === null) return this;
    while (too_short > 0 && way - too_short > STOP_ACCURACY * way) {
      const middle = (way + too_short) / 2;
      const found = within(middle);
      if (found === null) too_short = middle;
      else [way, law] = [middle, found];
    }
    const raw = joined(this.raw.subarray(0, Math.min(row * n, this.raw.length)), law.sample(dt_s));
    const stopped = limitJerk(raw, n, limits, dt_s, windowOf(limits, dt_s));
    const end = here + way;
    const path = cutPolyline(this.path, end);
    return new RunningMotion({
      motion: stopped,
      path,
      curve: curve.before(end),
      raw,
      law,
      first: row,
      from: here,
      limits,
      options,
    });
  }
}

/** Samples of the mean: one for all changes, long enough for any. */
function windowOf(limits: MotionLimits, dt_s: number): number {
  return Math.round(longestWindow(limits, dt_s) / dt_s);
}

function curveOf(path: readonly Float64Array[], n: number, options: TimePathOptions): QuadraticPath {
  checkPath(path, n, options.dt_s ?? DT_S);
  const points = packPolyline(path, n);
  if (points.length <= n) throw new InputError('a path without length', 'two different points at least');
  return blendWithin(points, n, options.corner_rad ?? CORNER_RAD);
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

const no = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason });

const DT_S = 0.001;
/** The shortest way to a stop that is looked for (rad), and how closely, as part of the way. */
const LEAST_WAY_RAD = 1e-3;
const STOP_ACCURACY = 0.03;
