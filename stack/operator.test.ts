import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACTIONS,
  createRng,
  type GoPlace,
  type GoResult,
  InProcessBus,
  type Node,
  type PickPlaceGoal,
  type PreviewPickResult,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
  type Vector3,
} from '../contracts/index.ts';
import { GoNode, PlanningNode, PreviewNode } from '../planning/index.ts';
import { loadRobot } from '../robots/index.ts';
import { prepareEngine } from '../sim/index.ts';
import { SimCell } from './cell.ts';
import { DEFAULT_EPISODE_OPTIONS } from './options.ts';
import { StateDetectionsNode } from './policies/state_detections.ts';
import { drawUnrecordedWorld } from './world_record.ts';

const robot = loadRobot('panda');
const N = robot.arm_joints;
/** Operators' messages a second. */
const JOG_HZ = 50;
const STEP_S = 0.002;

/** A simulated cell of a drawn world under an operator's hand, with planning in lock-step. */
class OperatedCell {
  readonly cell: SimCell;
  readonly goal: PickPlaceGoal;
  private readonly bus = new InProcessBus({ validate: true });
  private readonly clock = new SimClock();
  private readonly nodes: readonly Node[];
  private readonly objects: number;
  private sequence = 0;
  private seen_ns = 0n;

  constructor(seed: number) {
    const { instance, rng } = drawUnrecordedWorld({ ...DEFAULT_EPISODE_OPTIONS, seed }, 0, robot);
    if (instance.goal.task !== 'pick-place') throw new TypeError(instance.goal.task);
    this.goal = instance.goal;
    this.objects = instance.scene.objects.length;
    const context = { bus: this.bus, clock: this.clock, log: SILENT_LOG };
    this.cell = new SimCell(robot, instance.scene, rng, context, false, 'cannon', null, null, { servo: true });
    const planning: PlanningNode = new PlanningNode({ robot, rng, taken: () => go.busy });
    const go: GoNode = new GoNode({ robot, rng, planning });
    const looks = new StateDetectionsNode(instance.scene, this.cell.engine);
    this.nodes = [...this.cell.nodes, looks, planning, new PreviewNode({ robot, planning }), go];
    this.bus.subscribe(TOPICS.joint_states, 'operator', ({ stamp_ns }) => {
      this.seen_ns = stamp_ns;
    });
  }

  async start(): Promise<this> {
    const context = { bus: this.bus, clock: this.clock, log: SILENT_LOG };
    for (const node of this.nodes) await node.configure(context);
    for (const node of this.nodes) node.activate();
    await this.run(0.1);
    return this;
  }

  async run(seconds: number): Promise<void> {
    for (let k = 0; k < Math.round(seconds / STEP_S); k++) {
      this.cell.step();
      this.clock.advance(secondsToStamp(this.cell.time_s));
      this.cell.publish();
      if (this.bus.active) await this.bus.settled();
    }
  }

  /** Holds down a direction (m/s) and lets go of it. */
  async jog(linear: Vector3, seconds: number): Promise<void> {
    for (let k = 0; k < seconds * JOG_HZ; k++) {
      this.send('twist', linear);
      await this.run(1 / JOG_HZ);
    }
    this.send('release', [0, 0, 0]);
    await this.run(0.4);
  }

  async go(to: GoPlace): Promise<GoResult> {
    const ended: GoResult[] = [];
    this.bus.sendGoal(ACTIONS.go, { to }, { onResult: (_, result) => void ended.push(result) });
    for (let k = 0; k < 300 && ended.length === 0; k++) await this.run(0.1);
    return ended[0];
  }

  async preview(): Promise<PreviewPickResult> {
    const ended: PreviewPickResult[] = [];
    this.bus.sendGoal(ACTIONS.preview_pick, this.goal, { onResult: (_, result) => void ended.push(result) });
    for (let k = 0; k < 50 && ended.length === 0; k++) await this.run(0.1);
    return ended[0];
  }

  /** Where the objects are (m), one after the other. */
  places(): number[] {
    const state = new Float64Array(13);
    return Array.from({ length: this.objects }, (_, id) => {
      this.cell.engine.objectState(id, state, 0);
      return [...state.subarray(0, 3)];
    }).flat();
  }

  get q(): Float64Array {
    return this.cell.engine.q.slice(0, N);
  }

  private send(kind: 'twist' | 'release', linear: Vector3): void {
    const lease = { epoch: 1, session: 'operator', sequence: ++this.sequence };
    const joints = { joint_names: [], joint_velocity: new Float64Array(0) };
    const motion = { kind, frame_id: '', linear, angular: [0, 0, 0] } as const;
    const stamps = { stamp_ns: this.clock.now_ns(), seen_ns: this.seen_ns };
    this.bus.publish(TOPICS.operator_jog, { ...stamps, ...lease, ...motion, ...joints });
  }
}

const opened: OperatedCell[] = [];
const open = async (seed: number): Promise<OperatedCell> => {
  const cell = await new OperatedCell(seed).start();
  opened.push(cell);
  return cell;
};
beforeAll(() => prepareEngine('cannon'));
afterAll(() => {
  for (const { cell } of opened) cell.dispose();
});

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (x, k) => Math.abs(x - b[k])));

describe('an operator in a simulated cell', () => {
  it('brings the arm down among the objects by hand, out by a retreat, and home, and nothing is touched', async () => {
    for (const seed of [1, 3]) {
      const operated = await open(seed);
      const rng = createRng(seed, 'operator');
      const home = robot.home_q.subarray(0, N);
      const standing = operated.places();
      await operated.jog([rng.range(-0.05, 0.1), rng.range(-0.15, 0.15), -0.12], 1.5);
      expect(farthest(operated.q, home), `seed ${seed}`).toBeGreaterThan(0.1);
      for (const to of ['retreat', 'home'] as const) {
        expect(await operated.go(to), `seed ${seed}, ${to}`).toEqual({ ok: true, reason: '' });
      }
      expect(farthest(operated.q, home), `seed ${seed}`).toBeLessThan(2e-3);
      expect(farthest(operated.places(), standing), `seed ${seed}`).toBeLessThan(1e-3);
      expect(operated.cell.gate.interventions.count, `seed ${seed}`).toBe(0);
    }
  });

  it('sees the pick that would be made, and sees nothing move', async () => {
    const operated = await open(4);
    const [q, standing] = [operated.q, operated.places()];
    const preview = await operated.preview();
    expect(preview).toMatchObject({ ok: true, reason: '' });
    const { position } = preview.T_world_tool;
    const near = standing.some(
      (x, k) => k % 3 === 0 && Math.hypot(x - position[0], standing[k + 1] - position[1]) < 0.02,
    );
    expect(near).toBe(true);
    expect(farthest(operated.q, q)).toBeLessThan(1e-4);
    expect(farthest(operated.places(), standing)).toBeLessThan(1e-3);
  });
});
