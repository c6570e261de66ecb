import { InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import type { RobotState } from './driver.ts';
import { DEFAULT_OBSERVER_GAIN_PER_S, MomentumObserver } from './momentum_observer.ts';

export interface ContactDetectorOptions {
  readonly gain_per_s: number;
  /** How wrong each body's mass may be without a false alarm, as a share. */
  readonly mass_error: number;
  /** What friction, noise and the rest may add, as a share of each joint's effort limit, and at least (Nm). */
  readonly effort_share: number;
  readonly least_Nm: number;
}

export const DEFAULT_CONTACT_DETECTOR: ContactDetectorOptions = {
  gain_per_s: DEFAULT_OBSERVER_GAIN_PER_S,
  mass_error: 0.2,
  effort_share: 0.01,
  least_Nm: 0.5,
};

/** Over more cycles than this what the motors did in between is not known. */
const MOST_CYCLES = 3;

/**
 * Tells contact of an arm with what nobody knows of: the momentum observer's residual above a threshold that an error of
 * the masses cannot reach. Joints beyond the touched link feel nothing, so the last joint above its threshold carries it, or
 * a link before the next (Haddadin, De Luca, Albu-Schäffer, "Robot collisions: a survey on detection, isolation and
 * identification", T-RO 2017).
 */
export class ContactDetector {
  /** Whether a residual is above its threshold; the last such joint, −1 for none. */
  contact = false;
  joint = -1;
  readonly observer: MomentumObserver;
  /** Of every arm joint, at the last cycle, Nm. */
  readonly threshold: Float64Array;
  private readonly base: Float64Array;
  /** Of the cycles since the state before, and of the last state, Nm. */
  private readonly mean_effort: Float64Array;
  private readonly last_effort: Float64Array;
  private readonly mass_error: number;
  private readonly dt_s: number;
  private readonly links: readonly string[];

  /** @param hz  cycles per second; throws InputError for shares that are negative */
  constructor(robot: Robot, hz: number, options: Partial<ContactDetectorOptions> = {}) {
    const all = { ...DEFAULT_CONTACT_DETECTOR, ...options };
    for (const [name, value] of Object.entries(all)) {
      if (!(value >= 0 && value < Infinity)) throw new InputError(`${name} ${value}`, 'a finite number of at least 0');
    }
    const { model, arm_joints, limits } = robot;
    this.observer = new MomentumObserver(model, all.gain_per_s);
    this.base = Float64Array.from({ length: arm_joints }, (_, i) =>
      Math.max(all.least_Nm, all.effort_share * Math.min(limits.effort[i], 1e3)),
    );
    this.threshold = this.base.slice();
    this.mean_effort = new Float64Array(model.nq);
    this.last_effort = new Float64Array(model.nq);
    this.mass_error = all.mass_error;
    this.dt_s = 1 / hz;
    this.links = Array.from({ length: arm_joints }, (_, i) => {
      const body = model.coordinate.indexOf(i);
      return model.frames.find((frame) => frame.body === body)?.name ?? model.joint_names[i];
    });
  }

  /** First link beyond the last joint that feels the contact; the empty string for none. */
  get link(): string {
    return this.joint < 0 ? '' : this.links[this.joint];
  }

  reset(): void {
    this.observer.reset();
    this.contact = false;
    this.joint = -1;
  }

  /**
   * Once a cycle with what was measured.
   * @param cycles  of the robot since the state before: 0 leaves everything as it is, too many begin anew
   */
  update({ position, velocity, effort }: RobotState, cycles = 1): void {
    if (cycles === 0) return;
    const { observer, threshold, base, mass_error, mean_effort, last_effort } = this;
    if (!(cycles > 0 && cycles <= MOST_CYCLES)) observer.reset();
    if (cycles === 1) observer.step(position, velocity, effort, this.dt_s);
    else {
      // Efforts between two states lie on the line from one to the other, as far as is known.
      const before = (cycles - 1) / (2 * cycles);
      for (let i = 0; i < effort.length; i++) mean_effort[i] = effort[i] + before * (last_effort[i] - effort[i]);
      observer.step(position, velocity, mean_effort, cycles * this.dt_s);
    }
    last_effort.set(effort);
    this.joint = -1;
    for (let i = 0; i < threshold.length; i++) {
      threshold[i] = base[i] + mass_error * observer.load[i];
      const torque = observer.residual[i];
      if (torque > threshold[i] || torque < -threshold[i]) this.joint = i;
    }
    this.contact = this.joint >= 0;
  }
}
