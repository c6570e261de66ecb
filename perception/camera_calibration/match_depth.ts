import { ArmMatches, type ArmPosture } from './arm_surface.ts';
import { cameraInBase, type DepthView, distances, type RegistrationState } from './depth_registration.ts';
import type { HandPosture, Mounting } from './hand_eye_reprojection.ts';
import { type Intrinsics, rayOfPixel } from './lens_model.ts';
import type { ArmMatcher, DepthPicture } from './match_arm.ts';
import type { RigidTransform } from './rigid_transform.ts';

/** A depth picture and where the arm was. */
export interface MotionShot {
  readonly depth: DepthPicture;
  readonly hand: HandPosture;
  readonly arm: ArmPosture;
  /** Corners of a region of the picture that is neither arm nor table, u and v two each, in order; none by default. */
  readonly besides?: Float64Array;
}

/** Every so many pixels of the table count, along rows and columns. */
const TABLE_STEP_PX = { overview: 9, hand: 5 } as const;
const LEAST_SIGMA_M = 0.0003;
const MAD = 1.4826;
/** How well tables are taken to lie at height 0 and level, standard deviations. */
export const TABLE_SIGMA = { height_m: 0.0005, tilt_rad: 0.0005 } as const;

/** What a depth picture shows of arm and table where they are expected. */
export function matchDepth(
  { depth, hand, arm, besides }: MotionShot,
  index: number,
  state: RegistrationState,
  matcher: ArmMatcher | null,
  gate_m: number,
  mounting: Mounting,
): DepthView {
  const T = cameraInBase(mounting, state, index, hand);
  const matches = matcher === null ? null : new ArmMatches(depth.width * 16, hand.joints.length / 6);
  if (matches !== null) matcher?.match(arm, depth, state.intrinsics, T, gate_m, matches);
  const step = mounting === 'eye_in_hand' ? TABLE_STEP_PX.hand : TABLE_STEP_PX.overview;
  return {
    posture: hand,
    arm: matches,
    table: tablePixels(depth, state.intrinsics, T, state.table, gate_m, step, besides),
  };
}

/** Pixels whose points lie on the table to within a gate: u, v, depth, three each. */
function tablePixels(
  { width, height, data }: DepthPicture,
  f: Intrinsics,
  T: RigidTransform,
  table: Float64Array,
  gate_m: number,
  step: number,
  besides: Float64Array = NOTHING,
): Float64Array {
  const pixels: number[] = [];
  const ray = new Float64Array(2);
  for (let v = step >> 1; v < height; v += step) {
    for (let u = step >> 1; u < width; u += step) {
      const z = data[v * width + u];
      if (!(z > 0) || insideConvex(besides, u, v)) continue;
      rayOfPixel(f, u, v, ray);
      const at = (r: number) => z * (T[3 * r] * ray[0] + T[3 * r + 1] * ray[1] + T[3 * r + 2]) + T[9 + r];
      if (Math.abs(at(2) - table[0] - table[1] * at(0) - table[2] * at(1)) < gate_m) pixels.push(u, v, z);
    }
  }
  return Float64Array.from(pixels);
}

const NOTHING = new Float64Array(0);

/** Whether a pixel is inside a convex polygon, whichever way round its corners are given. */
function insideConvex(corners: Float64Array, u: number, v: number): boolean {
  let sign = 0;
  for (let i = 0; i < corners.length; i += 2) {
    const next = (i + 2) % corners.length;
    const side =
      (corners[next] - corners[i]) * (v - corners[i + 1]) - (corners[next + 1] - corners[i + 1]) * (u - corners[i]);
    if (sign !== 0 && Math.sign(side) === -sign) return false;
    sign = sign === 0 ? Math.sign(side) : sign;
  }
  return corners.length > 0;
}

/** Deviations at 1 m of distances from arm and table, m, by their medians. */
export function spreads(
  views: readonly DepthView[],
  state: RegistrationState,
  mounting: Mounting,
): { arm: number; table: number } {
  const { arm, table } = distances(mounting, state, views);
  const scaled = (of: number[][], z: (view: number, i: number) => number) =>
    MAD * median(of.flatMap((values, view) => values.map((value, i) => Math.abs(value) / z(view, i) ** 2)));
  return {
    arm: Math.max(
      LEAST_SIGMA_M,
      scaled(arm, (view, i) => views[view].arm?.data[9 * i + 2] ?? 1),
    ),
    table: Math.max(
      LEAST_SIGMA_M,
      scaled(table, (view, i) => views[view].table[3 * i + 2]),
    ),
  };
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)];
}
