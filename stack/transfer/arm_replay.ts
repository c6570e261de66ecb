import { ComputedTorqueServo } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import {
  actuatedRobot,
  createEngine,
  offsetZeros,
  type PhysicsEngine,
  randomizeArm,
  type SceneModel,
  SimArm,
} from '../../sim/index.ts';
import { DT_S } from '../rates.ts';
import type { FreeSpan } from './free_motion.ts';
import type { ArmValues } from './identify_parameters.ts';
import type { MotionTrace } from './motion_trace.ts';

/** Nothing that the arm could reach. */
const EMPTY: SceneModel = {
  table: {
    size: [0.1, 0.1, 0.1],
    pose: { position: [0, 0, -50], orientation: [0, 0, 0, 1] },
    friction: 1,
    rgb: [1, 1, 1],
  },
  objects: [],
  zones: [],
  finger_friction: 1,
};

/**
 * A simulated arm with actuators as given, alone in its world, that is told what a recorded one was told. The latency of
 * its commands may be a part of a cycle, by interpolation between samples.
 */
export class ArmReplay {
  private readonly robot: Robot;
  private readonly engine: PhysicsEngine;
  private readonly arm: SimArm;
  private readonly latency_s: number;
  private readonly q: Float64Array;
  private readonly v: Float64Array;
  private readonly asked: { readonly position: Float64Array; readonly velocity: Float64Array };
  private readonly grip = new Float64Array(2);

  /** @param engine  name of the physics engine, which `prepareEngine` has loaded */
  constructor(robot: Robot, start_up: ArmValues, engine = 'cannon') {
    const options = {
      ...randomizeArm({ level: 'hard', start_up: { finger_gain_scale: 1, ...start_up } }, robot),
      latency_cycles: 0,
    };
    const { robot: actuated, armature } = actuatedRobot(offsetZeros(robot, start_up.encoder_offset_rad), options);
    this.robot = robot;
    this.engine = createEngine(engine, actuated, EMPTY, { dt_s: DT_S, armature });
    this.arm = new SimArm(robot, this.engine, new ComputedTorqueServo(robot.model), options);
    this.latency_s = start_up.latency_cycles * DT_S;
    this.q = Float64Array.from(robot.home_q);
    this.v = new Float64Array(robot.model.nq);
    const n = robot.arm_joints;
    this.asked = { position: new Float64Array(n), velocity: new Float64Array(n) };
    this.grip[1] = robot.gripper?.max_force_N ?? 0;
  }

  /**
   * Plays a span from its recorded state on.
   * @param out  rows of 3n for each row of the span: rad, rad/s and Nm of the joints
   */
  play(trace: MotionTrace, span: FreeSpan, out: Float64Array): void {
    const { engine, arm, asked, grip, robot } = this;
    const { time_s, width_m } = trace;
    const n = trace.joints;
    const start_s = this.place(trace, span);
    const player = new CommandCurve(trace);
    player.at(start_s - DT_S - this.latency_s, asked.position, asked.velocity);
    arm.drive(asked.position, asked.velocity, grip);
    arm.actuate();
    let row = span.first;
    for (let cycle = 0; row < span.end; cycle++) {
      const t_s = start_s + cycle * DT_S;
      if (time_s[row] <= t_s + DT_S / 2) {
        const state = arm.read();
        const at = (row - span.first) * 3 * n;
        for (let i = 0; i < n; i++) {
          out[at + i] = state.position[i];
          out[at + n + i] = state.velocity[i];
          out[at + 2 * n + i] = state.effort[i];
        }
        if (robot.gripper !== null) grip[0] = width_m[row];
        row++;
      }
      player.at(t_s - this.latency_s, asked.position, asked.velocity);
      arm.drive(asked.position, asked.velocity, grip);
      arm.actuate();
      engine.step();
    }
  }

  dispose(): void {
    this.engine.dispose?.();
  }

  /** Puts the arm where the first row of the span has it; gives that row's time. */
  private place(trace: MotionTrace, { first }: FreeSpan): number {
    const { engine, arm, q, v, grip, robot } = this;
    const n = trace.joints;
    for (let i = 0; i < n; i++) {
      q[i] = trace.position[first * n + i];
      v[i] = trace.velocity[first * n + i];
    }
    grip[0] = trace.width_m[first];
    if (robot.gripper !== null) q[robot.gripper.coordinate] = grip[0] / 2;
    engine.setRobotState(q, v);
    arm.reset();
    return trace.time_s[first];
  }
}

/**
 * Recorded commands at any time: velocity by cubic Hermite polynomials with central accelerations, position by its integral
 * from row to row; what that misses of the next row is spread evenly, as of references a half cycle ahead of their velocity.
 */
class CommandCurve {
  private readonly trace: MotionTrace;
  private row = 0;

  constructor(trace: MotionTrace) {
    this.trace = trace;
  }

  at(t_s: number, position: Float64Array, velocity: Float64Array): void {
    const { time_s, command_position: p, command_velocity: v, joints: n } = this.trace;
    const last = time_s.length - 1;
    while (this.row > 0 && time_s[this.row] > t_s + 1e-9) this.row--;
    while (this.row < last && time_s[this.row + 1] <= t_s + 1e-9) this.row++;
    const k = this.row;
    const h = k < last ? time_s[k + 1] - time_s[k] : 0;
    const s = h > 0 ? Math.max(0, (t_s - time_s[k]) / h) : 0;
    const [s2, s3, s4] = [s * s, s * s * s, s * s * s * s];
    for (let j = 0; j < n; j++) {
      const i = k * n + j;
      position[j] = p[i];
      velocity[j] = v[i];
      if (s === 0) continue;
      const [v0, v1] = [v[i], v[i + n]];
      const [c0, c1] = [h * this.acceleration(k, j), h * this.acceleration(k + 1, j)];
      const whole = h * ((v0 + v1) / 2 + (c0 - c1) / 12);
      velocity[j] = v0 + (v1 - v0) * (3 * s2 - 2 * s3) + c0 * (s - 2 * s2 + s3) + c1 * (s3 - s2);
      position[j] +=
        h * (v0 * s + (v1 - v0) * (s3 - s4 / 2) + c0 * (s2 / 2 - (2 * s3) / 3 + s4 / 4) + c1 * (s4 / 4 - s3 / 3)) +
        s * (p[i + n] - p[i] - whole);
    }
  }

  private acceleration(row: number, joint: number): number {
    const { time_s, command_velocity: v, joints: n } = this.trace;
    const [before, after] = [Math.max(0, row - 1), Math.min(time_s.length - 1, row + 1)];
    const span_s = time_s[after] - time_s[before];
    return span_s > 0 ? (v[after * n + joint] - v[before * n + joint]) / span_s : 0;
  }
}
