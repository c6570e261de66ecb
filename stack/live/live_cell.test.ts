import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACTIONS,
  CAMERAS,
  createRng,
  InProcessBus,
  type Node,
  type PickPlaceResult,
  SERVICES,
  SILENT_LOG,
  SIMULATION_SERVICES,
  SimClock,
  TOPICS,
} from '../../contracts/index.ts';
import { openDetector, PerceptionNode, PerceptionRequestsNode } from '../../perception/index.ts';
import { PlanningNode } from '../../planning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import type { ControlProxyNode, GateLink } from '../../runtime/index.ts';
import { envelopeForRobot } from '../../safety/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import type { LiveCellOptions, SimNode } from './index.ts';
import { liveCellOptions } from './options.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const stopwatch = () => performance.now() / 1000;
const HZ = 500;
/** Half as fast as real time, so that a machine that does other things as well keeps up. */
const PACE = 0.5;
const TRIES = 4;

/** The compiled face of a stage: threads and processes need compiled code, so what starts them is loaded compiled too. */
let folder = '';
async function compiled<T>(stage: string): Promise<T> {
  return import(pathToFileURL(join(folder, stage, 'index.js')).href);
}

/** Cell, controller, supervisor, perception and planning on one bus, in the threads that a robot would have them in. */
class Graph {
  readonly bus = new InProcessBus();
  readonly clock = new SimClock();
  readonly received = new Map<string, number>();
  mode = '';
  sim!: SimNode;
  control!: ControlProxyNode;
  private nodes: Node[] = [];
  private closers: (() => void | Promise<void>)[] = [];

  async start(cell: LiveCellOptions): Promise<void> {
    const stack = await compiled<typeof import('./index.ts')>('stack/live');
    const runtime = await compiled<typeof import('../../runtime/index.ts')>('runtime');
    const arm = runtime.openArmLink(robot);
    const gate: GateLink = runtime.openGateLink();
    const detector = await openDetector('classical', { stopwatch });
    this.closers = [
      () => [...Object.values(arm), ...Object.values(gate)].forEach(runtime.closeChannel),
      () => detector.close(),
    ];
    this.sim = new stack.SimNode({ cell, link: arm });
    // What is tried here is not the machine's punctuality.
    const envelope = { ...envelopeForRobot(robot), late_s: 0.3, lease_s: 0.4 };
    this.control = new runtime.ControlProxyNode({
      ...{ robot: robot.name, hz: HZ, pace: cell.pace, arm, envelope, supervised_by: gate },
    });
    const safety = new runtime.SafetySupervisorNode({ gate, processes: [], parameters: { silence_s: 0.5, busy_s: 5 } });
    const planning = new PlanningNode({ robot, rng: createRng(cell.seed).stream('policy'), stopwatch });
    const perception = [new PerceptionNode({ detector, only_when_subscribed: true }), new PerceptionRequestsNode()];
    this.nodes = [this.sim, safety, this.control, ...perception, planning];
    this.bus.subscribe(TOPICS.clock, 'clock', ({ stamp_ns }) => this.clock.advance(stamp_ns));
    this.bus.subscribe(TOPICS.safety_state, 'test', ({ mode }) => {
      this.mode = mode;
    });
    for (const topic of [
      TOPICS.clock,
      TOPICS.wrench,
      TOPICS.joint_states,
      CAMERAS.overview.colour,
      CAMERAS.wrist.depth,
    ]) {
      this.bus.subscribe<unknown>(topic as typeof TOPICS.clock, 'count', () => {
        this.received.set(topic.name, (this.received.get(topic.name) ?? 0) + 1);
      });
    }
    const context = { bus: this.bus, clock: this.clock, log: SILENT_LOG };
    for (const node of this.nodes) await node.configure(context);
    for (const node of this.nodes) node.activate();
  }

  /** Brings everything to where motion is allowed; a busy machine may have stopped it. */
  async ready(): Promise<void> {
    for (let tries = 0; tries < 50 && this.mode !== 'automatic'; tries++) {
      await sleep(50);
      await this.bus.call(SERVICES.safety_reset, {}).catch(() => {});
    }
    expect(this.mode).toBe('automatic');
  }

  get count(): (topic: { readonly name: string }) => number {
    return ({ name }) => this.received.get(name) ?? 0;
  }

  /** Cycles that the control thread was too late for. */
  get skipped(): number {
    return this.control.thread?.state().skipped ?? 0;
  }

  async close(): Promise<void> {
    for (const node of [...this.nodes].reverse()) node.deactivate();
    for (const node of [...this.nodes].reverse()) await node.cleanup();
    for (const close of this.closers) await close();
  }
}

beforeAll(async () => {
  folder = join(dirname(await compiledProgram('control_host')), '..', '..');
});

describe('a live cell with the stack of a robot', () => {
  const seeds = [1, 2, 3, 5];
  let graph: Graph;
  afterAll(() => graph?.close());

  it('picks and places, and its arm stops by itself when nobody controls it any more', {
    timeout: 180_000,
  }, async () => {
    let result: PickPlaceResult | null = null;
    for (let k = 0; k < TRIES && result?.ok !== true; k++) {
      await graph?.close();
      graph = new Graph();
      const cell = liveCellOptions.parse({ seed: seeds[k], pace: PACE });
      await graph.start(cell);
      await graph.ready();
      const { goal } = drawUnrecordedWorld(cell, cell.episode, robot).instance;
      result = await new Promise<PickPlaceResult>((resolve) => {
        graph.bus.sendGoal(ACTIONS.task, goal, { onResult: (_status, ended) => resolve(ended) });
      });
      if (result.ok) {
        const { object, target } = drawnGoal(goal);
        const entity = (await graph.bus.call(SIMULATION_SERVICES.entities, { filter: `^${object}_` })).entities[0];
        const { state } = await graph.bus.call(SIMULATION_SERVICES.get_entity, { entity });
        const [x, y] = state.pose.position;
        expect(Math.hypot(x - target[0], y - target[1])).toBeLessThan(0.02);
      } else if (graph.skipped === 0) break;
    }
    expect(result).toMatchObject({ ok: true });
    const simulated_s = Number(graph.clock.now_ns()) / 1e9;
    // The clock at 100 Hz and every wrench with it; pictures at 10 Hz, less those that a busy machine skips.
    expect(graph.count(TOPICS.clock)).toBeGreaterThan(99 * simulated_s);
    expect(graph.count(TOPICS.wrench)).toBeGreaterThan(98 * simulated_s);
    const { pictures_skipped } = graph.sim.diagnostics();
    const due = 20 * simulated_s - 4 - 2 * Number(pictures_skipped);
    expect(graph.count(CAMERAS.overview.colour) + graph.count(CAMERAS.wrist.depth)).toBeGreaterThan(due);

    await graph.control.thread?.abort();
    const end = performance.now() + 10_000;
    while (graph.sim.diagnostics().arm_phase !== 'holding' && performance.now() < end) await sleep(10);
    expect(graph.sim.diagnostics()).toMatchObject({ arm_phase: 'holding', arm_stopped_by_itself: 1 });
  });
});

function drawnGoal(goal: ReturnType<typeof drawUnrecordedWorld>['instance']['goal']) {
  if (goal.task !== 'pick-place') throw new TypeError(`a goal of ${goal.task}`);
  return { object: `${goal.object.colour}_${goal.object.class}`, target: goal.target };
}
