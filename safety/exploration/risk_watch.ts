import {
  type Clock,
  type Node,
  type NodeContext,
  type SafetyState,
  type Subscription,
  stampToSeconds,
  TOPICS,
  type Wrench,
} from '../../contracts/index.ts';
import type { AuditSink } from '../audit/event.ts';
import type { OutsideCondition } from '../outside_stops.ts';
import { isOperating } from '../state_machine.ts';
import { RiskAccount, type RiskStatement } from './risk_account.ts';
import type { RiskBudget } from './risk_budget.ts';

/** Modes in which nothing moves until somebody resets: to come into one is an intervention. */
const STOPPED: readonly SafetyState['mode'][] = ['protective_stop', 'fault', 'emergency_stop'];

/**
 * Enforces a risk budget where an arm explores: hears what stops it and what force is on its tool, keeps the account, and
 * says that the arm must rest once the budget is spent. Motion is allowed again, after a reset, when the hour has passed.
 */
export class RiskWatch implements Node {
  readonly name = 'exploration';
  readonly account: RiskAccount;
  private readonly audit: AuditSink | null;
  private clock: Clock | null = null;
  private context: NodeContext | null = null;
  private subscriptions: Subscription[] = [];
  private mode: SafetyState['mode'] = 'initialising';
  private told_spent = false;

  constructor(budget: RiskBudget, audit: AuditSink | null = null) {
    this.account = new RiskAccount(budget);
    this.audit = audit;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.clock = context.clock;
  }

  activate(): void {
    const { bus, log } = this.require();
    const { purpose, interventions_per_hour, force_N } = this.account.budget;
    log.info({ purpose, interventions_per_hour, force_N }, 'exploration within a risk budget');
    this.tell('exploration.begins', { purpose, interventions_per_hour, force_N }, 'the budget is in force');
    this.subscriptions = [
      bus.subscribe(TOPICS.safety_state, this.name, (state) => this.hearState(state)),
      bus.subscribe(TOPICS.wrench, this.name, (wrench) => this.hearWrench(wrench)),
    ];
  }

  deactivate(): void {
    if (this.subscriptions.length > 0) this.tell('exploration.ends', { ...this.statement() }, 'the account is closed');
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  /** What speaks against motion: a budget that is spent. */
  conditions(): OutsideCondition[] {
    const now_s = this.now_s;
    if (!this.account.spent(now_s)) {
      this.told_spent = false;
      return [];
    }
    const { purpose, interventions_per_hour } = this.account.budget;
    const reason = `the risk budget for ${purpose} is spent: ${interventions_per_hour} interventions within an hour`;
    if (!this.told_spent) this.tell('exploration.spent', { ...this.statement() }, reason);
    this.told_spent = true;
    return [{ reason, category: 2, awaited: false }];
  }

  statement(): RiskStatement {
    return this.account.statement(this.now_s);
  }

  private hearState({ mode, reasons }: SafetyState): void {
    const stopped = STOPPED.includes(mode) && !STOPPED.includes(this.mode);
    this.mode = mode;
    // The stop of a spent budget is not spent on.
    if (!stopped || this.account.spent(this.now_s)) return;
    this.account.intervene(this.now_s);
    const left = this.account.left(this.now_s);
    this.tell('exploration.intervention', { mode, reasons: [...reasons] }, `${left} left within this hour`);
  }

  private hearWrench({ force }: Wrench): void {
    this.account.observe(this.now_s, isOperating(this.mode), Math.hypot(...force));
  }

  private tell(rule: string, inputs: Parameters<AuditSink['record']>[0]['inputs'], outcome: string): void {
    this.audit?.record({ kind: 'exploration', rule, inputs, outcome });
  }

  private get now_s(): number {
    return this.clock === null ? 0 : stampToSeconds(this.clock.now_ns());
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the exploration node is not configured');
    return this.context;
  }
}
