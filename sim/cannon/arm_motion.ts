import { choleskyFactor, choleskySolve, crba, forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';

/** Joint speed from which dry friction is there in full, rad/s or m/s. */
const STICTION = 1e-3;
/** Faster than this (rad/s) a step is divided: more than arms are driven at. Most parts of a step. */
const CALM_RAD_S = 4;
const MOST_PARTS = 32;
/** Most rounds for the mean velocity of a part, and the change (rad/s) at which they end. */
const ROUNDS = 6;
const CONVERGED = 1e-10;

/** What the solver moves and what drives it: the robot's state and actuators, nq each. */
export interface RobotState {
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
  readonly armature: Float64Array;
}

/**
 * Motion of the arm under gravity, actuators and joint friction, without contact, by the leapfrog method in reduced
 * coordinates: M(q) (v' − v) = Δt (τ − h(q, v̄)), then q' = q + Δt v', with the bias h at the mean v̄ of v and v'. So v is
 * that of half a step before q. In a calm step v̄ is predicted from the last step's acceleration, contact included. A
 * fast step is divided, v̄ found by fixed-point rounds, and ended by half a kick, so that v is then that at q. Second
 * order, reversible but for the prediction (Hairer, Lubich, Wanner, Geometric Numerical Integration, 2006, I.1.4).
 * Damping, dry friction and the actuators' stiffness act implicitly, on the diagonal of M.
 */
export class ArmMotion {
  /** Accelerations of the last step, nq (rad/s² or m/s²); by how much more than half a step v is behind q (s). */
  readonly memory: Float64Array;
  /** What the velocity at the step's end has over the mean of the step, nq. */
  private readonly rest: Float64Array;
  private readonly data: RobotData;
  private readonly robot: RobotState;
  private readonly nq: number;
  private readonly revolute: Uint8Array;
  private readonly bias: Float64Array;
  private readonly extra: Float64Array;
  private readonly mean: Float64Array;
  private readonly change: Float64Array;
  private readonly gravity: [number, number, number] = [0, 0, 0];
  private divided = false;
  /** For the parts of a fast step: bodies, positions and velocities. */
  private readonly part_data: RobotData;
  private readonly part_q: Float64Array;
  private readonly part_v: Float64Array;

  constructor(data: RobotData, robot: RobotState) {
    const { model } = data;
    const { nq } = model;
    this.data = data;
    this.robot = robot;
    this.nq = nq;
    this.memory = new Float64Array(nq + 1);
    this.rest = new Float64Array(nq);
    this.revolute = new Uint8Array(nq);
    model.coordinate.forEach((i, b) => {
      if (model.joint_type[b] === 0) this.revolute[i] = 1;
    });
    this.bias = new Float64Array(nq);
    this.extra = new Float64Array(nq);
    this.mean = new Float64Array(nq);
    this.change = new Float64Array(nq);
    this.part_data = new RobotData(model);
    this.part_q = new Float64Array(nq);
    this.part_v = new Float64Array(nq);
  }

  /** Forgets the last step: the arm was put elsewhere. */
  reset(): void {
    this.memory.fill(0);
  }

  /**
   * Mean velocity of a step of `dt` (s) into `u` (nq), after forwardKinematics; leaves M with the implicit terms on its
   * diagonal factored in data.
   */
  advance(dt: number, gravity: { readonly x: number; readonly y: number; readonly z: number }, u: Float64Array): void {
    const { robot, nq, memory, data } = this;
    this.gravity[0] = gravity.x;
    this.gravity[1] = gravity.y;
    this.gravity[2] = gravity.z;
    const parts = this.parts();
    this.divided = parts > 1;
    if (parts === 1) {
      for (let i = 0; i < nq; i++) u[i] = robot.v[i];
      this.kick(data, dt + memory[nq], u, 1);
      memory[nq] = 0;
      return;
    }
    const { part_data, part_q: q, part_v: v, rest } = this;
    const h = dt / parts;
    q.set(robot.q);
    v.set(robot.v);
    let behind = 0.5 * dt + memory[nq];
    for (let part = 0; part < parts; part++) {
      forwardKinematics(data.model, part_data, q);
      this.kick(part_data, behind + 0.5 * h, v, ROUNDS);
      for (let i = 0; i < nq; i++) q[i] += h * v[i];
      behind = 0.5 * h;
    }
    forwardKinematics(data.model, part_data, q);
    this.kick(part_data, behind, v, ROUNDS);
    memory[nq] = -0.5 * dt;
    for (let i = 0; i < nq; i++) {
      u[i] = (q[i] - robot.q[i]) / dt;
      rest[i] = v[i] - u[i];
    }
    crba(data.model, data);
    this.implicit(dt);
    choleskyFactor(data, this.extra);
  }

  /** Writes the robot's state after `dt` (s) at mean velocity `u` (nq), contact included. */
  finish(dt: number, u: Float64Array): void {
    const { robot, rest, memory, nq } = this;
    const { q, v } = robot;
    for (let i = 0; i < nq; i++) {
      q[i] += dt * u[i];
      if (this.divided) v[i] = u[i] + rest[i];
      else {
        memory[i] = (u[i] - v[i]) / dt;
        v[i] = u[i];
      }
    }
  }

  private parts(): number {
    const { revolute, nq } = this;
    const { v } = this.robot;
    let speed = 0;
    for (let i = 0; i < nq; i++) if (revolute[i] === 1) speed = Math.max(speed, Math.abs(v[i]));
    return speed > CALM_RAD_S ? Math.min(Math.ceil(speed / CALM_RAD_S), MOST_PARTS) : 1;
  }

  /** Accelerates `v` (nq) for `dt` (s) at the place `data` is at, with up to `rounds` evaluations of the bias. */
  private kick(data: RobotData, dt: number, v: Float64Array, rounds: number): void {
    const { robot, bias, extra, mean, change, memory, nq } = this;
    const { model } = data;
    crba(model, data);
    this.implicit(dt);
    choleskyFactor(data, extra);
    for (let i = 0; i < nq; i++) {
      change[i] = 0;
      mean[i] = v[i] + 0.5 * dt * memory[i];
    }
    for (let round = 0; round < rounds; round++) {
      rnea(model, data, mean, null, bias, this.gravity);
      for (let i = 0; i < nq; i++) {
        bias[i] = dt * (robot.tau[i] - bias[i]) - (extra[i] - robot.armature[i]) * v[i];
      }
      choleskySolve(data, bias, 0, bias, 0);
      let most = 0;
      for (let i = 0; i < nq; i++) {
        most = Math.max(most, Math.abs(bias[i] - change[i]));
        change[i] = bias[i];
        mean[i] = v[i] + 0.5 * bias[i];
      }
      if (most < CONVERGED) break;
    }
    for (let i = 0; i < nq; i++) {
      v[i] += change[i];
      memory[i] = change[i] / dt;
    }
  }

  /** What armature and implicit terms add to M's diagonal for `dt` (s). */
  private implicit(dt: number): void {
    const { robot, extra, nq } = this;
    const { friction, damping } = this.data.model;
    for (let i = 0; i < nq; i++) {
      // Dry friction as the damping that gives it at the present speed; below STICTION it sticks viscously.
      const dry = friction[i] / Math.max(Math.abs(robot.v[i]), STICTION);
      extra[i] =
        robot.armature[i] + dt * (damping[i] + dry + robot.implicit_damping[i]) + dt * dt * robot.implicit_stiffness[i];
    }
  }
}
