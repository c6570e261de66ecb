import type { Rng } from '../../contracts/index.ts';

/**
 * What a tool pose may differ from its target by, in the target's own axes (after the task space regions of Berenson,
 * Srinivasa and Kuffner, IJRR 30(12), 2011): the tool's origin within a box, its z axis within a cone about the target's,
 * and a turn about z within bounds. Zero bounds ask for the pose itself; yaw from −π to π is any turn about z.
 */
export interface PoseRegion {
  /** Lower and upper bounds along x, y and z (m). */
  readonly position_lower_m: readonly [number, number, number];
  readonly position_upper_m: readonly [number, number, number];
  /** Bounds of the turn about the target's z (rad), within −π and π. */
  readonly yaw_lower_rad: number;
  readonly yaw_upper_rad: number;
  /** Largest angle between the two z axes (rad). */
  readonly tilt_rad: number;
}

/** A region that leaves the turn about the target's z free. */
export const FREE_YAW: PoseRegion = {
  position_lower_m: [0, 0, 0],
  position_upper_m: [0, 0, 0],
  yaw_lower_rad: -Math.PI,
  yaw_upper_rad: Math.PI,
  tilt_rad: 0,
};

/**
 * What brings a tool pose to the nearest pose of a region (root axes; m, then rad), zero inside.
 * @param free  written: two 3×3 row-major projectors, for linear and angular motion, onto the directions that matter
 */
export function regionError(
  target: Float64Array,
  region: PoseRegion,
  tool: Float64Array,
  error: Float64Array,
  free: Float64Array,
): void {
  free.fill(0);
  for (let k = 0; k < 3; k++) error[k] = error[k + 3] = 0;
  for (let k = 0; k < 3; k++) {
    const ax = target[k];
    const ay = target[3 + k];
    const az = target[6 + k];
    const at = ax * (tool[9] - target[9]) + ay * (tool[10] - target[10]) + az * (tool[11] - target[11]);
    const lower = region.position_lower_m[k];
    const upper = region.position_upper_m[k];
    if (at > lower && at < upper) continue;
    const miss = at <= lower ? lower - at : upper - at;
    error[0] += miss * ax;
    error[1] += miss * ay;
    error[2] += miss * az;
    addProjector(free, 0, ax, ay, az);
  }
  // swing: the least turn that brings the tool's z to the target's
  const zx = target[2];
  const zy = target[5];
  const zz = target[8];
  let sx = tool[5] * zz - tool[8] * zy;
  let sy = tool[8] * zx - tool[2] * zz;
  let sz = tool[2] * zy - tool[5] * zx;
  const sine = Math.sqrt(sx * sx + sy * sy + sz * sz);
  const cosine = tool[2] * zx + tool[5] * zy + tool[8] * zz;
  const tilt = Math.atan2(sine, cosine);
  if (sine > 1e-12) {
    sx /= sine;
    sy /= sine;
    sz /= sine;
  } else {
    // opposite or equal: about the tool's own x
    sx = tool[0];
    sy = tool[3];
    sz = tool[6];
  }
  const excess = tilt - region.tilt_rad;
  if (excess >= 0 || region.tilt_rad === 0) {
    error[3] += excess * sx;
    error[4] += excess * sy;
    error[5] += excess * sz;
    if (region.tilt_rad > 0) addProjector(free, 9, sx, sy, sz);
    else {
      addProjector(free, 9, target[0], target[3], target[6]);
      addProjector(free, 9, target[1], target[4], target[7]);
    }
  }
  // twist: what is left about z once the swing is done; the tool's x turned by the swing (Rodrigues)
  const x0 = tool[0];
  const x1 = tool[3];
  const x2 = tool[6];
  const along = (1 - cosine) * (sx * x0 + sy * x1 + sz * x2);
  const tx = cosine * x0 + sine * (sy * x2 - sz * x1) + along * sx;
  const ty = cosine * x1 + sine * (sz * x0 - sx * x2) + along * sy;
  const tz = cosine * x2 + sine * (sx * x1 - sy * x0) + along * sz;
  const yaw = Math.atan2(
    tx * target[1] + ty * target[4] + tz * target[7],
    tx * target[0] + ty * target[3] + tz * target[6],
  );
  if (yaw > region.yaw_lower_rad && yaw < region.yaw_upper_rad) return;
  if (region.yaw_upper_rad - region.yaw_lower_rad >= 2 * Math.PI - 1e-12) return;
  const toLower = wrap(region.yaw_lower_rad - yaw);
  const toUpper = wrap(region.yaw_upper_rad - yaw);
  const miss = Math.abs(toLower) <= Math.abs(toUpper) ? toLower : toUpper;
  error[3] += miss * zx;
  error[4] += miss * zy;
  error[5] += miss * zz;
  addProjector(free, 9, zx, zy, zz);
}

/** Writes a pose of the region, drawn evenly in its bounds (rotation row-major 9, position 3). */
export function samplePoseRegion(target: Float64Array, region: PoseRegion, rng: Rng, out: Float64Array): void {
  const yaw = rng.range(region.yaw_lower_rad, region.yaw_upper_rad);
  const azimuth = rng.range(-Math.PI, Math.PI);
  const tilt = Math.acos(1 - rng.uniform() * (1 - Math.cos(region.tilt_rad)));
  const c = Math.cos(tilt);
  const s = Math.sin(tilt);
  const ux = Math.cos(azimuth);
  const uy = Math.sin(azimuth);
  const [cy, sy] = [Math.cos(yaw), Math.sin(yaw)];
  const e = 1 - c;
  // turn about z, then tilt about an axis of the target's xy plane
  const tilted = [c + e * ux * ux, e * ux * uy, s * uy, e * ux * uy, c + e * uy * uy, -s * ux, -s * uy, s * ux, c];
  for (let r = 0; r < 3; r++) {
    const a = target[3 * r] * tilted[0] + target[3 * r + 1] * tilted[3] + target[3 * r + 2] * tilted[6];
    const b = target[3 * r] * tilted[1] + target[3 * r + 1] * tilted[4] + target[3 * r + 2] * tilted[7];
    out[3 * r] = a * cy + b * sy;
    out[3 * r + 1] = b * cy - a * sy;
    out[3 * r + 2] = target[3 * r] * tilted[2] + target[3 * r + 1] * tilted[5] + target[3 * r + 2] * tilted[8];
    out[9 + r] = target[9 + r];
  }
  for (let k = 0; k < 3; k++) {
    const at = rng.range(region.position_lower_m[k], region.position_upper_m[k]);
    for (let r = 0; r < 3; r++) out[9 + r] += at * target[3 * r + k];
  }
}

function addProjector(out: Float64Array, at: number, x: number, y: number, z: number): void {
  out[at] += x * x;
  out[at + 1] += x * y;
  out[at + 2] += x * z;
  out[at + 3] += x * y;
  out[at + 4] += y * y;
  out[at + 5] += y * z;
  out[at + 6] += x * z;
  out[at + 7] += y * z;
  out[at + 8] += z * z;
}

const wrap = (angle: number): number => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
