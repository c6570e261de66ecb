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
}

export const DEFAULT_GRIPPER_OPTIONS: GripperOptions = {
  tolerance_m: 1e-3,
  rest_speed_m_s: 2e-3,
  rest_time_s: 0.05,
  least_time_s: 0.05,
  timeout_s: 4,
};

export type GripperOutcome = 'none' | 'reached' | 'stalled' | 'timeout' | 'stopped_by_safety' | 'canceled';

/**
 * Moves a parallel gripper to a width with a bounded force, and tells whether it arrived or came to rest on something.
 * Between goals it keeps asking for the last width and force, so that a held object stays held.
 */
export class GripperController {
  active = false;
  outcome: GripperOutcome = 'none';
  /** Set when a goal has ended; the reader clears it. */
  finished = false;
  private readonly gripper: GripperModel;
  private readonly options: GripperOptions;
  private readonly rest_cycles: number;
  private readonly least_cycles: number;
  private readonly timeout_cycles: number;
  private cycles = 0;
  private still = 0;
  /** Width measured, width and force asked for. */
  private readonly numbers = new Float64Array(3);

  /** @param width_m  measured distance between the fingers at the start */
  constructor(gripper: GripperModel, hz: number, width_m: number, options: Partial<GripperOptions> = {}) {
    this.gripper = gripper;
    this.options = { ...DEFAULT_GRIPPER_OPTIONS, ...options };
    this.rest_cycles = Math.ceil(this.options.rest_time_s * hz);
    this.least_cycles = Math.ceil(this.options.least_time_s * hz);
    this.timeout_cycles = Math.ceil(this.options.timeout_s * hz);
    this.numbers[WIDTH] = width_m;
    this.numbers[WANTED] = width_m;
    this.numbers[FORCE] = gripper.max_force_N;
  }

  /** Distance between the fingers at the last cycle, m. */
  get width_m(): number {
    return this.numbers[WIDTH];
  }

  /** Takes a goal, replacing any before it; width and force are clamped to what the gripper can do. */
  start(width_m: number, force_N: number): void {
    this.numbers[WANTED] = Math.min(Math.max(width_m, 0), this.gripper.max_width_m);
    this.numbers[FORCE] = Math.min(Math.max(force_N, 0), this.gripper.max_force_N);
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

  /** One cycle: writes the gripper's part of `request`. `q`, `v`: measured, nq; `permitted`: the gate lets motion pass. */
  update(q: Float64Array, v: Float64Array, permitted: boolean, request: CommandRequest): void {
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
    request.gripper_width_m = numbers[WANTED];
    request.gripper_force_N = numbers[FORCE];
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
