import type { ArmMatches, ArmPosture, ArmSurface } from './arm_surface.ts';
import { createProjection, type Intrinsics, project } from './lens_model.ts';
import type { RigidTransform } from './rigid_transform.ts';

/** A depth picture, m, 0 for none. */
export interface DepthPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Surfaces seen at a more grazing angle than this cosine are left out: their edges fray. */
const LEAST_FACING = 0.4;
/** How far a point may stand behind the nearest one around its pixel, m. */
const HIDDEN_M = 0.006;
/** Points hide what is behind them within this many pixels. */
const SPLAT_PX = 2;
/** What is kept of a point that faces the camera: pixel, optical depth, normal and place in the base, its number. */
const STRIDE = 10;

/**
 * Finds which points of an arm's surface a camera sees where the encoders have them: those that face it, are not behind
 * others, and where the picture's depth is near along the ray: projective data association (Blais and Levine, PAMI 17,
 * 1995). Allocates nothing after construction.
 */
export class ArmMatcher {
  private readonly surface: ArmSurface;
  private readonly width: number;
  private readonly height: number;
  /** Depth of the nearest point around every pixel, m. */
  private readonly nearest: Float32Array;
  private readonly facing: Float64Array;
  private readonly projection = createProjection();

  constructor(surface: ArmSurface, width: number, height: number) {
    this.surface = surface;
    this.width = width;
    this.height = height;
    this.nearest = new Float32Array(width * height);
    this.facing = new Float64Array(STRIDE * surface.body.length);
  }

  /**
   * Adds the matches of one picture to `out`, as many as it holds.
   * @param T  where the camera is taken to be, T_base_camera
   * @param gate_m  how far a measured depth may be from the point's
   */
  match(
    posture: ArmPosture,
    picture: DepthPicture,
    f: Intrinsics,
    T: RigidTransform,
    gate_m: number,
    out: ArmMatches,
  ): void {
    const { facing, nearest, width, surface } = this;
    const count = this.show(posture, f, T);
    const S = posture.joints;
    for (let i = 0; i < count && out.count < out.capacity; i++) {
      const o = STRIDE * i;
      const u = Math.round(facing[o]);
      const v = Math.round(facing[o + 1]);
      const z = facing[o + 2];
      const measured = picture.data[v * width + u];
      if (!(measured > 0) || Math.abs(measured - z) > gate_m || z > nearest[v * width + u] + HIDDEN_M) continue;
      const { data, slopes } = out;
      const k = 9 * out.count;
      data[k] = u;
      data[k + 1] = v;
      data[k + 2] = measured;
      for (let r = 0; r < 6; r++) data[k + 3 + r] = facing[o + 3 + r];
      const nx = data[k + 3];
      const ny = data[k + 4];
      const nz = data[k + 5];
      const px = data[k + 6];
      const py = data[k + 7];
      const pz = data[k + 8];
      const moves = surface.joints * surface.body[facing[o + 9]];
      for (let j = 0; j < surface.joints; j++) {
        const s = 6 * j;
        const slope =
          nx * (S[s + 1] * pz - S[s + 2] * py + S[s + 3]) +
          ny * (S[s + 2] * px - S[s] * pz + S[s + 4]) +
          nz * (S[s] * py - S[s + 1] * px + S[s + 5]);
        slopes[surface.joints * out.count + j] = surface.moves[moves + j] === 1 ? slope : 0;
      }
      out.count++;
    }
  }

  /** Points that face the camera inside the picture into `facing`, and what they hide into `nearest`; says how many. */
  private show({ R, p }: ArmPosture, f: Intrinsics, T: RigidTransform): number {
    const { surface, facing, nearest, projection, width, height } = this;
    const { points, normals, body } = surface;
    nearest.fill(Infinity);
    let count = 0;
    for (let i = 0; i < body.length; i++) {
      const r = 9 * body[i];
      const t = 3 * body[i];
      const k = 3 * i;
      const x = R[r] * points[k] + R[r + 1] * points[k + 1] + R[r + 2] * points[k + 2] + p[t];
      const y = R[r + 3] * points[k] + R[r + 4] * points[k + 1] + R[r + 5] * points[k + 2] + p[t + 1];
      const z = R[r + 6] * points[k] + R[r + 7] * points[k + 1] + R[r + 8] * points[k + 2] + p[t + 2];
      const dx = x - T[9];
      const dy = y - T[10];
      const dz = z - T[11];
      const depth = T[2] * dx + T[5] * dy + T[8] * dz;
      if (!(depth > 0.05)) continue;
      const nx = R[r] * normals[k] + R[r + 1] * normals[k + 1] + R[r + 2] * normals[k + 2];
      const ny = R[r + 3] * normals[k] + R[r + 4] * normals[k + 1] + R[r + 5] * normals[k + 2];
      const nz = R[r + 6] * normals[k] + R[r + 7] * normals[k + 1] + R[r + 8] * normals[k + 2];
      const towards = -(nx * dx + ny * dy + nz * dz);
      if (towards <= 0) continue;
      projection.point[0] = T[0] * dx + T[3] * dy + T[6] * dz;
      projection.point[1] = T[1] * dx + T[4] * dy + T[7] * dz;
      projection.point[2] = depth;
      project(f, projection);
      const { u, v } = projection;
      if (!(u > SPLAT_PX && v > SPLAT_PX && u < width - 1 - SPLAT_PX && v < height - 1 - SPLAT_PX)) continue;
      const row = Math.round(v);
      const column = Math.round(u);
      for (let y = row - SPLAT_PX; y <= row + SPLAT_PX; y++) {
        for (let at = y * width + column - SPLAT_PX; at <= y * width + column + SPLAT_PX; at++) {
          if (depth < nearest[at]) nearest[at] = depth;
        }
      }
      if (towards < LEAST_FACING * Math.sqrt(dx * dx + dy * dy + dz * dz)) continue;
      const o = STRIDE * count++;
      facing[o] = u;
      facing[o + 1] = v;
      facing[o + 2] = depth;
      facing[o + 3] = nx;
      facing[o + 4] = ny;
      facing[o + 5] = nz;
      facing[o + 6] = x;
      facing[o + 7] = y;
      facing[o + 8] = z;
      facing[o + 9] = i;
    }
    return count;
  }
}
