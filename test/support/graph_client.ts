import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  type JointState,
  type JointTrajectory,
  jointState,
  type SafetyState,
  safetyState,
} from '../../contracts/index.ts';
import { Child } from '../../runtime/index.ts';
import { compiledProgram } from './programs.ts';
import type { RosTestbed } from './ros.ts';

/** What the program beside this file is asked. */
export type ClientOrder =
  | { readonly kind: 'state' | 'joints' | 'reset' }
  | { readonly kind: 'move'; readonly trajectory: JointTrajectory };

const clientAnswer = z.object({ kind: z.string(), ok: z.boolean(), value: z.unknown() });
const moved = z.object({ status: z.string(), result: z.object({ ok: z.boolean(), reason: z.string() }).loose() });
const triggered = z.object({ success: z.boolean(), message: z.string() });
export type Moved = z.infer<typeof moved>;

/** Another process on the same ROS 2 graph, which outlives every node of it. */
export class GraphClient {
  private readonly child: Child;

  private constructor(child: Child) {
    this.child = child;
  }

  static async start(ros: RosTestbed, domain: number, namespace = ''): Promise<GraphClient> {
    const variables = { ...ros.env, ROS_DOMAIN_ID: String(domain), NODE_OPTIONS: '' };
    const child = new Child(await compiledProgram('graph_client_program'), { namespace }, {}, variables);
    await child.next((message) => (clientAnswer.parse(message).kind === 'ready' ? true : undefined), 30_000);
    return new GraphClient(child);
  }

  async state(): Promise<SafetyState | null> {
    return safetyState.nullable().parse(await this.ask({ kind: 'state' }));
  }

  async joints(): Promise<JointState | null> {
    return jointState.nullable().parse(await this.ask({ kind: 'joints' }));
  }

  async reset(): Promise<z.infer<typeof triggered>> {
    return triggered.parse(await this.ask({ kind: 'reset' }));
  }

  /** Resolves with what became of it. */
  async move(trajectory: JointTrajectory): Promise<Moved> {
    return moved.parse(await this.ask({ kind: 'move', trajectory }, 20_000));
  }

  /** Waits for a state. */
  async until(condition: (state: SafetyState) => boolean, what: string, within_ms = 30_000): Promise<SafetyState> {
    for (const end = performance.now() + within_ms; ; await sleep(10)) {
      const state = await this.state();
      if (state !== null && condition(state)) return state;
      if (performance.now() > end) throw new Error(`no ${what}: ${state?.mode} ${state?.reasons.join(', ')}`);
    }
  }

  async close(): Promise<void> {
    this.child.signal('SIGKILL');
    await this.child.ended;
  }

  private async ask(order: ClientOrder, within_ms = 10_000): Promise<unknown> {
    const heard = this.child.next((message) => {
      const answer = clientAnswer.parse(message);
      return answer.kind === order.kind ? answer : undefined;
    }, within_ms);
    this.child.send(order);
    const { ok, value } = await heard;
    if (!ok) throw new Error(`${order.kind}: ${String(value)}`);
    return value;
  }
}
