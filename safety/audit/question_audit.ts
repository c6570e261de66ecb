import { type Node, type NodeContext, type Subscription, TOPICS } from '../../contracts/index.ts';
import type { AuditSink } from './event.ts';

/** Notes in the audit log what people were asked, and who answered what: also answers that were refused. */
export class QuestionAudit implements Node {
  readonly name = 'question_audit';
  private readonly audit: AuditSink;
  private subscriptions: Subscription[] = [];

  constructor(audit: AuditSink) {
    this.audit = audit;
  }

  async configure({ bus }: NodeContext): Promise<void> {
    this.subscriptions = [
      bus.subscribe(TOPICS.escalations, this.name, ({ id, options, frame_sha256, model, model_sha256, expires_ns }) => {
        const inputs = { id, options: [...options], frame_sha256, model, model_sha256, expires_ns: String(expires_ns) };
        this.audit.record({ kind: 'escalation', rule: 'escalation.asked', inputs, outcome: 'asked' });
      }),
      bus.subscribe(TOPICS.escalation_ends, this.name, ({ id, end, answer, by, reason }) => {
        this.audit.record({
          kind: 'escalation',
          rule: 'escalation.ended',
          inputs: { id, answer, by, reason },
          outcome: end,
        });
      }),
    ];
  }

  activate(): void {}
  deactivate(): void {}

  async cleanup(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }
}
