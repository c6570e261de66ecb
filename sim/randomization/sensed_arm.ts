import type { Rng } from '../../contracts/index.ts';
import type { Driver, RobotState } from '../../control/index.ts';
import type { SafeCommand } from '../../safety/index.ts';
import { Encoders, PERFECT_ENCODERS, PERFECT_WRENCH_SENSOR, WrenchSensor } from '../sensors/index.ts';
import type { Randomization } from './record.ts';

/** A driver whose encoders and wrist sensor err as a record says. */
export class SensedArm implements Driver {
  private readonly arm: Driver;
  private readonly encoders: Encoders;
  private readonly wrench: WrenchSensor;
  private readonly joints: number;

  /**
   * @param joints  how many joints have such encoders
   * @param dt_s  time from one reading to the next
   */
  constructor(arm: Driver, joints: number, { reset }: Randomization, rng: Rng, dt_s: number) {
    const { encoder_noise_rad, wrench_bias_N, wrench_noise_N } = reset.sensors;
    this.arm = arm;
    this.joints = joints;
    this.encoders = new Encoders({ ...PERFECT_ENCODERS, noise_sigma_rad: encoder_noise_rad }, rng);
    this.wrench = new WrenchSensor(
      { ...PERFECT_WRENCH_SENSOR, bias: [...wrench_bias_N, 0, 0, 0], force_sigma_N: wrench_noise_N },
      rng,
      dt_s,
    );
  }

  get joint_names(): readonly string[] {
    return this.arm.joint_names;
  }

  read(): RobotState {
    const state = this.arm.read();
    this.encoders.measure(state.position, state.velocity, this.joints);
    this.wrench.measure(state.wrench);
    return state;
  }

  write(command: SafeCommand): void {
    this.arm.write(command);
  }
}
