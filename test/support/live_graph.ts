import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  CAMERAS,
  createRng,
  InProcessBus,
  type Node,
  SERVICES,
  SILENT_LOG,
  SIMULATION_SERVICES,
  SimClock,
  type TaskGoal,
  TOPICS,
  type Vector3,
} from '../../contracts/index.ts';
import { type Detector, openDetector, PerceptionNode, PerceptionRequestsNode } from '../../perception/index.ts';
import { PlanningNode } from '../../planning/index.ts';
import type { ControlProxyNode, GateLink } from '../../runtime/index.ts';
import { envelopeForRobot } from '../../safety/index.ts';
import { drawUnrecordedWorld, type LiveCellOptions, type SimNode } from '../../stack/index.ts';
import { PANDA } from './live_cell.ts';
import { compiledProgram } from './programs.ts';

const stopwatch = () => performance.now() / 1000;
const HZ = 500;

/** Threads and processes need compiled code, so what starts them is loaded compiled too. */
let program: Promise<string> | null = null;
async function compiled<T>(stage: string): Promise<T> {
  program ??= compiledProgram('control_host');
  return import(pathToFileURL(join(dirname(await program), '..', '..', stage, 'index.js')).href);
}

/** Live cell, controller, supervisor, perception and planning on one bus, in the threads that a robot has them in. */
export class LiveGraph {
  readonly bus: InProcessBus;
  readonly clock: SimClock;
  readonly sim: SimNode;
  readonly control: ControlProxyNode;
  readonly cell: LiveCellOptions;
  private readonly nodes: readonly Node[];
  private readonly received = new Map<string, number>();
  private readonly release: () => Promise<void>;
  private mode = '';

  private constructor(
    cell: LiveCellOptions,
    sim: SimNode,
    control: ControlProxyNode,
    safety: Node,
    detector: Detector,
    release: () => Promise<void>,
  ) {
    const planning = new PlanningNode({ robot: PANDA, rng: createRng(cell.seed).stream('policy'), stopwatch });
    const perception = [new PerceptionNode({ detector, only_when_subscribed: true }), new PerceptionRequestsNode()];
    this.cell = cell;
    this.sim = sim;
    this.control = control;
    this.nodes = [sim, safety, control, ...perception, planning];
    this.release = release;
    this.bus = new InProcessBus();
    this.clock = new SimClock();
    this.bus.subscribe(TOPICS.clock, 'clock', ({ stamp_ns }) => this.clock.advance(stamp_ns));
    this.bus.subscribe(TOPICS.safety_state, 'test', ({ mode }) => {
      this.mode = mode;
    });
    const count = ({ name }: { readonly name: string }) => this.received.set(name, this.count({ name }) + 1);
    this.bus.subscribe(TOPICS.clock, 'test', () => void count(TOPICS.clock));
    this.bus.subscribe(TOPICS.wrench, 'test', () => void count(TOPICS.wrench));
    for (const { depth } of Object.values(CAMERAS)) this.bus.subscribe(depth, 'test', () => void count(depth));
  }

  static async start(cell: LiveCellOptions): Promise<LiveGraph> {
    const { SimNode: Sim } = await compiled<typeof import('../../stack/live/index.ts')>('stack/live');
    const runtime = await compiled<typeof import('../../runtime/index.ts')>('runtime');
    const arm = runtime.openArmLink(PANDA);
    const gate: GateLink = runtime.openGateLink();
    const detector = await openDetector('classical', { stopwatch });
    const release = async () => {
      for (const channel of [...Object.values(arm), ...Object.values(gate)]) runtime.closeChannel(channel);
      await detector.close();
    };
    // What is tried here is not the machine's punctuality.
    const envelope = { ...envelopeForRobot(PANDA), late_s: 1, lease_s: 1 };
    const control = new runtime.ControlProxyNode({
      ...{ robot: PANDA.name, hz: HZ, pace: cell.pace, arm, envelope, supervised_by: gate },
    });
    const safety = new runtime.SafetySupervisorNode({ gate, processes: [], parameters: { silence_s: 1, busy_s: 10 } });
    const graph = new LiveGraph(cell, new Sim({ cell, link: arm }), control, safety, detector, release);
    const context = { bus: graph.bus, clock: graph.clock, log: SILENT_LOG };
    for (const node of graph.nodes) await node.configure(context);
    for (const node of graph.nodes) node.activate();
    return graph;
  }

  get goal(): TaskGoal {
    return drawUnrecordedWorld(this.cell, this.cell.episode, PANDA).instance.goal;
  }

  /** Messages that came on a topic. */
  count({ name }: { readonly name: string }): number {
    return this.received.get(name) ?? 0;
  }

  /** Brings everything to where motion is allowed, which a busy machine may take some tries for; false if it cannot. */
  async ready(): Promise<boolean> {
    for (let tries = 0; tries < 50 && this.mode !== 'automatic'; tries++) {
      await sleep(50);
      await this.bus.call(SERVICES.safety_reset, {}).catch(() => {});
    }
    return this.mode === 'automatic';
  }

  /** Where the object of the goal of a pick-place cell is. */
  async wanted(): Promise<Vector3> {
    const { goal } = this;
    if (goal.task !== 'pick-place') throw new TypeError(`a goal of ${goal.task}`);
    const filter = `^${goal.object.colour}_${goal.object.class}_`;
    const [entity] = (await this.bus.call(SIMULATION_SERVICES.entities, { filter })).entities;
    return (await this.bus.call(SIMULATION_SERVICES.get_entity, { entity })).state.pose.position;
  }

  async close(): Promise<void> {
    for (const node of [...this.nodes].reverse()) node.deactivate();
    for (const node of [...this.nodes].reverse()) await node.cleanup();
    await this.release();
  }
}
