import { fileURLToPath } from 'node:url';
import type { Channel } from './channel.ts';
import { Child } from './child.ts';
import {
  type SupervisorAnswer,
  type SupervisorLimits,
  type SupervisorOrder,
  supervisorAnswerSchema,
} from './supervisor_messages.ts';

const SCRIPT = fileURLToPath(new URL('./supervisor_process.js', import.meta.url));

const ANSWER_WAIT_MS = 1000;

/** The control process's hold on its supervisor: starts it, asks it to stop granting or to go on, and ends it. */
export class SupervisorLink {
  private readonly channels: { readonly observation: Channel; readonly grant: Channel };
  private child: Child | null = null;
  private limits: SupervisorLimits = { tool_speed_m_per_s: null, share: 1 };

  constructor(observation: Channel, grant: Channel) {
    this.channels = { observation, grant };
  }

  /** 0 when none runs. */
  get pid(): number {
    return this.child?.running === true ? this.child.pid : 0;
  }

  /** Starts it, in place of the one before, which is ended. */
  async start(): Promise<void> {
    await this.close();
    this.child = new Child(SCRIPT, { limits: this.limits }, this.channels);
    await this.child.next((message) => this.answerOf(message, 'ready'));
  }

  /** No grants from now on; resolves with the time it took effect (s, the machine's clock). */
  async requestStop(): Promise<number> {
    return (await this.order({ kind: 'stop' })).at_s;
  }

  async clearStop(): Promise<void> {
    await this.order({ kind: 'clear' });
  }

  /** Grants from now on are for these limits, also after another start; the gate takes them at rest. */
  async setLimits(limits: SupervisorLimits): Promise<void> {
    this.limits = limits;
    if (this.pid !== 0) await this.order({ kind: 'limits', limits });
  }

  async close(): Promise<void> {
    if (this.child === null) return;
    this.child.signal('SIGKILL');
    await this.child.ended;
  }

  private async order(order: SupervisorOrder): Promise<SupervisorAnswer> {
    const { child } = this;
    if (child === null || !child.running) throw new Error('the supervisor does not run');
    const answer = child.next((message) => this.answerOf(message, order.kind), ANSWER_WAIT_MS);
    child.send(order);
    return answer;
  }

  private answerOf(message: unknown, kind: SupervisorAnswer['kind']): SupervisorAnswer | undefined {
    const answer = supervisorAnswerSchema.parse(message);
    return answer.kind === kind ? answer : undefined;
  }
}
