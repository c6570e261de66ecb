import { cornerRoom, packPolyline, turnAt } from './blend.ts';
import { legLength, type QuadraticPath, roundPolyline } from './quadratic_path.ts';

/** Whether the straight segment from a to b is free of contact; b is checked, a is not. */
export type SegmentTest = (a: Float64Array, ao: number, b: Float64Array, bo: number) => boolean;

export interface BlendOptions {
  /** How far the returned polyline may leave the curve (rad). */
  readonly chord_rad?: number;
  /** Longest leg of the returned polyline (rad). */
  readonly spacing_rad?: number;
}

/**
 * Rounds the corners of a free polyline by parabolic arcs as large as stay free: an arc begins with all the room between
 * its neighbours and is halved until its chords are free; a corner that stays occupied keeps its point. Returns the points
 * of the curve, dense enough that timePath follows it closely.
 */
export function blendCorners(
  path: readonly Float64Array[],
  n: number,
  free: SegmentTest,
  options: BlendOptions = {},
): Float64Array[] {
  const { chord_rad = CHORD_RAD, spacing_rad = SPACING_RAD } = options;
  const points = packPolyline(path, n);
  const count = points.length / n;
  if (count < 2) return path.slice(0, 1).map((point) => point.slice(0, n));
  const blend = new Float64Array(count);
  const shrunk = new Uint8Array(count);
  for (let i = 1; i < count - 1; i++) {
    const room = cornerRoom(points, n, i);
    blend[i] = largestFree(points, n, i, room, chord_rad, free);
    shrunk[i] = blend[i] < room ? 1 : 0;
  }
  for (let i = 1; i < count - 1; i++) {
    const room = Math.min(legLength(points, n, i) - blend[i - 1], legLength(points, n, i + 1) - blend[i + 1]);
    if (shrunk[i] === 1 || room < GROWTH * blend[i]) continue;
    if (arcFree(points, n, i, room, chord_rad, free)) blend[i] = room;
  }
  return densePoints(roundPolyline(points, n, blend), chord_rad, spacing_rad);
}

/** Points of a curve: `chord_rad` bounds how far its legs leave it, `spacing_rad` their length. */
export function densePoints(curve: QuadraticPath, chord_rad: number, spacing_rad: number): Float64Array[] {
  const { n, pieces, s, ddq } = curve;
  const dense = [curve.start.slice()];
  for (let i = 0; i < pieces; i++) {
    const length = s[i + 1] - s[i];
    let bend2 = 0;
    for (let j = 0; j < n; j++) bend2 += ddq[i * n + j] ** 2;
    const step = Math.min(spacing_rad, Math.sqrt((8 * chord_rad) / Math.sqrt(bend2)));
    const cuts = Math.max(bend2 > 0 ? 2 : 1, Math.ceil(length / step - 1e-9));
    for (let k = 1; k <= cuts; k++) {
      const point = new Float64Array(n);
      curve.write(i, (length * k) / cuts, point, 0);
      dense.push(point);
    }
  }
  dense[dense.length - 1].set(curve.end);
  return dense;
}

function largestFree(
  points: Float64Array,
  n: number,
  i: number,
  room: number,
  chord_rad: number,
  free: SegmentTest,
): number {
  const turn = turnAt(points, n, i);
  for (let d = room; (d * turn) / 4 > LEAST_CUT_RAD; d /= 2) {
    if (arcFree(points, n, i, d, chord_rad, free)) return d;
  }
  return 0;
}

/** Whether the chords of an arc of side d at corner i are free. */
function arcFree(points: Float64Array, n: number, i: number, d: number, chord_rad: number, free: SegmentTest): boolean {
  const before = legLength(points, n, i);
  const after = legLength(points, n, i + 1);
  const bend = turnAt(points, n, i) / (2 * d);
  const cuts = Math.max(2, Math.ceil((2 * d) / Math.sqrt((8 * chord_rad) / bend)));
  const arc = new Float64Array((cuts + 1) * n);
  for (let k = 0; k <= cuts; k++) {
    const t = k / cuts;
    for (let j = 0; j < n; j++) {
      const p = points[i * n + j];
      const from = ((points[(i - 1) * n + j] - p) * d) / before;
      const to = ((points[(i + 1) * n + j] - p) * d) / after;
      arc[k * n + j] = p + (1 - t) * (1 - t) * from + t * t * to;
    }
  }
  for (let k = 1; k <= cuts; k++) if (!free(arc, (k - 1) * n, arc, k * n)) return false;
  return true;
}

const CHORD_RAD = 1e-4;
const SPACING_RAD = 0.05;
/** An arc that cuts its corner by less than this is not worth a check (rad). */
const LEAST_CUT_RAD = 5e-4;
/** An arc is widened into room its neighbours left only where it gains by this factor. */
const GROWTH = 1.1;
