import { ComputedTorqueServo, type Driver, type RobotState } from '../control/index.ts';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { assertSafe, type SafeCommand } from '../safety/index.ts';
import type { PhysicsEngine } from './engine.ts';

/** Actuators of a simulated arm and its gripper. */
export interface SimArmOptions {
  /** How fast torques can change, Nm/s. */
  readonly torque_rate_Nm_s: number;
  /** Most that feedback may ask of a joint, in its acceleration limits. */
  readonly feedback_limit: number;
  /** Position gain and damping of the finger coordinate, N/m and N s/m. */
  readonly finger_stiffness_N_m: number;
  readonly finger_damping_N_s_m: number;
  /** Cycles without a command after which the arm brakes by itself. */
  readonly watchdog_cycles: number;
}

export const DEFAULT_SIM_ARM: SimArmOptions = {
  torque_rate_Nm_s: 1000,
  feedback_limit: 5,
  finger_stiffness_N_m: 2e4,
  finger_damping_N_s_m: 100,
  watchdog_cycles: 20,
};

/** A command is taken up again after the watchdog's stop if no joint is farther from it, rad. */
const RESUME_RAD = 0.01;
/** Joint speed from which dry friction is made up for in full, rad/s. */
const STICTION = 1e-3;

/**
 * Driver of a simulated arm: holds the last command and turns it into joint torques before every step of the engine, by
 * computed torque with friction made up for, within the actuators' limits of torque and torque rate. The gripper runs to its width at limited speed and
 * with limited force. Like a real arm it brakes by itself when commands stop coming, or take the power from its drives.
 */
export class SimArm implements Driver {
  readonly joint_names: readonly string[];
  /** Commands since the start, and those not followed because the watchdog had stopped the arm elsewhere. */
  commands = 0;
  refused = 0;
  private readonly robot: Robot;
  private readonly engine: PhysicsEngine;
  private readonly options: SimArmOptions;
  private readonly servo: ComputedTorqueServo;
  private readonly state: {
    position: Float64Array;
    velocity: Float64Array;
    effort: Float64Array;
    wrench: Float64Array;
  };
  private readonly data: RobotData;
  /** Body that carries the tool frame, −1 if none, and the frame's rotation on it. */
  private readonly tool_body: number;
  private readonly tool_R: readonly number[];
  private readonly pose = new Float64Array(12);
  private readonly wrench_world = new Float64Array(6);
  /** Reference at the start of the step, and as near to the arm as feedback may ask; what the command asks for. */
  private readonly q_ref: Float64Array;
  private readonly v_ref: Float64Array;
  private readonly a_ref: Float64Array;
  private readonly near_q: Float64Array;
  private readonly target_q: Float64Array;
  private readonly target_v: Float64Array;
  private readonly torque: Float64Array;
  private readonly forward: Float64Array;
  /** Finger coordinate: reference, target (m); force limit of both fingers together (N). */
  private readonly finger = new Float64Array(3);
  private silent = 0;
  private braking = false;
  private powered = true;
  private started = false;

  constructor(
    robot: Robot,
    engine: PhysicsEngine,
    servo: ComputedTorqueServo = new ComputedTorqueServo(robot.model),
    options: Partial<SimArmOptions> = {},
  ) {
    const { nq } = robot.model;
    const n = robot.arm_joints;
    this.robot = robot;
    this.engine = engine;
    this.options = { ...DEFAULT_SIM_ARM, ...options };
    this.servo = servo;
    this.joint_names = robot.model.joint_names;
    this.state = {
      position: new Float64Array(nq),
      velocity: new Float64Array(nq),
      effort: new Float64Array(nq),
      wrench: new Float64Array(6),
    };
    this.data = new RobotData(robot.model);
    const tool = robot.model.frames.find(({ name }) => name === robot.tcp_frame);
    this.tool_body = tool?.body ?? -1;
    this.tool_R = tool?.R ?? [];
    this.q_ref = new Float64Array(n);
    this.v_ref = new Float64Array(n);
    this.a_ref = new Float64Array(n);
    this.near_q = new Float64Array(n);
    this.target_q = new Float64Array(n);
    this.target_v = new Float64Array(n);
    this.torque = new Float64Array(nq);
    this.forward = new Float64Array(nq);
    this.reset();
  }

  /** Whether it brakes by itself, because commands stopped coming or its drives are off. */
  get stoppedByWatchdog(): boolean {
    return this.braking;
  }

  /** Holds the robot where the engine has it; for use after the engine's state was set. */
  reset(): void {
    const { engine, robot, finger } = this;
    for (let i = 0; i < this.q_ref.length; i++) {
      this.q_ref[i] = engine.q[i];
      this.target_q[i] = engine.q[i];
      this.v_ref[i] = 0;
      this.target_v[i] = 0;
    }
    if (robot.gripper !== null) {
      finger[REFERENCE] = engine.q[robot.gripper.coordinate];
      finger[TARGET] = finger[REFERENCE];
      finger[FORCE] = 2 * robot.gripper.max_force_N;
    }
    this.silent = 0;
    this.braking = false;
    this.powered = true;
    this.started = false;
  }

  read(): RobotState {
    const { state, engine, wrench_world: w, pose, tool_R: R } = this;
    state.position.set(engine.q);
    state.velocity.set(engine.v);
    state.effort.set(engine.tau);
    engine.handWrench(w);
    if (this.tool_body < 0) {
      state.wrench.set(w);
      return state;
    }
    // World axes to the body's, then to the tool frame's.
    engine.bodyPose(this.tool_body, pose);
    for (let k = 0; k < 6; k += 3) {
      const x = pose[0] * w[k] + pose[3] * w[k + 1] + pose[6] * w[k + 2];
      const y = pose[1] * w[k] + pose[4] * w[k + 1] + pose[7] * w[k + 2];
      const z = pose[2] * w[k] + pose[5] * w[k + 1] + pose[8] * w[k + 2];
      for (let i = 0; i < 3; i++) state.wrench[k + i] = R[i] * x + R[3 + i] * y + R[6 + i] * z;
    }
    return state;
  }

  write(command: SafeCommand): void {
    assertSafe(command);
    const { target_q, target_v, q_ref, finger, robot } = this;
    this.commands++;
    this.silent = 0;
    if (robot.gripper !== null) {
      const { max_width_m, max_force_N } = robot.gripper;
      finger[TARGET] = 0.5 * Math.min(Math.max(command.gripper_width_m, 0), max_width_m);
      finger[FORCE] = 2 * Math.min(Math.max(command.gripper_force_N, 0), max_force_N);
    }
    this.powered = command.drives_on;
    if (!this.powered) {
      this.braking = true;
      return;
    }
    if (this.braking) {
      for (let i = 0; i < q_ref.length; i++) {
        if (Math.abs(command.position[i] - q_ref[i]) > RESUME_RAD) {
          this.refused++;
          return;
        }
      }
      this.braking = false;
    }
    for (let i = 0; i < target_q.length; i++) {
      target_q[i] = command.position[i];
      target_v[i] = command.velocity[i];
    }
  }

  /** Sets the torques of the next step of the engine. Call once before each. */
  actuate(): void {
    const { engine, options, robot, q_ref, v_ref, a_ref, near_q, target_q, target_v, torque } = this;
    const { dt_s, tau } = engine;
    const n = q_ref.length;
    // Without a fresh command, or without power, the reference keeps its speed, until it brakes.
    if (this.silent > 0 || !this.powered) this.extrapolate(dt_s);
    this.silent++;
    if (this.silent > options.watchdog_cycles) this.braking = true;

    for (let i = 0; i < n; i++) a_ref[i] = (target_v[i] - v_ref[i]) / dt_s;
    this.limitFeedback();
    this.servo.torque(engine.q, engine.v, near_q, engine.v, a_ref, torque);
    this.limitTorque();
    const { damping, friction } = robot.model;
    for (let i = 0; i < n; i++) torque[i] += damping[i] * v_ref[i] + friction[i] * clamp(v_ref[i] / STICTION, -1, 1);
    if (!this.started) {
      // The brakes held the arm before: torques start from its weight.
      forwardKinematics(robot.model, this.data, engine.q);
      rnea(robot.model, this.data, null, null, tau);
      this.started = true;
    }
    // One factor for all joints: limited one by one they would no longer damp the motion together.
    let part = 1;
    for (let i = 0; i < n; i++) {
      const change = Math.abs(torque[i] - tau[i]);
      if (change * part > options.torque_rate_Nm_s * dt_s) part = (options.torque_rate_Nm_s * dt_s) / change;
    }
    for (let i = 0; i < n; i++) {
      const limit = robot.model.effort_limit[i];
      tau[i] = clamp(tau[i] + part * (torque[i] - tau[i]), -limit, limit);
      q_ref[i] = target_q[i];
      v_ref[i] = target_v[i];
    }
    this.actuateGripper(dt_s);
  }

  /** Moves the reference to where the feedback asks of no joint more than its limit, in the same direction. */
  private limitFeedback(): void {
    const { q, v } = this.engine;
    const { q_ref, v_ref, near_q } = this;
    const { stiffness_per_s2: k, damping_per_s: d } = this.servo.gains;
    const { acceleration } = this.robot.limits;
    let part = 1;
    for (let i = 0; i < q_ref.length; i++) {
      near_q[i] = q_ref[i] - q[i] + (d / k) * (v_ref[i] - v[i]);
      const asked = k * Math.abs(near_q[i]);
      const most = this.options.feedback_limit * acceleration[i];
      if (asked * part > most) part = most / asked;
    }
    for (let i = 0; i < q_ref.length; i++) near_q[i] = q[i] + part * near_q[i];
  }

  /** Where a torque is beyond its limit, takes back the feedback of all joints until it is not. */
  private limitTorque(): void {
    const { engine, near_q, a_ref, torque, forward } = this;
    const limits = this.robot.model.effort_limit;
    let beyond = false;
    for (let i = 0; i < near_q.length; i++) beyond ||= Math.abs(torque[i]) > limits[i];
    if (!beyond) return;
    for (let i = 0; i < near_q.length; i++) near_q[i] = engine.q[i];
    this.servo.torque(engine.q, engine.v, near_q, engine.v, a_ref, forward);
    let part = 1;
    for (let i = 0; i < near_q.length; i++) {
      const feedback = torque[i] - forward[i];
      const room = Math.max(0, feedback > 0 ? limits[i] - forward[i] : limits[i] + forward[i]);
      if (Math.abs(feedback) * part > room) part = room / Math.abs(feedback);
    }
    for (let i = 0; i < near_q.length; i++) torque[i] = forward[i] + part * (torque[i] - forward[i]);
  }

  private extrapolate(dt_s: number): void {
    const { target_q, target_v, robot } = this;
    for (let i = 0; i < target_q.length; i++) {
      if (this.braking) {
        const change = robot.limits.acceleration[i] * dt_s;
        target_v[i] -= clamp(target_v[i], -change, change);
      }
      target_q[i] += dt_s * target_v[i];
    }
  }

  private actuateGripper(dt_s: number): void {
    const { engine, finger, options } = this;
    const { gripper } = this.robot;
    if (gripper === null) return;
    const c = gripper.coordinate;
    const k = options.finger_stiffness_N_m;
    const travel = gripper.max_speed_m_s * dt_s;
    const reach = finger[FORCE] / k;
    const wanted = finger[REFERENCE] + clamp(finger[TARGET] - finger[REFERENCE], -travel, travel);
    // Bounded to where it asks for the force limit, so that nothing winds up while the fingers are held.
    finger[REFERENCE] = clamp(wanted, engine.q[c] - reach, engine.q[c] + reach);
    engine.tau[c] = k * (finger[REFERENCE] - engine.q[c]);
    engine.implicit_damping[c] = options.finger_damping_N_s_m;
    engine.implicit_stiffness[c] = finger[REFERENCE] === wanted ? k : 0;
  }
}

const REFERENCE = 0;
const TARGET = 1;
const FORCE = 2;

function clamp(value: number, lower: number, upper: number): number {
  return value < lower ? lower : value > upper ? upper : value;
}
