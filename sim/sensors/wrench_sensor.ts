import { InputError, type Rng } from '../../contracts/index.ts';

/** A force-torque sensor. A plain record, which randomisation may draw. */
export interface WrenchSensorSpec {
  /** Constant error: force (N) and torque (Nm) in the sensor's frame. */
  readonly bias: readonly [number, number, number, number, number, number];
  /** Deviation of the bias after one second; it wanders, so that after t it is √t times this (N/√s, Nm/√s). */
  readonly force_drift_N: number;
  readonly torque_drift_Nm: number;
  /** Standard deviation of a reading (N, Nm). */
  readonly force_sigma_N: number;
  readonly torque_sigma_Nm: number;
  /** Readings stop at this (N, Nm). */
  readonly force_range_N: number;
  readonly torque_range_Nm: number;
}

export const PERFECT_WRENCH_SENSOR: WrenchSensorSpec = {
  bias: [0, 0, 0, 0, 0, 0],
  force_drift_N: 0,
  torque_drift_Nm: 0,
  force_sigma_N: 0,
  torque_sigma_Nm: 0,
  force_range_N: Infinity,
  torque_range_Nm: Infinity,
};

/** Measures a wrench: bias, a random walk, white noise, saturation. Allocates nothing. */
export class WrenchSensor {
  private readonly spec: WrenchSensorSpec;
  private readonly rng: Rng;
  private readonly bias: Float64Array;
  private readonly root_dt: number;

  /**
   * @param dt_s time from one reading to the next
   * @throws InputError for sizes that are negative
   */
  constructor(spec: WrenchSensorSpec, rng: Rng, dt_s: number) {
    const { bias, ...sizes } = spec;
    for (const [name, size] of Object.entries(sizes)) {
      if (!(size >= 0)) throw new InputError(`wrench sensor ${name} ${size}`, '0 or more');
    }
    this.spec = spec;
    this.rng = rng.stream('wrench');
    this.bias = Float64Array.from(bias);
    this.root_dt = Math.sqrt(dt_s);
  }

  /** Turns a true force (N) and torque (Nm), 6 numbers in the sensor's frame, into a measured one, in place. */
  measure(wrench: Float64Array): void {
    const { spec, rng, bias, root_dt } = this;
    for (let k = 0; k < 6; k++) {
      const force = k < 3;
      const drift = force ? spec.force_drift_N : spec.torque_drift_Nm;
      const sigma = force ? spec.force_sigma_N : spec.torque_sigma_Nm;
      const range = force ? spec.force_range_N : spec.torque_range_Nm;
      if (drift > 0) bias[k] += drift * root_dt * rng.normal();
      wrench[k] += bias[k];
      if (sigma > 0) wrench[k] += sigma * rng.normal();
      wrench[k] = Math.max(-range, Math.min(range, wrench[k]));
    }
  }
}
