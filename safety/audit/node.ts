import { type Node, type NodeContext, NS_PER_S, TOPICS } from '../../contracts/index.ts';
import type { AuditLog } from './log.ts';

/** An audit log on the bus: /safety/checkpoint at every change of state and every ten seconds. Closes the log at cleanup. */
export class AuditNode implements Node {
  readonly name = 'audit';
  private readonly log: AuditLog;
  private context: NodeContext | null = null;
  private cancelTimer: () => void = () => {};

  constructor(log: AuditLog) {
    this.log = log;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { bus, log, clock } = this.require();
    this.log.onCheckpoint = (checkpoint) => bus.publish(TOPICS.audit_checkpoint, checkpoint);
    this.log.onFailure = (reason) => {
      if (reason === '') log.info({}, 'the audit log is written again');
      else log.error({ reason }, 'the audit log cannot be written');
    };
    if (this.log.failure !== '') this.log.onFailure(this.log.failure);
    // What was told before anybody could hear it.
    if (this.log.checkpoint !== null) this.log.onCheckpoint(this.log.checkpoint);
    const look = () => {
      this.log.tick();
      this.cancelTimer = clock.schedule(clock.now_ns() + NS_PER_S, look);
    };
    look();
  }

  deactivate(): void {
    this.cancelTimer();
  }

  async cleanup(): Promise<void> {
    await this.log.close();
    this.context = null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return { entries: this.log.head.sequence, failure: this.log.failure };
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the audit node is not configured');
    return this.context;
  }
}
