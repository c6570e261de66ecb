import type { GripperModel } from '../robots/index.ts';
import type { CommandRequest } from '../safety/index.ts';

export interface GripperOptions {
  /** Width this near to the one asked for counts as reached. */
  readonly tolerance_m: number;
  /** Below this speed of the width, for this long, the fingers are at rest. */
  readonly rest_speed_m_s: number;
  readonly rest_time_s: number;
  /** No verdict before this; then one at the latest after the timeout. */
  readonly least_time_s: number;
  readonly timeout_s: number;
  /** Force of each finger (N) until the fingers rest on something; a goal's own force if that is less. */
  readonly touch_force_N: number;
  /** How fast the force then rises to the goal's, and beyond it against slip, N/s. */
  readonly force_rate_N_s: number;
  /** Shear of a fingertip as a share of its normal force from which what is held may slip; 0 for no reaction. */
  readonly slip_share: number;
  /** What is held is lost when the fingers close by this beyond where they came to rest on it, m. */
  readonly lost_m: number;
}

export const DEFAULT_GRIPPER_OPTIONS: GripperOptions = {
  tolerance_m: 1e-3,
  rest_speed_m_s: 2e-3,
  rest_time_s: 0.05,
  least_time_s: 0.05,
  timeout_s: 4,
  touch_force_N: Number.POSITIVE_INFINITY,
  force_rate_N_s: 400,
  slip_share: 0.4,
  lost_m: 0.004,
};

/** Numbers of one fingertip in RobotState.tactile: normal force and two of shear, N. */
const TACTILE = 3;

export type GripperOutcome = 'none' | 'reached' | 'stalled' | 'timeout' | 'stopped_by_safety' | 'canceled';

/**
 * Moves a parallel gripper to a width with a bounded force, and tells whether it arrived or came to rest on something.
 * It touches with little force, if told to, and raises it to the goal's once it touches. Between goals it keeps asking for
 * the last width and force, so that a held object stays held; where fingertips feel shear that their normal force may not
 * hold by friction, the force rises until it does (Romano et al., "Human-inspired robotic grasp control with tactile
 * sensing", T-RO 2011). It stays raised until the next goal.
 */
export class GripperController {
  active = false;
  outcome: GripperOutcome = 'none';
  /** Set when a goal has ended; the reader clears it. */
  finished = false;
  /** Whether the fingers rest on something, and whether that has gone from between them since. */
  holding = false;
  lost = false;
  private readonly gripper: GripperModel;
  private readonly options: GripperOptions;
  private readonly rest_cycles: number;
  private readonly least_cycles: number;
  private readonly timeout_cycles: number;
  private cycles = 0;
  private still = 0;
  /** Width measured, width and force asked for, force now, and width at which something is held. */
  private readonly numbers = new Float64Array(5);
  private readonly step_N: number;

  /** @param width_m  measured distance between the fingers at the start */
  constructor(gripper: GripperModel, hz: number, width_m: number, options: Partial<GripperOptions> = {}) {
    this.gripper = gripper;
    this.options = { ...DEFAULT_GRIPPER_OPTIONS, ...options };
    this.rest_cycles = Math.ceil(this.options.rest_time_s * hz);
    this.least_cycles = Math.ceil(this.options.least_time_s * hz);
    this.timeout_cycles = Math.ceil(this.options.timeout_s * hz);
    this.step_N = this.options.force_rate_N_s / hz;
    this.numbers[WIDTH] = width_m;
    this.numbers[WANTED] = width_m;
    this.numbers[FORCE] = gripper.max_force_N;
    this.numbers[NOW] = gripper.max_force_N;
  }

  /** Distance between the fingers at the last cycle, m. */
  get width_m(): number {
    return this.numbers[WIDTH];
  }

  /** Takes a goal, replacing any before it; width and force are clamped to what the gripper can do. */
  start(width_m: number, force_N: number): void {
    this.numbers[WANTED] = Math.min(Math.max(width_m, 0), this.gripper.max_width_m);
    this.numbers[FORCE] = Math.min(Math.max(force_N, 0), this.gripper.max_force_N);
    this.numbers[NOW] = Math.min(this.numbers[FORCE], this.options.touch_force_N);
    this.holding = false;
    this.lost = false;
    this.active = true;
    this.outcome = 'none';
    this.finished = false;
    this.cycles = 0;
    this.still = 0;
  }

  /** Gives the goal up and stays at the width reached. */
  cancel(): void {
    if (!this.active) return;
    this.numbers[WANTED] = this.numbers[WIDTH];
    this.end('canceled');
  }

  /** Force of each finger that is asked for now, N. */
  get force_N(): number {
    return this.numbers[NOW];
  }

  /**
   * One cycle: writes the gripper's part of `request`. `q`, `v`: measured, nq; `permitted`: the gate lets motion pass.
   * @param tactile  RobotState.tactile, where the fingertips can feel
   */
  update(
    q: Float64Array,
    v: Float64Array,
    permitted: boolean,
    request: CommandRequest,
    tactile: Float64Array | null = null,
  ): void {
    const { numbers, options, gripper } = this;
    numbers[WIDTH] = 2 * q[gripper.coordinate];
    if (this.active) {
      this.cycles++;
      const speed = 2 * v[gripper.coordinate];
      this.still = speed <= options.rest_speed_m_s && speed >= -options.rest_speed_m_s ? this.still + 1 : 0;
      if (this.cycles >= this.least_cycles && this.still >= this.rest_cycles) {
        if (permitted)
          this.end(Math.abs(numbers[WIDTH] - numbers[WANTED]) <= options.tolerance_m ? 'reached' : 'stalled');
        else this.end('stopped_by_safety');
      } else if (this.cycles >= this.timeout_cycles) this.end('timeout');
    }
    if (this.outcome === 'stalled') this.watchHeld();
    this.changeForce(tactile);
    request.gripper_width_m = numbers[WANTED];
    request.gripper_force_N = numbers[NOW];
  }

  private watchHeld(): void {
    const { numbers, options } = this;
    if (!this.holding && !this.lost) {
      this.holding = true;
      numbers[HELD] = numbers[WIDTH];
    }
    if (this.holding && numbers[WIDTH] < numbers[HELD] - options.lost_m) {
      this.holding = false;
      this.lost = true;
    }
  }

  /** Towards the goal's force once the fingers rest, and to what the shear at them needs. */
  private changeForce(tactile: Float64Array | null): void {
    const { numbers, options, step_N } = this;
    const resting = !this.active || (this.still > 0 && this.cycles >= this.least_cycles);
    if (!resting) return;
    let needed = Math.max(numbers[FORCE], this.holding ? numbers[NOW] : 0);
    if (tactile !== null && this.holding && options.slip_share > 0) {
      for (let f = 0; f + TACTILE <= tactile.length; f += TACTILE) {
        const shear = Math.sqrt(tactile[f + 1] * tactile[f + 1] + tactile[f + 2] * tactile[f + 2]);
        if (shear > options.slip_share * tactile[f]) needed = Math.max(needed, shear / options.slip_share);
      }
    }
    needed = Math.min(needed, this.gripper.max_force_N);
    numbers[NOW] = Math.min(needed, numbers[NOW] + step_N);
  }

  private end(outcome: GripperOutcome): void {
    this.outcome = outcome;
    this.active = false;
    this.finished = true;
  }
}

const WIDTH = 0;
const WANTED = 1;
const FORCE = 2;
const NOW = 3;
const HELD = 4;
