import type { Driver, RobotState } from '../../control/index.ts';
import { ComputedTorqueServo } from '../../control/index.ts';
import { forwardDynamics, forwardKinematics, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { assertSafe, type SafeCommand } from '../../safety/index.ts';

const DT_S = 0.002;

/**
 * A robot in free space: rigid-body arm under a computed-torque servo, stepped by semi-implicit Euler; the gripper is a
 * point that moves at constant speed and stops on an obstacle of a given width.
 */
export class SimpleDriver implements Driver {
  readonly joint_names: readonly string[];
  readonly state: RobotState;
  /** What is between the fingers, m. */
  obstacle_width_m = 0;
  /** A constant torque the model does not know of, Nm. */
  readonly disturbance: Float64Array;
  writes = 0;
  private readonly robot: Robot;
  private readonly servo: ComputedTorqueServo;
  private readonly data: RobotData;
  private readonly reference_q: Float64Array;
  private readonly reference_v: Float64Array;
  private readonly qdd: Float64Array;
  private readonly tau: Float64Array;

  constructor(robot: Robot, start: Float64Array = robot.home_q) {
    const { nq } = robot.model;
    this.robot = robot;
    this.joint_names = robot.model.joint_names;
    this.servo = new ComputedTorqueServo(robot.model);
    this.data = new RobotData(robot.model);
    this.state = {
      position: start.slice(),
      velocity: new Float64Array(nq),
      effort: new Float64Array(nq),
      wrench: new Float64Array(6),
    };
    this.reference_q = start.slice(0, robot.arm_joints);
    this.reference_v = new Float64Array(robot.arm_joints);
    this.disturbance = new Float64Array(nq);
    this.qdd = new Float64Array(nq);
    this.tau = new Float64Array(nq);
  }

  read(): RobotState {
    return this.state;
  }

  /** One cycle: the arm is driven from the last reference to the new one. */
  write(command: SafeCommand): void {
    assertSafe(command);
    const { robot, state, tau, reference_q, reference_v } = this;
    const { position, velocity } = state;
    this.servo.torque(position, velocity, reference_q, reference_v, command.acceleration, tau);
    const finger = robot.gripper === null ? -1 : robot.gripper.coordinate;
    const { effort_limit } = robot.model;
    for (let i = 0; i < tau.length; i++) {
      const effort = Math.max(-effort_limit[i], Math.min(effort_limit[i], tau[i]));
      state.effort[i] = i === finger ? 0 : effort;
    }
    for (let i = 0; i < tau.length; i++) tau[i] = state.effort[i] + this.disturbance[i];
    forwardKinematics(robot.model, this.data, position);
    forwardDynamics(robot.model, this.data, velocity, tau, this.qdd);
    for (let i = 0; i < robot.arm_joints; i++) {
      velocity[i] += DT_S * this.qdd[i];
      position[i] += DT_S * velocity[i];
      reference_q[i] = command.position[i];
      reference_v[i] = command.velocity[i];
    }
    if (finger >= 0) this.moveFinger(finger, command.gripper_width_m);
    this.writes++;
  }

  private moveFinger(finger: number, width_m: number): void {
    const { position, velocity } = this.state;
    const wanted = 0.5 * Math.max(width_m, this.obstacle_width_m);
    const step = Math.min(Math.max(wanted - position[finger], -0.05 * DT_S), 0.05 * DT_S);
    position[finger] += step;
    velocity[finger] = step / DT_S;
  }
}
