import { InputError } from '../contracts/index.ts';
import { ComputedTorqueServo, type Driver, type RobotState } from '../control/index.ts';
import { crba, forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { assertSafe, type SafeCommand } from '../safety/index.ts';
import { Backlash } from './actuators/backlash.ts';
import { CommandLine, TORQUE_INTERFACE, WIDTH } from './actuators/command_line.ts';
import { GripperDrive } from './actuators/gripper_drive.ts';
import { JointServo } from './actuators/joint_servo.ts';
import { perJoint, type SimArmOptions, simArmOptions } from './actuators/options.ts';
import { clamp, TorqueLimits } from './actuators/torque_limits.ts';
import type { PhysicsEngine } from './engine.ts';
import { type FingerTactile, TACTILE_SIZE } from './sensors/tactile.ts';

/** A command is taken up again after the watchdog's stop if no joint is farther from it, rad. */
const RESUME_RAD = 0.01;

/** Entries of `status`: cycles since a command arrived; flags. */
const SILENT = 0;
const BRAKING = 1;
const POWERED = 2;
const STARTED = 3;
/** The last command asked for torques, and torques were what the joints followed. */
const TORQUE_ASKED = 4;
const TORQUE_FOLLOWED = 5;

/**
 * Driver of a simulated arm: holds the last command and turns it into joint torques before every step of the engine, by
 * computed torque with friction made up for, within the actuators' limits of torque and torque rate, through the latency
 * of its command line and the play of its gears. Like a real arm it brakes by itself when commands stop coming, or take
 * the power from its drives.
 */
export class SimArm implements Driver {
  readonly joint_names: readonly string[];
  /** Commands since the start, and those not followed because the watchdog had stopped the arm elsewhere. */
  commands = 0;
  refused = 0;
  private readonly robot: Robot;
  private readonly engine: PhysicsEngine;
  private readonly options: SimArmOptions;
  private readonly line: CommandLine;
  private readonly servo: JointServo;
  private readonly limits: TorqueLimits;
  private readonly backlash: Backlash | null;
  private readonly gripper: GripperDrive | null;
  private readonly state: {
    position: Float64Array;
    velocity: Float64Array;
    effort: Float64Array;
    wrench: Float64Array;
    tactile?: Float64Array;
  };
  private tactile: FingerTactile | null = null;
  private readonly data: RobotData;
  /** Body that carries the tool frame, −1 if none, and the frame's rotation on it. */
  private readonly tool_body: number;
  private readonly tool_R: readonly number[];
  private readonly pose = new Float64Array(12);
  private readonly wrench_world = new Float64Array(6);
  /** Reference at the start of the step; what the command asks for. */
  private readonly reference: { q_ref: Float64Array; v_ref: Float64Array; a_ref: Float64Array };
  private readonly target_q: Float64Array;
  private readonly target_v: Float64Array;
  /** State at the motors, nq, and their torques: the engine's own arrays where nothing lies between motor and joint. */
  private readonly motors: { q: Float64Array; v: Float64Array };
  private readonly motor_torque: Float64Array;
  private readonly torque: Float64Array;
  private readonly status = new Float64Array(6);

  /** Throws InputError for options no actuator has. */
  constructor(
    robot: Robot,
    engine: PhysicsEngine,
    servo: ComputedTorqueServo = new ComputedTorqueServo(robot.model),
    options: Partial<SimArmOptions> = {},
  ) {
    const { nq } = robot.model;
    const n = robot.arm_joints;
    const all = simArmOptions(options, robot);
    this.robot = robot;
    this.engine = engine;
    this.options = all;
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
    const limit = robot.model.effort_limit.slice(0, n);
    if (all.torque_limit_scale !== 1) for (let i = 0; i < n; i++) limit[i] *= all.torque_limit_scale;
    const armature = perJoint(all.armature_kg_m2, n);
    this.line = new CommandLine(n, all.latency_cycles);
    const { gain_scale, feedback_limit, torque_rate_Nm_s } = all;
    this.servo = new JointServo(
      robot,
      servo,
      gain_scale,
      feedback_limit,
      limit,
      torque_rate_Nm_s,
      engine.dt_s,
      armature,
    );
    this.limits = new TorqueLimits(limit, all.torque_rate_Nm_s);
    const width = perJoint(all.backlash_rad, n);
    this.backlash = width.some((x) => x > 0) ? new Backlash(width, armature, this.motorDamping(armature)) : null;
    this.gripper =
      robot.gripper === null
        ? null
        : new GripperDrive(robot.gripper, engine, all.finger_stiffness_N_m, all.finger_damping_N_s_m);
    this.reference = { q_ref: new Float64Array(n), v_ref: new Float64Array(n), a_ref: new Float64Array(n) };
    this.target_q = new Float64Array(n);
    this.target_v = new Float64Array(n);
    const direct = this.backlash === null;
    this.motors = direct ? engine : { q: new Float64Array(nq), v: new Float64Array(nq) };
    this.motor_torque = direct && all.torque_scale === 1 ? engine.tau : new Float64Array(nq);
    this.torque = new Float64Array(nq);
    this.reset();
  }

  /** Whether it brakes by itself, because commands stopped coming or its drives are off. */
  get stoppedByWatchdog(): boolean {
    return this.status[BRAKING] === 1;
  }

  /** Gives the fingertips the sense of touch: `read` then has what it measures. */
  feel(tactile: FingerTactile): void {
    this.tactile = tactile;
    this.state.tactile = new Float64Array(TACTILE_SIZE * tactile.fingers.length);
  }

  /** Holds the robot where the engine has it; for use after the engine's state was set. */
  reset(): void {
    const { engine, reference, target_q, target_v, status } = this;
    this.backlash?.reset(engine.v);
    for (let i = 0; i < target_q.length; i++) {
      reference.q_ref[i] = engine.q[i];
      target_q[i] = engine.q[i];
      reference.v_ref[i] = 0;
      target_v[i] = 0;
    }
    this.gripper?.reset();
    this.line.reset();
    this.servo.memory.fill(0);
    status.fill(0);
    status[POWERED] = 1;
  }

  read(): RobotState {
    const { state, engine, wrench_world: w, pose, tool_R: R } = this;
    state.position.set(engine.q);
    state.velocity.set(engine.v);
    state.effort.set(engine.tau);
    this.backlash?.observe(state.position, state.velocity);
    for (let i = 0; i < this.target_q.length; i++) state.effort[i] = this.motor_torque[i];
    if (this.tactile !== null && state.tactile !== undefined) this.tactile.measure(engine, state.tactile);
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
    const { line, status } = this;
    this.commands++;
    line.send(command);
    if (!command.drives_on) {
      status[SILENT] = 0;
      status[POWERED] = 0;
      status[BRAKING] = 1;
      if (line.latency > 0) line.reset();
    } else status[POWERED] = 1;
    if (line.latency === 0 && line.receive()) this.accept();
  }

  /**
   * What the arm's own controller asks of its drives for the end of the next step: rad, rad/s. For an arm that takes its
   * commands over a channel, where that controller checks them and watches that they come.
   *
   * @param grip  distance between the fingers (m) and force of each (N)
   */
  drive(position: Float64Array, velocity: Float64Array, grip: Float64Array): void {
    const { target_q, target_v, status } = this;
    for (let i = 0; i < target_q.length; i++) {
      target_q[i] = position[i];
      target_v[i] = velocity[i];
    }
    status[SILENT] = 0;
    status[POWERED] = 1;
    status[BRAKING] = 0;
    status[TORQUE_ASKED] = 0;
    this.gripper?.command(grip, WIDTH);
  }

  /** Takes up the command that has arrived. */
  private accept(): void {
    const { target_q, target_v, reference, status } = this;
    const { arrived } = this.line;
    const n = target_q.length;
    status[SILENT] = 0;
    this.gripper?.command(arrived, 3 * n + WIDTH);
    if (status[POWERED] === 0) return;
    if (status[BRAKING] === 1) {
      for (let i = 0; i < n; i++) {
        if (Math.abs(arrived[i] - reference.q_ref[i]) > RESUME_RAD) {
          this.refused++;
          return;
        }
      }
      status[BRAKING] = 0;
    }
    for (let i = 0; i < n; i++) {
      target_q[i] = arrived[i];
      target_v[i] = arrived[n + i];
    }
    status[TORQUE_ASKED] = arrived[3 * n + TORQUE_INTERFACE];
  }

  /** Sets the torques of the next step of the engine. Call once before each. */
  actuate(): void {
    const { engine, options, robot, line, status, reference, target_q, target_v, motors, motor_torque, torque } = this;
    const { dt_s, tau } = engine;
    const { q_ref, v_ref, a_ref } = reference;
    const n = q_ref.length;
    if (line.latency > 0 && line.receive()) this.accept();
    line.advance();
    if (this.backlash !== null) {
      this.backlash.advance(engine.v, dt_s);
      motors.q.set(engine.q);
      motors.v.set(engine.v);
      this.backlash.observe(motors.q, motors.v);
    }
    const unfollowed = status[SILENT] > 0 || status[POWERED] === 0;
    if (unfollowed && status[TORQUE_FOLLOWED] === 1) this.takeOver();
    // Without a fresh command, or without power, the reference keeps its speed, until it brakes.
    if (unfollowed) this.extrapolate(dt_s);
    status[SILENT]++;
    if (status[SILENT] > options.watchdog_cycles) status[BRAKING] = 1;

    for (let i = 0; i < n; i++) a_ref[i] = (target_v[i] - v_ref[i]) / dt_s;
    const by_torque = options.command_interface === 'torque' && status[TORQUE_ASKED] === 1 && !unfollowed;
    status[TORQUE_FOLLOWED] = by_torque && status[BRAKING] === 0 ? 1 : 0;
    if (status[TORQUE_FOLLOWED] === 1) this.servo.pass(line.arrived, 2 * n, reference, torque);
    else this.servo.follow(motors, reference, options.command_interface === 'velocity', torque);
    if (status[STARTED] === 0) {
      // The brakes held the arm before: torques start from its weight.
      forwardKinematics(robot.model, this.data, engine.q);
      rnea(robot.model, this.data, null, null, motor_torque);
      status[STARTED] = 1;
    }
    this.limits.apply(torque, motor_torque, dt_s);
    for (let i = 0; i < n; i++) {
      q_ref[i] = target_q[i];
      v_ref[i] = target_v[i];
    }
    if (motor_torque !== tau) for (let i = 0; i < n; i++) tau[i] = options.torque_scale * motor_torque[i];
    this.backlash?.transmit(tau, engine.v, dt_s, tau);
    this.gripper?.actuate();
  }

  /** Everything besides the engine's state that following cycles depend on; for `loadState` of an arm of the same kind. */
  saveState(): Float64Array {
    return Float64Array.from(this.memory().flatMap((array) => [...array]));
  }

  loadState(state: Float64Array): void {
    const arrays = this.memory();
    const length = arrays.reduce((sum, array) => sum + array.length, 0);
    if (state.length !== length) {
      throw new InputError(
        `saved state of an arm, ${state.length} numbers`,
        `must have ${length}, of the same options`,
      );
    }
    let at = 0;
    for (const array of arrays) {
      array.set(state.subarray(at, at + array.length));
      at += array.length;
    }
  }

  private memory(): readonly Float64Array[] {
    const { reference, target_q, target_v, status, line, backlash, gripper, motor_torque, engine } = this;
    return [
      reference.q_ref,
      reference.v_ref,
      target_q,
      target_v,
      status,
      this.servo.memory,
      ...line.memory,
      ...(gripper?.memory ?? []),
      ...(backlash === null ? [] : backlash.memory),
      ...(motor_torque === engine.tau ? [] : [motor_torque]),
    ];
  }

  /** Goes on from where the motors are: torques led here, not the reference. */
  private takeOver(): void {
    const { target_q, target_v, reference, motors } = this;
    for (let i = 0; i < target_q.length; i++) {
      target_q[i] = motors.q[i];
      target_v[i] = motors.v[i];
      reference.q_ref[i] = motors.q[i];
      reference.v_ref[i] = motors.v[i];
    }
  }

  private extrapolate(dt_s: number): void {
    const { target_q, target_v, robot, status } = this;
    for (let i = 0; i < target_q.length; i++) {
      if (status[BRAKING] === 1) {
        const change = robot.limits.acceleration[i] * dt_s;
        target_v[i] -= clamp(target_v[i], -change, change);
      }
      target_q[i] += dt_s * target_v[i];
    }
  }

  /** How the torque of each motor falls with its speed in one step: by the servo, on the joint's inertia at home. */
  private motorDamping(armature: Float64Array): Float64Array {
    const { robot, data } = this;
    const { nq } = robot.model;
    forwardKinematics(robot.model, data, robot.home_q);
    crba(robot.model, data);
    return armature.map((rotor, i) => (data.M[i * nq + i] + rotor) * this.servo.stiffening(this.engine.dt_s));
  }
}
