import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type SafetyState, safetyState } from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import {
  ARM_STATE,
  type Channel,
  ChannelReader,
  Child,
  closeChannel,
  HEARTBEAT_VALUES,
  MACHINE_CLOCK,
  openChannel,
  openGateLink,
  RecordedMotion,
  SimulatedArmProcess,
} from '../../runtime/index.ts';
import type { GraphOrder } from './graph_process.ts';
import { compiledProgram } from './programs.ts';
import { CRUISE_SPEED, nudge, swing } from './swing.ts';
import { Thaw } from './thaw.ts';

const HZ = 500;
const STANDSTILL = 0.01;
/** A busy machine may take long to start a process. */
const START_WAIT_MS = 60_000;
const READY_WAIT_MS = 20_000;

const graphAnswer = z.object({ kind: z.string(), ok: z.boolean(), value: z.unknown() });

export const GRAPH_NODES = ['control', 'safety', 'planning', 'recorder'] as const;
export type GraphNode = (typeof GRAPH_NODES)[number];
export type Blow = 'killed' | 'frozen';

export interface Struck {
  readonly node: GraphNode;
  readonly blow: Blow;
  readonly signal_s: number;
  readonly rest_s: number;
  /** From the signal until the arm has lost 2 % of its speed, and until it stands. */
  reaction_s: number;
  stopping_s: number;
}

/** An arm that is not touched, and around it the processes of a graph, each of which can be killed and frozen. */
export class GraphRig {
  readonly robot: Robot;
  private readonly program: string;
  private readonly scratch: string;
  private readonly arm: SimulatedArmProcess;
  private readonly watch: ChannelReader;
  private readonly thaw = new Thaw();
  private readonly gate = openGateLink();
  private readonly heartbeats = GRAPH_NODES.map(() => openChannel(HEARTBEAT_VALUES));
  private readonly children = new Map<GraphNode, Child>();
  private readonly struck: Struck[] = [];

  private constructor(robot: Robot, program: string, scratch: string, arm: SimulatedArmProcess) {
    this.robot = robot;
    this.program = program;
    this.scratch = scratch;
    this.arm = arm;
    this.watch = new ChannelReader(arm.link.state);
  }

  static async start(): Promise<GraphRig> {
    const program = await compiledProgram('graph_process');
    const scratch = mkdtempSync(join(tmpdir(), 'surepick-graph-'));
    const robot = loadRobot('panda', { visualMeshes: false });
    const script = join(dirname(program), '..', '..', 'runtime', 'arm_process.js');
    const arm = await SimulatedArmProcess.start({ robot, hz: HZ, log_file: join(scratch, 'motion'), script });
    const rig = new GraphRig(robot, program, scratch, arm);
    await Promise.all(GRAPH_NODES.map((node) => rig.spawn(node)));
    return rig;
  }

  /** Starts a node's process, in place of one that has ended. */
  async spawn(node: GraphNode): Promise<void> {
    const role = node === 'control' || node === 'safety' ? node : 'node';
    const others = GRAPH_NODES.filter((other) => other !== 'safety');
    const watched = others.map((name) => ({ name, busy_s: 0.25, required: name !== 'recorder' }));
    const heartbeat = this.heartbeats[GRAPH_NODES.indexOf(node)];
    const channels: Record<string, Channel> = { heartbeat };
    if (role !== 'node') Object.assign(channels, this.gate);
    if (role === 'control') Object.assign(channels, this.arm.link);
    if (role === 'safety')
      others.forEach((other, i) => {
        channels[`heartbeat${i}`] = this.heartbeats[GRAPH_NODES.indexOf(other)];
      });
    const child = new Child(this.program, { role, robot: 'panda', hz: HZ, watched }, channels);
    this.children.set(node, child);
    await child.next((message) => (graphAnswer.parse(message).kind === 'ready' ? true : undefined), START_WAIT_MS);
  }

  async ask(node: GraphNode, order: GraphOrder): Promise<unknown> {
    const child = this.child(node);
    const heard = child.next((message) => {
      const answer = graphAnswer.parse(message);
      return answer.kind === order.kind ? answer : undefined;
    });
    child.send(order);
    const { ok, value } = await heard;
    if (!ok) throw new Error(`${node} ${order.kind}: ${String(value)}`);
    return value;
  }

  async state(): Promise<SafetyState> {
    return safetyState.parse(await this.ask('safety', { kind: 'state' }));
  }

  /** Waits for a state. */
  async until(condition: (state: SafetyState) => boolean, what: string, within_ms = 8000): Promise<SafetyState> {
    for (const end = performance.now() + within_ms; ; await sleep(10)) {
      const state = await this.state().catch(() => null);
      if (state !== null && condition(state)) return state;
      if (performance.now() > end) throw new Error(`no ${what}: ${state?.mode} ${state?.reasons.join(', ')}`);
    }
  }

  /** Resets until motion is allowed; a busy machine may stop the arm again. */
  async ready(): Promise<void> {
    let state: SafetyState | null = null;
    for (const end = performance.now() + READY_WAIT_MS; performance.now() < end; await sleep(50)) {
      state = await this.state().catch(() => null);
      if (state?.mode === 'automatic' && state.reasons.length === 0 && this.speed() < STANDSTILL) return;
      if (state !== null && state.mode !== 'initialising') await this.ask('safety', { kind: 'reset' });
    }
    throw new Error(`not ready: ${state?.mode} ${state?.reasons.join(', ')}`);
  }

  /** Swings the first joint from where it is to the other side, and strikes in mid-motion; null where it was not moving. */
  async strike(node: GraphNode, blow: Blow): Promise<Struck | null> {
    await this.ready();
    this.ask('control', { kind: 'move', trajectory: swing(this.robot, { position: this.position() }) }).catch(() => {});
    const moving = await this.waitFor(() => this.speed() > 0.97 * CRUISE_SPEED, 2000);
    if (!moving) return null;
    await sleep(60);
    const child = this.child(node);
    if (blow === 'frozen') this.thaw.later(child.pid);
    const signal_s = MACHINE_CLOCK.now_s();
    child.signal(blow === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    await sleep(150);
    if (!(await this.waitFor(() => this.speed() < STANDSTILL, 3000))) throw new Error(`${node} ${blow}: no rest`);
    await sleep(30);
    const struck = { node, blow, signal_s, rest_s: MACHINE_CLOCK.now_s(), reaction_s: 0, stopping_s: 0 };
    this.struck.push(struck);
    return struck;
  }

  /** Brings the node back: one that was killed is started again, one that was frozen wakes. */
  async mend({ node, blow }: Struck): Promise<void> {
    this.thaw.now();
    if (blow === 'frozen') return;
    await this.child(node).ended;
    await this.spawn(node);
  }

  /** Sends a short goal and returns what became of it. */
  async move(): Promise<unknown> {
    return this.ask('control', { kind: 'move', trajectory: nudge(this.robot, { position: this.position() }) });
  }

  speed(): number {
    this.watch.poll();
    const from = ARM_STATE.coordinates + this.robot.model.nq;
    return Math.max(...this.watch.payload.subarray(from, from + this.robot.arm_joints).map(Math.abs));
  }

  /** Ends all, and fills in what the arm's log says of every blow; those it was too slow for are left out. */
  async finish(): Promise<readonly Struck[]> {
    this.thaw.now();
    for (const child of this.children.values()) {
      child.signal('SIGKILL');
      await child.ended;
    }
    await this.arm.close();
    this.thaw.end();
    for (const channel of [this.gate.observation, this.gate.grant, ...this.heartbeats]) closeChannel(channel);
    const motion = new RecordedMotion(join(this.scratch, 'motion'));
    rmSync(this.scratch, { recursive: true, force: true });
    return this.struck.filter((struck) => measure(struck, motion));
  }

  private child(node: GraphNode): Child {
    const child = this.children.get(node);
    if (child === undefined) throw new Error(`${node} was never started`);
    return child;
  }

  private async waitFor(condition: () => boolean, within_ms: number): Promise<boolean> {
    for (const end = performance.now() + within_ms; performance.now() < end; await sleep(1))
      if (condition()) return true;
    return false;
  }

  private position(): Float64Array<ArrayBuffer> {
    this.watch.poll();
    const from = ARM_STATE.coordinates;
    return Float64Array.from(this.watch.payload.subarray(from, from + this.robot.arm_joints));
  }
}

/** Whether the arm was in its cruise at the signal; then from its log when it slowed down and stood. */
function measure(struck: Struck, motion: RecordedMotion): boolean {
  const from = motion.rowAt(struck.signal_s);
  const end = motion.rowAt(struck.rest_s);
  const speed = (row: number) => Math.abs(motion.v(row)[0]);
  if (Math.abs(speed(from) / CRUISE_SPEED - 1) > 0.03) return false;
  let slower = end;
  while (slower > from && speed(slower - 1) < 0.98 * speed(from)) slower--;
  let stands = end;
  while (stands > from && motion.v(stands - 1).every((v) => Math.abs(v) <= STANDSTILL)) stands--;
  struck.reaction_s = motion.time_s(slower) - struck.signal_s;
  struck.stopping_s = motion.time_s(stands) - motion.time_s(slower);
  return true;
}
