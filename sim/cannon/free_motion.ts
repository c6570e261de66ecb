import type { Body, World } from 'cannon-es';
import { choleskyFactor, choleskySolve, crba, type RobotData, rnea } from '../../dynamics/index.ts';
import type { Rows } from './rows.ts';

/** Joint speed from which dry friction is there in full, rad/s or m/s. */
const STICTION = 1e-3;
/** Slower than this (rad/s) a body's precession is nothing. */
const SPINNING = 0.1;

/** What the solver moves and what drives it: the robot's state and actuators, nq each. */
export interface RobotState {
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
  readonly armature: Float64Array;
}

/** Motion of the robot and the objects under gravity, actuators, joint friction and applied forces alone. */
export class FreeMotion {
  private readonly data: RobotData;
  private readonly robot: RobotState;
  private readonly objects: readonly Body[];
  private readonly rows: Rows;
  private readonly rigid_R: Float64Array;
  private readonly bias: Float64Array;
  private readonly extra: Float64Array;
  private readonly gravity: [number, number, number] = [0, 0, 0];

  /** @param rigid_R  rotations of the rigid bodies, 9 each row-major: 0 the fixed world, then the objects */
  constructor(data: RobotData, robot: RobotState, objects: readonly Body[], rows: Rows, rigid_R: Float64Array) {
    this.data = data;
    this.robot = robot;
    this.objects = objects;
    this.rows = rows;
    this.rigid_R = rigid_R;
    this.bias = new Float64Array(data.model.nq);
    this.extra = new Float64Array(data.model.nq);
  }

  /**
   * Velocities after `dt` (s) without contact, into the rows' u; factors M with the implicit terms on its diagonal, and
   * sets the objects' inverse masses and inertias in the rows.
   */
  advance(dt: number, world: World): void {
    const { rows, data, robot, bias, extra, gravity, objects } = this;
    const { u } = rows;
    const { model } = data;
    const { nq } = model;
    gravity[0] = world.gravity.x;
    gravity[1] = world.gravity.y;
    gravity[2] = world.gravity.z;
    rnea(model, data, robot.v, null, bias, gravity);
    crba(model, data);
    for (let i = 0; i < nq; i++) {
      // Dry friction as the damping that gives it at the present speed; below STICTION it sticks viscously.
      const dry = model.friction[i] / Math.max(Math.abs(robot.v[i]), STICTION);
      const damping = dt * (model.damping[i] + dry + robot.implicit_damping[i]) + dt * dt * robot.implicit_stiffness[i];
      u[i] = dt * (robot.tau[i] - bias[i]) - damping * robot.v[i];
      extra[i] = robot.armature[i] + damping;
    }
    choleskyFactor(data, extra);
    choleskySolve(data, u, 0, u, 0);
    for (let i = 0; i < nq; i++) u[i] += robot.v[i];

    for (let k = 0; k < objects.length; k++) {
      const body = objects[k];
      const o = nq + 6 * k;
      const { force: f, torque: t, velocity: v, angularVelocity: w } = body;
      const e = body.invInertiaWorld.elements;
      const m = dt * body.invMass;
      rows.inverse_mass[k] = body.invMass;
      for (let i = 0; i < 9; i++) rows.inverse_inertia[9 * k + i] = e[i];
      u[o] = v.x + m * f.x;
      u[o + 1] = v.y + m * f.y;
      u[o + 2] = v.z + m * f.z;
      u[o + 3] = w.x + dt * (e[0] * t.x + e[1] * t.y + e[2] * t.z);
      u[o + 4] = w.y + dt * (e[3] * t.x + e[4] * t.y + e[5] * t.z);
      u[o + 5] = w.z + dt * (e[6] * t.x + e[7] * t.y + e[8] * t.z);
      this.precess(body, dt, o + 3);
    }
  }

  /**
   * Gyroscopic torque, which cannon leaves out, on the angular velocity at u[o]: one Newton step of the implicit
   * equation I (w' − w) + h w' × I w' = 0 in the body's axes (Catto, Numerical Methods, 2015). Never adds energy.
   */
  private precess(body: Body, dt: number, o: number): void {
    const { u } = this.rows;
    const { x: a, y: b, z: c } = body.inertia;
    if (a === b && b === c) return;
    const w0 = u[o];
    const w1 = u[o + 1];
    const w2 = u[o + 2];
    if (w0 * w0 + w1 * w1 + w2 * w2 < SPINNING * SPINNING) return;
    const R = this.rigid_R;
    const r = 9 * (1 + (o - this.rows.nq - 3) / 6);
    const x = R[r] * w0 + R[r + 3] * w1 + R[r + 6] * w2;
    const y = R[r + 1] * w0 + R[r + 4] * w1 + R[r + 7] * w2;
    const z = R[r + 2] * w0 + R[r + 5] * w1 + R[r + 8] * w2;
    // J = I + h ([w]× I − [I w]×), residual h w × I w.
    const j01 = dt * z * (c - b);
    const j02 = dt * y * (c - b);
    const j10 = dt * z * (a - c);
    const j12 = dt * x * (a - c);
    const j20 = dt * y * (b - a);
    const j21 = dt * x * (b - a);
    const f0 = dt * y * z * (c - b);
    const f1 = dt * z * x * (a - c);
    const f2 = dt * x * y * (b - a);
    const m0 = b * c - j12 * j21;
    const m1 = j12 * j20 - j10 * c;
    const m2 = j10 * j21 - b * j20;
    const inverse = 1 / (a * m0 + j01 * m1 + j02 * m2);
    const dx = x - inverse * (f0 * m0 + f1 * (j02 * j21 - j01 * c) + f2 * (j01 * j12 - j02 * b));
    const dy = y - inverse * (f0 * m1 + f1 * (a * c - j02 * j20) + f2 * (j02 * j10 - a * j12));
    const dz = z - inverse * (f0 * m2 + f1 * (j01 * j20 - a * j21) + f2 * (a * b - j01 * j10));
    u[o] = R[r] * dx + R[r + 1] * dy + R[r + 2] * dz;
    u[o + 1] = R[r + 3] * dx + R[r + 4] * dy + R[r + 5] * dz;
    u[o + 2] = R[r + 6] * dx + R[r + 7] * dy + R[r + 8] * dz;
  }
}
