import { InputError, type Rng } from '../../contracts/index.ts';

/** Joint encoders, alike at every joint. A plain record, which randomisation may draw. */
export interface EncoderSpec {
  /** Positions come in multiples of this (rad, m for sliding joints); 0 for none. */
  readonly resolution_rad: number;
  /** Standard deviation of a position (rad). */
  readonly noise_sigma_rad: number;
  /** Standard deviation of a velocity (rad/s). */
  readonly velocity_sigma_rad_s: number;
  /** Constant error of every joint (rad); joints beyond the list have none. */
  readonly offset_rad: readonly number[];
}

export const PERFECT_ENCODERS: EncoderSpec = {
  resolution_rad: 0,
  noise_sigma_rad: 0,
  velocity_sigma_rad_s: 0,
  offset_rad: [],
};

/** Measures joint positions and velocities; errors are drawn in the order of the readings. Allocates nothing. */
export class Encoders {
  private readonly spec: EncoderSpec;
  private readonly rng: Rng;
  private readonly perfect: boolean;

  /** @throws InputError for sizes that are negative or not finite */
  constructor(spec: EncoderSpec, rng: Rng) {
    for (const name of ['resolution_rad', 'noise_sigma_rad', 'velocity_sigma_rad_s'] as const) {
      if (!(spec[name] >= 0 && spec[name] < Infinity))
        throw new InputError(`encoder ${name} ${spec[name]}`, '0 or more');
    }
    this.spec = spec;
    this.rng = rng.stream('encoders');
    this.perfect =
      spec.resolution_rad === 0 &&
      spec.noise_sigma_rad === 0 &&
      spec.velocity_sigma_rad_s === 0 &&
      spec.offset_rad.every((offset) => offset === 0);
  }

  /** Turns true positions (rad or m) and velocities (per second) of the first `count` joints into measured ones, in place. */
  measure(position: Float64Array, velocity: Float64Array, count: number): void {
    if (this.perfect) return;
    const { rng } = this;
    const { resolution_rad: step, noise_sigma_rad: sigma, velocity_sigma_rad_s: rate_sigma, offset_rad } = this.spec;
    for (let i = 0; i < count; i++) {
      if (i < offset_rad.length) position[i] += offset_rad[i];
      if (sigma > 0) position[i] += sigma * rng.normal();
      if (step > 0) position[i] = step * Math.round(position[i] / step);
      if (rate_sigma > 0) velocity[i] += rate_sigma * rng.normal();
    }
  }
}
