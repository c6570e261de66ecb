import { type Node, type NodeContext, secondsToStamp, stampToSeconds, TOPICS } from '../contracts/index.ts';
import type { RestartPolicy } from './graph.ts';
import { RestartBudget } from './restart_budget.ts';

/** A node that may be lost at any time: `configure` rejects then, and all else has no effect. */
export interface MortalNode extends Node {
  /** Resolves once it has done what it was last asked to; rejects where it could not. */
  changed(): Promise<void>;
  tell(fields: object): void;
  /** Ends it at once, as a fault would. */
  kill(): Promise<void>;
}

export interface RevivedNodeOptions {
  /** In its cell. */
  readonly name: string;
  /** For people. */
  readonly full_name: string;
  readonly policy: RestartPolicy;
  /** Begins a new one. `onLost` is called where it ends without being told to. */
  readonly begin: (onLost: (error: Error) => void) => MortalNode;
  /** Told of every loss. */
  readonly onLost: (error: Error) => void;
}

/** That it is gone is told this often while it is, s. */
const TELL_S = 1;

type Wanted = 'unconfigured' | 'inactive' | 'active';

/**
 * A node that is begun again when it is lost, after a wait that doubles, until its policy has it no more. Meanwhile it is told as
 * an error on /diagnostics; motions that it had asked for are cancelled by the end of its link.
 */
export class RevivedNode implements MortalNode {
  readonly name: string;
  private readonly options: RevivedNodeOptions;
  private readonly budget: RestartBudget;
  private node: MortalNode;
  /** Each is lost once at most. */
  private life = 0;
  private wanted: Wanted = 'unconfigured';
  private context: NodeContext | null = null;
  /** Why it is gone; empty while it is there. */
  private gone = '';
  private cancels: (() => void)[] = [];
  /** Ends the reports of a loss. */
  private hush = (): void => {};

  constructor(options: RevivedNodeOptions) {
    this.name = options.name;
    this.options = options;
    this.budget = new RestartBudget(options.policy);
    this.node = this.begin();
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    await this.node.configure(context);
    this.wanted = 'inactive';
  }

  activate(): void {
    this.wanted = 'active';
    this.node.activate();
  }

  deactivate(): void {
    this.wanted = 'inactive';
    this.node.deactivate();
  }

  changed(): Promise<void> {
    return this.node.changed();
  }

  async cleanup(): Promise<void> {
    this.wanted = 'unconfigured';
    for (const cancel of this.cancels.splice(0)) cancel();
    await this.node.cleanup();
  }

  tell(fields: object): void {
    this.node.tell(fields);
  }

  kill(): Promise<void> {
    return this.node.kill();
  }

  private begin(): MortalNode {
    const life = ++this.life;
    return this.options.begin((error) => this.lose(life, error));
  }

  private lose(life: number, error: Error): void {
    const { context, options, budget } = this;
    if (life !== this.life) return;
    this.life++;
    options.onLost(error);
    // What never was up is whoever's who brings it up.
    if (context === null || this.wanted === 'unconfigured') return;
    const { clock, log } = context;
    const decision = budget.onEnd(stampToSeconds(clock.now_ns()), error.message);
    this.gone = decision.again ? `${error.message}; it is started again` : decision.reason;
    log.error({ node: options.full_name }, this.gone);
    this.report();
    if (decision.again) this.later(decision.after_s, () => void this.revive());
  }

  private async revive(): Promise<void> {
    const { context } = this;
    if (context === null || this.wanted === 'unconfigured') return;
    const node = this.begin();
    const { life } = this;
    this.node = node;
    try {
      await node.configure(context);
      if (this.wanted === 'active') {
        node.activate();
        await node.changed();
      }
      if (life !== this.life) return;
      this.gone = '';
      context.log.warn({ node: this.options.full_name, restarts: this.budget.restarts }, 'it is there again');
    } catch (error) {
      if (life !== this.life) return;
      await node.cleanup();
      this.lose(life, error instanceof Error ? error : new Error(String(error)));
    }
  }

  private report(): void {
    const { context, gone, wanted } = this;
    if (context === null || gone === '' || wanted === 'unconfigured') return;
    const { bus, clock } = context;
    const values = [{ key: 'restarts', value: String(this.budget.restarts) }];
    const status = { level: 'error', name: this.options.full_name, message: gone, hardware_id: '', values } as const;
    bus.publish(TOPICS.diagnostics, { stamp_ns: clock.now_ns(), status: [status] });
    this.hush();
    this.hush = this.later(TELL_S, () => this.report());
  }

  private later(after_s: number, work: () => void): () => void {
    const { clock } = this.required();
    const cancel = clock.schedule(clock.now_ns() + secondsToStamp(after_s), () => {
      this.cancels = this.cancels.filter((other) => other !== cancel);
      work();
    });
    this.cancels.push(cancel);
    return cancel;
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error(`${this.name} is not configured`);
    return this.context;
  }
}
