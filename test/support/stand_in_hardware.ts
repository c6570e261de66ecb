import { z } from 'zod';
import { createRng, type Rng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import { type Robot, withPayload } from '../../robots/index.ts';

/** Which way between controllers and arm a fault of wiring is in: `both` is what an arm wired or named wrongly does. */
const way = z.enum(['both', 'states', 'commands']);

/** What is wrong with an arm and with the way to it. Joints by index. */
export const armFaults = z.strictObject({
  /** The two joints are taken for each other. */
  swapped: z.strictObject({ joints: z.tuple([z.int(), z.int()]), in: way.default('both') }).optional(),
  /** The joint counts the other way round. */
  inverted: z.strictObject({ joint: z.int(), in: way.default('both') }).optional(),
  /** Zero of a joint's encoder, rad: what is reported is the joint plus this, and what is commanded likewise. */
  zero_offset: z.strictObject({ joint: z.int(), offset_rad: z.number() }).optional(),
  /** Carried at the flange and known to nobody. */
  payload_kg: z.number().nonnegative().default(0),
  /** Added between what the controllers want and what the drives do, and to the joint states, s. */
  command_latency_s: z.number().nonnegative().default(0),
  state_latency_s: z.number().nonnegative().default(0),
  /** Clock of the arm's computer less ours, s. */
  clock_offset_s: z.number().default(0),
  /** Part of the messages that are lost. */
  drop_commands: z.number().min(0).max(1).default(0),
  drop_states: z.number().min(0).max(1).default(0),
  /** Every joint state waits up to so long, at random, s. */
  state_jitter_s: z.number().nonnegative().default(0),
  /** Standard deviations of encoder (rad), velocity (rad/s) and torque sensor (Nm). */
  position_noise_rad: z.number().nonnegative().default(0),
  velocity_noise_rad_per_s: z.number().nonnegative().default(0),
  effort_noise_Nm: z.number().nonnegative().default(0),
});
export type ArmFaults = z.infer<typeof armFaults>;

/** Bandwidth of the position drives, rad/s. */
const DRIVE_RAD_PER_S = 120;
/** Room that the drives have beyond the robot's acceleration limits. */
const HEADROOM = 2;

/**
 * Drives and sensors of an arm with a position command interface: critically damped second order drives with the command's
 * rate fed forward, that saturate; efforts of rigid-body dynamics with what the arm truly carries.
 */
export class StandInHardware {
  /** As the joints truly are, nq: rad, rad/s, Nm. */
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly tau: Float64Array;
  /** As the hardware interface gives them, nq. */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly effort: Float64Array;
  /** A joint that something holds fast, −1 for none. */
  blocked = -1;
  /** Distance that the fingers are to have, m. */
  width_m = 0;
  private readonly robot: Robot;
  private readonly true_robot: Robot;
  private readonly data: RobotData;
  private readonly faults: ArmFaults;
  private readonly rng: Rng;
  private readonly dt_s: number;
  private readonly a: Float64Array;
  /** Commands on their way, a ring of rows of joints. */
  private readonly commands: Float64Array;
  private readonly rows: number;
  private at = 0;

  constructor(robot: Robot, hz: number, faults: ArmFaults, seed: number) {
    const { nq } = robot.model;
    this.robot = robot;
    this.true_robot = faults.payload_kg > 0 ? withPayload(robot, { mass_kg: faults.payload_kg }) : robot;
    this.data = new RobotData(robot.model);
    this.faults = faults;
    this.rng = createRng(seed, 'stand_in_hardware');
    this.dt_s = 1 / hz;
    this.q = robot.home_q.slice();
    this.v = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.a = new Float64Array(nq);
    this.velocity = new Float64Array(nq);
    this.effort = new Float64Array(nq);
    this.position = robot.home_q.slice();
    this.rows = 2 + Math.round(faults.command_latency_s * hz);
    this.commands = new Float64Array(this.rows * robot.arm_joints);
    for (let r = 0; r < this.rows; r++)
      this.commands.set(robot.home_q.subarray(0, robot.arm_joints), r * robot.arm_joints);
    if (robot.gripper !== null) this.width_m = 2 * this.q[robot.gripper.coordinate];
    this.sense();
  }

  /** Joint that the controllers' joint `i` stands for, and the sign between them. */
  private wired(i: number, to: 'states' | 'commands'): { joint: number; sign: number; offset: number } {
    const { swapped, inverted, zero_offset } = this.faults;
    let joint = i;
    if (swapped !== undefined && (swapped.in === 'both' || swapped.in === to)) {
      const [a, b] = swapped.joints;
      joint = i === a ? b : i === b ? a : i;
    }
    const turned = inverted !== undefined && (inverted.in === 'both' || inverted.in === to) && inverted.joint === joint;
    const offset = zero_offset?.joint === joint ? zero_offset.offset_rad : 0;
    return { joint, sign: turned ? -1 : 1, offset };
  }

  /** One cycle: the drives follow `command` (rad, the controllers' joints). */
  step(command: Float64Array): void {
    const { robot, commands, rows, q, v, a, dt_s } = this;
    const n = robot.arm_joints;
    this.at = (this.at + 1) % rows;
    for (let i = 0; i < n; i++) {
      const { joint, sign, offset } = this.wired(i, 'commands');
      commands[this.at * n + joint] = sign * (command[i] - offset);
    }
    const now = ((this.at + 2) % rows) * n;
    const before = ((this.at + 1) % rows) * n;
    const { limits } = robot;
    for (let i = 0; i < n; i++) {
      const wanted_v = (commands[now + i] - commands[before + i]) / dt_s;
      const pull = DRIVE_RAD_PER_S ** 2 * (commands[now + i] - q[i]) + 2 * DRIVE_RAD_PER_S * (wanted_v - v[i]);
      const most = HEADROOM * limits.acceleration[i];
      a[i] = Math.min(Math.max(pull, -most), most);
      v[i] = i === this.blocked ? 0 : v[i] + a[i] * dt_s;
      q[i] += v[i] * dt_s;
      const [lower, upper] = [limits.position_lower[i], limits.position_upper[i]];
      if (q[i] < lower || q[i] > upper) {
        q[i] = Math.min(Math.max(q[i], lower), upper);
        v[i] = 0;
      }
    }
    this.moveFingers();
    this.sense();
  }

  private moveFingers(): void {
    const { gripper } = this.robot;
    if (gripper === null) return;
    const { q, v, dt_s } = this;
    const travel = gripper.max_speed_m_s * dt_s;
    const moved = Math.min(Math.max(0.5 * this.width_m - q[gripper.coordinate], -travel), travel);
    q[gripper.coordinate] += moved;
    v[gripper.coordinate] = moved / dt_s;
  }

  private sense(): void {
    const { true_robot, robot, data, q, v, a, tau, position, velocity, effort, faults, rng } = this;
    forwardKinematics(true_robot.model, data, q);
    rnea(true_robot.model, data, v, a, tau);
    position.set(q);
    velocity.set(v);
    effort.set(tau);
    for (let i = 0; i < robot.arm_joints; i++) {
      const { joint, sign, offset } = this.wired(i, 'states');
      position[i] = sign * q[joint] + offset + faults.position_noise_rad * rng.normal();
      velocity[i] = sign * v[joint] + faults.velocity_noise_rad_per_s * rng.normal();
      effort[i] = sign * tau[joint] + faults.effort_noise_Nm * rng.normal();
    }
  }
}
