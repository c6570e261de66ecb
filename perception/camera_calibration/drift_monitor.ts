import { ArmMatches, type ArmPosture, type ArmSurface } from './arm_surface.ts';
import type { HandPosture, Mounting } from './hand_eye_reprojection.ts';
import { type Intrinsics, rayOfPixel } from './lens_model.ts';
import { ArmMatcher, type DepthPicture } from './match_arm.ts';
import { compose, type RigidTransform } from './rigid_transform.ts';

/** What a monitor of one camera is told of it, and when a movement counts. */
export interface DriftOptions {
  readonly mounting: Mounting;
  readonly width: number;
  readonly height: number;
  /** As calibrated. */
  readonly intrinsics: Intrinsics;
  readonly T_mount_camera: RigidTransform;
  /** Needed for a camera that stands. */
  readonly surface: ArmSurface | null;
  /** Movements that are to be noticed. Defaults 2 mm and 0.3°. */
  readonly shift_m?: number;
  readonly rotation_rad?: number;
}

/** What a monitor makes of the pictures so far; its owner rewrites it at every picture. */
export interface CameraDrift {
  /** The camera stands no more where it was calibrated. */
  moved: boolean;
  /** Estimated movement since then, and its deviation; as large as what is not seen yet may be. */
  shift_m: number;
  shift_sigma_m: number;
  rotation_rad: number;
  rotation_sigma_rad: number;
  /** Pictures looked at. */
  pictures: number;
}

/** Beyond these shares of the movements to be noticed, and this many deviations, a camera counts as moved. */
const ALARM = { share: 0.55, deviations: 2.5 } as const;
/** As above of one axis alone, which may be known when the others are not: of the table, its height and two slopes. */
const AXIS_ALARM = { share: 0.75, deviations: 4 } as const;
/** Such pictures in a row make an alarm. */
const IN_A_ROW = 3;
/** Weight of what was seen before at every picture: some two seconds at 10 Hz. */
const FORGET = 0.95;
/** How far a depth may be from what is expected, m. */
const GATE_M = 0.02;
const GRID_PX = 6;
/** Errors that a picture's points of the arm, or of the table, have in common (m): play and zeros of joints, calibration. */
const COMMON = { arm_m: 0.00035, table_m: 0.0002 } as const;
const HUBER_M = 0.005;
/** What may be of a movement that nothing shows, standard deviations: rad, m. */
const UNSEEN = { rotation_rad: 0.01, shift_m: 0.005 } as const;
/** Table pixels on which a picture says where the table is, and the least share of a picture's depths that are on it. */
const LEAST_POINTS = 60;
const LEAST_SHARE = 0.1;
const MOST_MATCHES = 3000;

/**
 * Notices that a camera has moved since it was calibrated, from the pictures of its ordinary work: depth of the table,
 * and of the arm where its joints put it. Every picture gives the point-to-plane equations of a small movement of the
 * camera; they are summed with forgetting, and solved. `look` allocates nothing.
 */
export class CameraDriftMonitor {
  readonly drift: CameraDrift = {
    moved: false,
    shift_m: 0,
    shift_sigma_m: UNSEEN.shift_m,
    rotation_rad: 0,
    rotation_sigma_rad: UNSEEN.rotation_rad,
    pictures: 0,
  };
  private readonly options: DriftOptions;
  private readonly matcher: ArmMatcher | null;
  private readonly matches: ArmMatches;
  /** Pixels of the grid; ray x, y of every pixel of the picture. */
  private readonly pixels: Int32Array;
  private readonly rays: Float64Array;
  /** A point on its way into the equations: ray (2), depth (m), normal (3, base axes), distance along it (m). */
  private readonly point = new Float64Array(7);
  /** Information and information vector of rotation (3) and translation (3): of one picture, and of all with forgetting. */
  private readonly H = new Float64Array(36);
  private readonly g = new Float64Array(6);
  private readonly H_sum = new Float64Array(36);
  private readonly g_sum = new Float64Array(6);
  private readonly row = new Float64Array(6);
  private readonly T = new Float64Array(12);
  private readonly still = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0);
  private readonly L = new Float64Array(36);
  private readonly delta = new Float64Array(6);
  private readonly unit = new Float64Array(6);
  private readonly variance = new Float64Array(6);
  private used = 0;
  private alarms = 0;
  private lost = 0;

  constructor(options: DriftOptions) {
    const { surface, width, height, intrinsics } = options;
    this.options = options;
    this.matcher = surface === null ? null : new ArmMatcher(surface, width, height);
    this.matches = new ArmMatches(surface === null ? 0 : MOST_MATCHES, surface?.joints ?? 0);
    const pixels: number[] = [];
    for (let v = GRID_PX >> 1; v < height; v += GRID_PX) {
      for (let u = GRID_PX >> 1; u < width; u += GRID_PX) pixels.push(v * width + u);
    }
    this.pixels = Int32Array.from(pixels);
    this.rays = new Float64Array(2 * width * height);
    const ray = new Float64Array(2);
    for (let i = 0; i < width * height; i++) {
      rayOfPixel(intrinsics, i % width, Math.floor(i / width), ray);
      this.rays.set(ray, 2 * i);
    }
  }

  /** Takes one picture and where the arm was at its exposure; the answer is `drift`. */
  look(depth: DepthPicture, hand: HandPosture, arm: ArmPosture): CameraDrift {
    const { options, matcher, matches, H_sum, g_sum, T } = this;
    const inHand = options.mounting === 'eye_in_hand';
    const B = inHand ? hand.T_base_hand : this.still;
    compose(B, options.T_mount_camera, T);
    for (let i = 0; i < 36; i++) H_sum[i] *= FORGET;
    for (let i = 0; i < 6; i++) g_sum[i] *= FORGET;
    const share = this.lookAtTable(depth, B);
    this.lost = share < LEAST_SHARE ? this.lost + 1 : 0;
    if (matcher !== null) {
      matches.count = 0;
      matcher.match(arm, depth, options.intrinsics, T, GATE_M, matches);
      this.lookAtArm(B);
    }
    this.solve();
    return this.judge();
  }

  /** Forgets everything, as after a new calibration. */
  reset(): void {
    this.H_sum.fill(0);
    this.g_sum.fill(0);
    this.alarms = 0;
    this.lost = 0;
    this.drift.pictures = 0;
    this.drift.moved = false;
  }

  /** Adds what the table says; returns the share of depths that are on it. */
  private lookAtTable({ data }: DepthPicture, B: RigidTransform): number {
    const { pixels, rays, T, point } = this;
    let valid = 0;
    this.begin();
    for (let i = 0; i < pixels.length; i++) {
      const at = pixels[i];
      const z = data[at];
      if (!(z > 0)) continue;
      valid++;
      const height = z * (T[6] * rays[2 * at] + T[7] * rays[2 * at + 1] + T[8]) + T[11];
      if (Math.abs(height) > GATE_M) continue;
      point[0] = rays[2 * at];
      point[1] = rays[2 * at + 1];
      point[2] = z;
      point[3] = 0;
      point[4] = 0;
      point[5] = 1;
      point[6] = height;
      this.add(B);
    }
    if (this.used >= LEAST_POINTS) this.end(COMMON.table_m);
    return valid > 0 ? this.used / valid : 1;
  }

  private lookAtArm(B: RigidTransform): void {
    const { matches, T, rays, options, point } = this;
    const { data } = matches;
    this.begin();
    for (let i = 0; i < matches.count; i++) {
      const o = 9 * i;
      const at = 2 * (data[o + 1] * options.width + data[o]);
      const z = data[o + 2];
      const x = z * (T[0] * rays[at] + T[1] * rays[at + 1] + T[2]) + T[9];
      const y = z * (T[3] * rays[at] + T[4] * rays[at + 1] + T[5]) + T[10];
      const w = z * (T[6] * rays[at] + T[7] * rays[at + 1] + T[8]) + T[11];
      point[0] = rays[at];
      point[1] = rays[at + 1];
      point[2] = z;
      for (let k = 3; k < 6; k++) point[k] = data[o + k];
      point[6] = point[3] * (x - data[o + 6]) + point[4] * (y - data[o + 7]) + point[5] * (w - data[o + 8]);
      this.add(B);
    }
    if (this.used >= LEAST_POINTS) this.end(COMMON.arm_m);
  }

  private begin(): void {
    this.H.fill(0);
    this.g.fill(0);
    this.used = 0;
  }

  /** Adds `point`: how its distance from where it belongs changes as the camera moves. */
  private add(B: RigidTransform): void {
    const { row, H, g, point } = this;
    const x = point[0];
    const y = point[1];
    const z = point[2];
    const nx = point[3];
    const ny = point[4];
    const nz = point[5];
    const r = point[6];
    const X = this.options.T_mount_camera;
    const m0 = B[0] * nx + B[3] * ny + B[6] * nz;
    const m1 = B[1] * nx + B[4] * ny + B[7] * nz;
    const m2 = B[2] * nx + B[5] * ny + B[8] * nz;
    const d0 = z * (X[0] * x + X[1] * y + X[2]);
    const d1 = z * (X[3] * x + X[4] * y + X[5]);
    const d2 = z * (X[6] * x + X[7] * y + X[8]);
    row[0] = d1 * m2 - d2 * m1;
    row[1] = d2 * m0 - d0 * m2;
    row[2] = d0 * m1 - d1 * m0;
    row[3] = m0;
    row[4] = m1;
    row[5] = m2;
    const weight = Math.abs(r) > HUBER_M ? HUBER_M / Math.abs(r) : 1;
    for (let i = 0; i < 6; i++) {
      const w = weight * row[i];
      g[i] += w * r;
      for (let k = 0; k <= i; k++) H[6 * i + k] += w * row[k];
    }
    this.used++;
  }

  /** Sums up a picture's points as one measurement with an error that they have in common. */
  private end(sigma_m: number): void {
    const { H, g, H_sum, g_sum, used } = this;
    const weight = 1 / (used * sigma_m * sigma_m);
    for (let i = 0; i < 36; i++) H_sum[i] += weight * H[i];
    for (let i = 0; i < 6; i++) g_sum[i] += weight * g[i];
  }

  /** Movement and its variances: the believed pose moved by `delta` makes the distances least. */
  private solve(): void {
    const { H_sum, g_sum, L, delta, unit, variance } = this;
    for (let i = 0; i < 6; i++) {
      const unseen = i < 3 ? UNSEEN.rotation_rad : UNSEEN.shift_m;
      for (let k = 0; k <= i; k++) L[6 * i + k] = H_sum[6 * i + k];
      L[7 * i] += 1 / (unseen * unseen);
    }
    for (let j = 0; j < 6; j++) {
      for (let k = 0; k < j; k++) L[7 * j] -= L[6 * j + k] * L[6 * j + k];
      const d = Math.sqrt(L[7 * j]);
      L[7 * j] = d;
      for (let i = j + 1; i < 6; i++) {
        for (let k = 0; k < j; k++) L[6 * i + j] -= L[6 * i + k] * L[6 * j + k];
        L[6 * i + j] /= d;
      }
    }
    for (let i = 0; i < 6; i++) delta[i] = -g_sum[i];
    this.substitute(delta);
    for (let i = 0; i < 6; i++) {
      unit.fill(0);
      unit[i] = 1;
      this.substitute(unit);
      variance[i] = unit[i];
    }
  }

  private substitute(x: Float64Array): void {
    const { L } = this;
    for (let i = 0; i < 6; i++) {
      for (let k = 0; k < i; k++) x[i] -= L[6 * i + k] * x[k];
      x[i] /= L[7 * i];
    }
    for (let i = 5; i >= 0; i--) {
      for (let k = i + 1; k < 6; k++) x[i] -= L[6 * k + i] * x[k];
      x[i] /= L[7 * i];
    }
  }

  private judge(): CameraDrift {
    const { drift, delta, variance, options } = this;
    const { shift_m = 0.002, rotation_rad = 0.3 * (Math.PI / 180) } = options;
    drift.pictures++;
    drift.rotation_rad = Math.sqrt(delta[0] ** 2 + delta[1] ** 2 + delta[2] ** 2);
    drift.shift_m = Math.sqrt(delta[3] ** 2 + delta[4] ** 2 + delta[5] ** 2);
    drift.rotation_sigma_rad = Math.sqrt(Math.max(variance[0], variance[1], variance[2]));
    drift.shift_sigma_m = Math.sqrt(Math.max(variance[3], variance[4], variance[5]));
    const shifted = drift.shift_m > ALARM.share * shift_m && drift.shift_m > ALARM.deviations * drift.shift_sigma_m;
    const turned =
      drift.rotation_rad > ALARM.share * rotation_rad &&
      drift.rotation_rad > ALARM.deviations * drift.rotation_sigma_rad;
    const alarm = shifted || turned || this.axisMoved(0, rotation_rad) || this.axisMoved(3, shift_m);
    this.alarms = alarm ? this.alarms + 1 : 0;
    drift.moved = this.alarms >= IN_A_ROW || this.lost >= IN_A_ROW;
    return drift;
  }

  /** Whether the movement along or about one of three axes is beyond what is to be noticed, and known to be. */
  private axisMoved(first: number, least: number): boolean {
    const { delta, variance } = this;
    for (let i = first; i < first + 3; i++) {
      const size = Math.abs(delta[i]);
      if (size > AXIS_ALARM.share * least && size > AXIS_ALARM.deviations * Math.sqrt(variance[i])) return true;
    }
    return false;
  }
}
