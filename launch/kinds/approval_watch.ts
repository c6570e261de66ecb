import type { Node, NodeContext } from '../../contracts/index.ts';
import type { StopCondition } from '../../runtime/index.ts';
import type { ApprovalDesk } from '../../safety/index.ts';

const LOOK_MS = 1000;
/** Looks between two notes of the time. */
const REMEMBERED_EVERY = 60;

/** What the watch asks of the supervisor. */
export interface WatchedArm {
  /** Whether the arm stands still; true where nobody knows of one. */
  atRest(): boolean;
}

/**
 * Watches whether what was approved still is: tells a week ahead of an end, and holds the arm when one has come, but only
 * once it has stood still for a second. Never stops a motion.
 */
export class ApprovalWatch implements Node {
  readonly name = 'approvals';
  private readonly desk: ApprovalDesk;
  private readonly arm: WatchedArm;
  private context: NodeContext | null = null;
  private timer: NodeJS.Timeout | undefined;
  private held: readonly StopCondition[] = [];
  private told = '';
  private rested = 0;
  private looks = 0;

  constructor(desk: ApprovalDesk, arm: WatchedArm) {
    this.desk = desk;
    this.arm = arm;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.look();
  }

  activate(): void {
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  deactivate(): void {
    clearInterval(this.timer);
  }

  async cleanup(): Promise<void> {
    this.context = null;
    this.desk.close();
  }

  /** What holds the arm. */
  conditions(): readonly StopCondition[] {
    return this.held;
  }

  /** After a decision nothing holds any more that the decision did not find. */
  decided(): void {
    this.held = [];
    this.look();
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { refusals, warnings } = this.desk.state();
    const told = [...refusals, ...warnings];
    return { approvals: told.length === 0 ? 'in force' : told.join('; ') };
  }

  /** One look; once a second while active. */
  look(): void {
    const { refusals, warnings } = this.desk.state();
    this.looks++;
    if (this.looks % REMEMBERED_EVERY === 0) this.desk.remember();
    this.rested = this.arm.atRest() ? this.rested + 1 : 0;
    const told = [...refusals, ...warnings].join('; ');
    if (told !== this.told && told !== '') this.context?.log.warn({ approvals: told }, 'approvals end');
    this.told = told;
    if (refusals.length === 0) this.held = [];
    else if (this.rested > 1) this.held = refusals.map((reason) => ({ reason, category: 2, awaited: false }));
  }
}
