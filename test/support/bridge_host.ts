import { z } from 'zod';
import type { JointTrajectory } from '../../contracts/index.ts';
import { withoutSharedMemory } from '../../ros/index.ts';
import { Child, type Ros2ControlOptions, ros2ControlOptions } from '../../runtime/index.ts';
import { compiledProgram } from './programs.ts';
import type { RosTestbed } from './ros.ts';

/** What bridge_host_program is asked, over its message channel. */
export type BridgeOrder =
  | { readonly kind: 'state' | 'reset' | 'end' }
  | { readonly kind: 'block'; readonly seconds: number }
  | { readonly kind: 'move'; readonly trajectory: JointTrajectory };

const hostAnswer = z.object({ ok: z.boolean(), value: z.unknown() });
const hostState = z.object({
  mode: z.string(),
  arm_phase: z.string(),
  at_rest: z.boolean(),
  causes: z.unknown(),
  refusal: z.string(),
  follower_phase: z.unknown(),
  follower_outcome: z.unknown(),
  path_error_rad: z.number(),
  supervisor_pid: z.number(),
  position: z.instanceof(Float64Array),
  reference: z.instanceof(Float64Array),
  bridge: z.object({
    phase: z.string(),
    problem: z.string(),
    warning: z.string(),
    braked_for: z.string(),
    state_hz: z.number(),
    jitter_s: z.number(),
    published: z.int(),
    refused: z.int(),
  }),
});
export type BridgeHostState = z.infer<typeof hostState>;

let program: Promise<string> | undefined;

/** A control process with driver, gate and bridge, whose arm is another process under ros2_control. */
export class BridgeHost {
  readonly child: Child;

  private constructor(child: Child) {
    this.child = child;
  }

  static async start(ros: RosTestbed, domain: number, bridge: Partial<Ros2ControlOptions> = {}): Promise<BridgeHost> {
    const variables = { ...withoutSharedMemory(ros.env), ROS_DOMAIN_ID: String(domain), NODE_OPTIONS: '' };
    program ??= compiledProgram('bridge_host_program');
    const config = { robot: 'panda', hz: 500, bridge: ros2ControlOptions.parse(bridge) };
    const child = new Child(await program, config, {}, variables);
    await child.next((message) => hostAnswer.parse(message), 30_000);
    return new BridgeHost(child);
  }

  async state(): Promise<BridgeHostState> {
    return hostState.parse(await this.ask({ kind: 'state' }));
  }

  async ask(order: BridgeOrder): Promise<unknown> {
    const heard = this.child.next((message) => hostAnswer.parse(message));
    this.child.send(order);
    const { ok, value } = await heard;
    if (!ok) throw new Error(`${order.kind}: ${String(value)}`);
    return value;
  }

  /** Ends it, with its arm at rest. */
  async close(): Promise<number | null> {
    if (this.child.running) this.child.send({ kind: 'end' });
    return this.child.ended;
  }
}
