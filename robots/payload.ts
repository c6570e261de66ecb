import { InputError, type Vector3 } from '../contracts/index.ts';
import type { Robot } from './robot.ts';

/** A rigid body fixed to the tool. */
export interface Payload {
  readonly mass_kg: number;
  /** Centre of mass in the tool frame (m); its origin by default. */
  readonly com_m?: Vector3;
  /** About the centre of mass, axes of the tool frame: xx yy zz xy xz yz (kg m²); a point mass by default. */
  readonly inertia?: readonly number[];
}

/**
 * The robot with `payload` fixed to the body of its tool frame: masses add, the centres of mass by the lever rule, the
 * inertias by Steiner's. Throws InputError for a payload that no body has.
 */
export function withPayload(robot: Robot, payload: Payload): Robot {
  const { model } = robot;
  const { mass_kg: m, com_m = [0, 0, 0], inertia = [0, 0, 0, 0, 0, 0] } = payload;
  check(robot, m, com_m, inertia);
  const tool = model.frames.find(({ name }) => name === robot.tcp_frame);
  if (tool === undefined || tool.body < 0) {
    throw new InputError(`payload on ${robot.name}`, `needs a moving tool frame; ${robot.tcp_frame} is none`);
  }
  const b = tool.body;
  const { R, p } = tool;
  const rotate = (v: ArrayLike<number>, i: number) => R[3 * i] * v[0] + R[3 * i + 1] * v[1] + R[3 * i + 2] * v[2];
  const at = [0, 1, 2].map((i) => p[i] + rotate(com_m, i));
  // R I Rᵀ, as the columns of I turned and turned again.
  const I = matrix(inertia);
  const turned = [0, 1, 2].map((j) => [0, 1, 2].map((i) => rotate(I[j], i)));
  const own = [0, 1, 2].map((i) => [0, 1, 2].map((j) => rotate([turned[0][j], turned[1][j], turned[2][j]], i)));

  const mass = Float64Array.from(model.mass);
  const com = Float64Array.from(model.com);
  const moments = Float64Array.from(model.inertia);
  const M = model.mass[b];
  const link = [0, 1, 2].map((k) => model.com[3 * b + k]);
  const total = M + m;
  const centre = [0, 1, 2].map((k) => (M * link[k] + m * at[k]) / total);
  const a = steiner(M, link, centre);
  const c = steiner(m, at, centre);
  const sum = [own[0][0], own[1][1], own[2][2], own[0][1], own[0][2], own[1][2]];
  for (let k = 0; k < 6; k++) moments[6 * b + k] += a[k] + c[k] + sum[k];
  mass[b] = total;
  com.set(centre, 3 * b);
  return { ...robot, model: { ...model, mass, com, inertia: moments } };
}

function check(robot: Robot, mass: number, com: readonly number[], inertia: readonly number[]): void {
  const refuse = (what: string, allowed: string): never => {
    throw new InputError(`payload on ${robot.name}: ${what}`, allowed);
  };
  if (!(mass > 0) || !Number.isFinite(mass)) refuse(`mass_kg ${mass}`, 'a finite number above 0');
  if (!com.every(Number.isFinite)) refuse(`com_m ${com.join(' ')}`, 'three finite numbers');
  const [xx, yy, zz, xy, xz, yz] = inertia;
  if (inertia.length !== 6 || !inertia.every(Number.isFinite))
    refuse(`inertia ${inertia.join(' ')}`, 'six finite numbers');
  // A body's moments are those of masses: the sum of two is at least the third, and the minors are not negative.
  const slack = 1e-12 * (xx + yy + zz);
  const triangle = xx + yy >= zz - slack && yy + zz >= xx - slack && zz + xx >= yy - slack;
  const minors = xx >= 0 && yy >= 0 && zz >= 0 && xx * yy >= xy * xy - slack && yy * zz >= yz * yz - slack;
  if (!triangle || !minors || xx * zz < xz * xz - slack)
    refuse(`inertia ${inertia.join(' ')}`, 'that of a body of mass');
}

function matrix([xx, yy, zz, xy, xz, yz]: readonly number[]): readonly (readonly number[])[] {
  return [
    [xx, xy, xz],
    [xy, yy, yz],
    [xz, yz, zz],
  ];
}

/** Moments of a point mass at `at` about `centre`: xx yy zz xy xz yz. */
function steiner(m: number, at: readonly number[], centre: readonly number[]): readonly number[] {
  const [x, y, z] = [0, 1, 2].map((k) => at[k] - centre[k]);
  return [m * (y * y + z * z), m * (x * x + z * z), m * (x * x + y * y), -m * x * y, -m * x * z, -m * y * z];
}
