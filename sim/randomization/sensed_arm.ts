import type { Rng } from '../../contracts/index.ts';
import type { Driver, RobotState } from '../../control/index.ts';
import type { SafeCommand } from '../../safety/index.ts';
import {
  Encoders,
  PERFECT_ENCODERS,
  PERFECT_TACTILE,
  PERFECT_WRENCH_SENSOR,
  TactileNoise,
  WrenchSensor,
} from '../sensors/index.ts';
import type { Randomization } from './record.ts';

/** A driver whose encoders, wrist sensor and fingertips err as a record says. */
export class SensedArm implements Driver {
  private readonly arm: Driver;
  private readonly encoders: Encoders;
  private readonly wrench: WrenchSensor;
  private readonly tactile: TactileNoise;
  private readonly joints: number;

  /**
   * @param joints  how many joints have such encoders
   * @param dt_s  time from one reading to the next
   */
  constructor(arm: Driver, joints: number, { reset }: Randomization, rng: Rng, dt_s: number) {
    const { encoder_noise_rad, wrench_bias_N, wrench_noise_N, tactile_gain_scale, tactile_noise_N } = reset.sensors;
    this.arm = arm;
    this.joints = joints;
    this.encoders = new Encoders({ ...PERFECT_ENCODERS, noise_sigma_rad: encoder_noise_rad }, rng);
    this.wrench = new WrenchSensor(
      { ...PERFECT_WRENCH_SENSOR, bias: [...wrench_bias_N, 0, 0, 0], force_sigma_N: wrench_noise_N },
      rng,
      dt_s,
    );
    this.tactile = new TactileNoise(
      { ...PERFECT_TACTILE, gain: tactile_gain_scale, force_sigma_N: tactile_noise_N },
      rng,
    );
  }

  get joint_names(): readonly string[] {
    return this.arm.joint_names;
  }

  get elapsed_cycles(): number {
    return this.arm.elapsed_cycles ?? 1;
  }

  read(): RobotState {
    const state = this.arm.read();
    this.encoders.measure(state.position, state.velocity, this.joints);
    this.wrench.measure(state.wrench);
    if (state.tactile !== undefined) this.tactile.measure(state.tactile);
    return state;
  }

  write(command: SafeCommand): void {
    this.arm.write(command);
  }
}
