import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { ARM_PHASES, COMMAND, STATE } from './arm_protocol.ts';
import { ArmServo, type ArmServoOptions } from './arm_servo.ts';
import type { ChannelReader, ChannelWriter } from './channel.ts';

/**
 * A robot arm at the far end of a command channel: servo with watchdog, gripper, and the state it reports. Efforts are
 * those of rigid-body dynamics along its motion, less what touches it gives.
 */
export class SimulatedArm {
  readonly servo: ArmServo;
  cycles = 0;
  /** Torques that what touches the arm puts on its joints, nq; they do not move it. */
  readonly touch_Nm: Float64Array;
  private readonly robot: Robot;
  private readonly dt_s: number;
  private readonly commands: ChannelReader;
  private readonly states: ChannelWriter;
  private readonly data: RobotData;
  private readonly q: Float64Array;
  private readonly v: Float64Array;
  private readonly a: Float64Array;
  private readonly tau: Float64Array;
  private width_m: number;

  /** Stands at the robot's home pose. */
  constructor(
    robot: Robot,
    hz: number,
    commands: ChannelReader,
    states: ChannelWriter,
    options: Partial<ArmServoOptions> = {},
  ) {
    const { nq } = robot.model;
    this.robot = robot;
    this.dt_s = 1 / hz;
    this.commands = commands;
    this.states = states;
    this.servo = new ArmServo(robot.limits, robot.home_q, hz, options);
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice();
    this.v = new Float64Array(nq);
    this.a = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.touch_Nm = new Float64Array(nq);
    this.width_m = robot.gripper === null ? 0 : 2 * this.q[robot.gripper.coordinate];
  }

  /** Takes the newest command, if there is one. */
  receive(): void {
    const { commands, robot } = this;
    if (!commands.poll() || this.servo.receive(commands.payload) !== 'accepted' || robot.gripper === null) return;
    this.width_m = Math.min(Math.max(commands.payload[COMMAND.gripper_width_m], 0), robot.gripper.max_width_m);
  }

  /** One cycle of the arm's own clock. */
  step(): void {
    const { servo, q, v, a, dt_s, robot } = this;
    this.cycles++;
    for (let i = 0; i < robot.arm_joints; i++) a[i] = -servo.v[i] / dt_s;
    servo.step();
    for (let i = 0; i < robot.arm_joints; i++) {
      a[i] += servo.v[i] / dt_s;
      v[i] = servo.v[i];
      q[i] = servo.q[i];
    }
    if (robot.gripper === null) return;
    const { coordinate, max_speed_m_s } = robot.gripper;
    const travel = max_speed_m_s * dt_s;
    const moved = Math.min(Math.max(0.5 * this.width_m - q[coordinate], -travel), travel);
    q[coordinate] += moved;
    v[coordinate] = moved / dt_s;
  }

  /** Sends the state as it is now. */
  report(): void {
    const { states, servo, q, v, a, tau, touch_Nm, robot, data } = this;
    const { payload } = states;
    const { nq } = robot.model;
    forwardKinematics(robot.model, data, q);
    rnea(robot.model, data, v, a, tau);
    for (let i = 0; i < nq; i++) tau[i] -= touch_Nm[i];
    payload[STATE.cycles] = this.cycles;
    payload[STATE.phase] = ARM_PHASES.indexOf(servo.phase);
    payload[STATE.session] = servo.session;
    payload[STATE.sequence] = servo.sequence;
    payload[STATE.refused] = servo.refused;
    payload.set(q, STATE.coordinates);
    payload.set(v, STATE.coordinates + nq);
    payload.set(tau, STATE.coordinates + 2 * nq);
    states.send();
  }
}
