import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type SafetyState, TOPICS } from '../../contracts/index.ts';
import { connectBusSocket } from '../../runtime/index.ts';

/** One joint state of the arm, when it came (ms of this machine) and how fast its fastest joint was. */
export interface ArmMoment {
  readonly at_ms: number;
  readonly speed_rad_s: number;
}

/** The arm of a simulated cell as its own bus tells it: what happens to the operators' server does not reach this. */
export class ArmOverBus {
  readonly moments: ArmMoment[] = [];
  safety: SafetyState | null = null;
  private readonly close_: () => void;

  private constructor(close: () => void) {
    this.close_ = close;
  }

  /** @param runtime_dir  XDG_RUNTIME_DIR of the cell */
  static async open(runtime_dir: string): Promise<ArmOverBus> {
    const folder = join(runtime_dir, 'surepick');
    const [name] = readdirSync(folder).filter((file) => file.startsWith('bus-'));
    const bus = await connectBusSocket(join(folder, name));
    const arm = new ArmOverBus(() => bus.close());
    bus.subscribe(TOPICS.joint_states, 'test', ({ velocity }) => {
      const speed_rad_s = velocity.subarray(0, 7).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      arm.moments.push({ at_ms: performance.now(), speed_rad_s });
    });
    bus.subscribe(TOPICS.safety_state, 'test', (state) => {
      arm.safety = state;
    });
    return arm;
  }

  get speed_rad_s(): number {
    return this.moments.at(-1)?.speed_rad_s ?? 0;
  }

  /**
   * How long after a moment the arm was last as fast as before it (ms): from then on it slows down. `before_ms` says how
   * far back its speed is taken from.
   */
  slowsAfter(from_ms: number, before_ms = 100): number {
    const cruise = this.moments.filter(({ at_ms }) => at_ms > from_ms - before_ms && at_ms <= from_ms);
    const usual = Math.max(...cruise.map(({ speed_rad_s }) => speed_rad_s));
    const fast = this.moments.filter(({ at_ms, speed_rad_s }) => at_ms >= from_ms && speed_rad_s > 0.97 * usual);
    return (fast.at(-1)?.at_ms ?? from_ms) - from_ms;
  }

  /** How long after a moment the arm stands still for good (ms); infinite while it does not. */
  standsAfter(from_ms: number): number {
    const moving = this.moments.filter(({ speed_rad_s }) => speed_rad_s > 0.002).at(-1);
    if (moving === undefined || moving === this.moments.at(-1)) return Number.POSITIVE_INFINITY;
    return Math.max(0, moving.at_ms - from_ms);
  }

  async until(holds: (arm: this) => boolean, what: string, within_ms = 5000): Promise<void> {
    for (let waited_ms = 0; !holds(this); waited_ms += 5) {
      if (waited_ms > within_ms) throw new Error(`no ${what} within ${within_ms} ms: ${this.speed_rad_s} rad/s`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    this.close_();
  }
}
