import { type CommandRequest, isOperating, type SafetyGate } from '../safety/index.ts';
import type { RobotState } from './driver.ts';
import type { JointLimitSpring } from './joint_limit_spring.ts';
import type { CommandSource } from './loop.ts';

/** A controller of joint torques; `torque` runs at loop rate and allocates nothing. */
export interface TorqueController {
  /** Before the first torque, and after every pause: take up the arm as it is. */
  begin(state: RobotState): void;
  /** Torques of the arm's joints (Nm), gravity included, into `tau`. */
  torque(state: RobotState, tau: Float64Array): void;
}

/** Commands an arm by a torque controller through the gate's torque interface, and keeps it off its joint limits. */
export class TorqueSource implements CommandSource {
  private readonly controller: TorqueController;
  private readonly spring: JointLimitSpring | null;
  private running = false;

  constructor(controller: TorqueController, spring: JointLimitSpring | null = null) {
    this.controller = controller;
    this.spring = spring;
  }

  /** Starts over from where the arm is at the next cycle. */
  restart(): void {
    this.running = false;
  }

  update(_motion_s: number, state: RobotState, gate: SafetyGate, request: CommandRequest): void {
    if (!isOperating(gate.mode)) {
      this.running = false;
      return;
    }
    if (!this.running) this.controller.begin(state);
    this.running = true;
    request.kind = 'torque';
    this.controller.torque(state, request.values);
    this.spring?.add(state, request.values);
  }
}
