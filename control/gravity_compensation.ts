import type { ArmDynamics } from './arm_dynamics.ts';
import type { RobotState } from './driver.ts';
import type { TorqueController } from './torque_source.ts';

/**
 * Lets the arm float, to be guided by hand: torques of its weight and of its payload's (ArmDynamics.setPayload), with
 * velocity forces made up for and a little damping, so that it comes to rest when let go (Siciliano et al., Robotics,
 * 2009, §8.5.1, without the spring).
 */
export class GravityCompensation implements TorqueController {
  private readonly arm: ArmDynamics;
  private readonly damping: number;

  /** @param damping_Nm_s_rad  of every joint */
  constructor(arm: ArmDynamics, damping_Nm_s_rad = 1) {
    this.arm = arm;
    this.damping = damping_Nm_s_rad;
  }

  begin(): void {}

  torque({ position, velocity }: RobotState, tau: Float64Array): void {
    const { arm, damping } = this;
    arm.update(position, velocity);
    for (let i = 0; i < arm.joints; i++) tau[i] = arm.bias[i] - damping * velocity[i];
  }
}
