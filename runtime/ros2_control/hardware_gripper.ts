import { ACTIONS, type Action, type Bus, InputError, type SentGoal } from '../../contracts/index.ts';

type GripperAction = typeof ACTIONS.gripper extends Action<infer G, infer F, infer R> ? Action<G, F, R> : never;

/** Widths (m) and forces (N) that differ by less are the same. */
const SAME_WIDTH_M = 1e-4;
const SAME_FORCE_N = 0.5;
/** A gripper is asked at most so often, s. */
const LEAST_PERIOD_S = 0.05;

/** Client of a hardware gripper's GripperCommand action: one goal a change of what is wanted. */
export class HardwareGripper {
  /** As last heard in feedback or result, m; NaN before. */
  width_m = Number.NaN;
  goals = 0;
  /** Why the gripper cannot be asked; empty when it can. */
  problem = '';
  private readonly action: GripperAction;
  private readonly bus: Bus;
  private wanted_m = Number.NaN;
  private wanted_N = Number.NaN;
  private asked_s = Number.NEGATIVE_INFINITY;
  private goal: SentGoal | null = null;

  constructor(bus: Bus, controller: string) {
    this.bus = bus;
    this.action = { ...ACTIONS.gripper, name: `${controller}/gripper_cmd` };
  }

  /** What is wanted at `now_s`: the gap between the fingers (m) and the force of each (N). */
  want(width_m: number, force_N: number, now_s: number): void {
    const same = Math.abs(width_m - this.wanted_m) < SAME_WIDTH_M && Math.abs(force_N - this.wanted_N) < SAME_FORCE_N;
    if (same || now_s - this.asked_s < LEAST_PERIOD_S) return;
    this.asked_s = now_s;
    // Without a force nothing is asked for yet.
    if (!(force_N > 0)) return;
    try {
      // A controller drops the goal before for the new one.
      this.goal = this.bus.sendGoal(
        this.action,
        { width_m, force_N },
        {
          onFeedback: (feedback) => this.hear(feedback.width_m),
          onResult: (status, result) => {
            // One that was not reached and not stalled may never have been heard, and has no width.
            if (status === 'aborted' && !result.stalled && !result.reached)
              this.problem = `the gripper of ${this.action.name} gave ${width_m} m up`;
            else this.hear(result.width_m);
          },
        },
      );
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.problem = error.message;
      return;
    }
    this.problem = '';
    this.goals++;
    this.wanted_m = width_m;
    this.wanted_N = force_N;
  }

  /** Stops the fingers where they are. */
  stop(): void {
    this.goal?.cancel();
    this.goal = null;
  }

  private hear(width_m: number): void {
    if (Number.isFinite(width_m)) this.width_m = width_m;
  }
}
