import { describe, expect, test } from 'vitest';
import { CollisionWorld } from '../collision/index.ts';
import {
  ACTIONS,
  createRng,
  InProcessBus,
  type PickPlaceResult,
  type SafetyState,
  type SentGoal,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BruteForce, type CellFaults, IdealCell, randomScene } from '../test/support/planning_cell.ts';
import { PlanningNode } from './node.ts';

const robot = loadRobot('panda');
const brute = new BruteForce(robot, new CollisionWorld(robot).checkedPairs());

const SAFE: SafetyState = {
  stamp_ns: 0n,
  mode: 'automatic',
  latched: false,
  reasons: [],
  stop_category: -1,
  drives_on: true,
  stop_time_s: 0.1,
  lease_valid: true,
  passed: 0,
  limited: 0,
  stopped: 0,
};

/** The planning node on a bus with an ideal robot and detections at 10 Hz. */
class Rig {
  readonly bus = new InProcessBus({ validate: true });
  readonly clock = new SimClock();
  readonly cell: IdealCell;
  readonly node: PlanningNode;
  readonly stages: string[] = [];
  readonly moves: string[] = [];
  status = '';
  result: PickPlaceResult | null = null;
  frames = true;
  goal: SentGoal | null = null;
  /** Called when a move of this label begins; true leaves its answer to the test. */
  onMove: (label: string, end: (ok: boolean, reason: string) => void) => boolean = () => false;
  private canceled: (() => void) | null = null;

  constructor(seed: number, faults: CellFaults = {}) {
    this.cell = new IdealCell(robot, randomScene(createRng(seed).stream('scene')), brute, createRng(seed), faults);
    this.node = new PlanningNode({ robot, rng: createRng(seed) });
  }

  async start(): Promise<void> {
    const { bus, clock, cell, node } = this;
    await node.configure({ bus, clock, log: SILENT_LOG });
    node.activate();
    bus.serveAction(ACTIONS.follow_joint_trajectory, ({ label, trajectory }, handle) => {
      this.moves.push(label);
      let open = true;
      const end = (ok: boolean, reason: string): void => {
        if (!open) return;
        open = false;
        if (ok) handle.succeed({ ok, reason, final_error_rad: 0 });
        else handle.abort({ ok, reason, final_error_rad: 0 });
      };
      handle.onCancel(() => {
        this.canceled?.();
        end(false, 'canceled');
      });
      if (this.onMove(label, end)) return;
      const duration = trajectory.time_s[trajectory.time_s.length - 1];
      this.after(duration, () => {
        const event = cell.answer({ kind: 'move', label, trajectory });
        if (event.kind === 'moved') end(event.ok, event.reason);
      });
    });
    bus.serveAction(ACTIONS.gripper, (goal, handle) => {
      this.after(0.3, () => {
        const event = cell.answer({ kind: 'grip', ...goal });
        if (event.kind === 'gripped') handle.succeed({ width_m: event.width_m, stalled: true, reached: false });
      });
    });
    this.tick();
    this.goal = bus.sendGoal(ACTIONS.pick_place, cell.scene.goal, {
      onFeedback: ({ stage }) => this.stages.push(stage),
      onResult: (status, result) => {
        this.status = status;
        this.result = result;
      },
    });
  }

  run(seconds: number): void {
    for (let k = 0; k < seconds * 100 && this.result === null; k++) {
      this.clock.advance(this.clock.now_ns() + secondsToStamp(0.01));
    }
  }

  publishSafety(part: Partial<SafetyState>): void {
    this.bus.publish(TOPICS.safety_state, { ...SAFE, ...part });
  }

  whenCanceled(callback: () => void): void {
    this.canceled = callback;
  }

  private tick(): void {
    const { bus, clock, cell } = this;
    const state = cell.answer({ kind: 'state' });
    if (state.kind === 'state') {
      const position = robot.home_q.slice();
      position.set(state.q);
      position[robot.arm_joints] = state.finger_width_m / 2;
      const zeros = new Float64Array(robot.model.nq);
      const names = robot.model.joint_names;
      bus.publish(TOPICS.joint_states, { stamp_ns: clock.now_ns(), names, position, velocity: zeros, effort: zeros });
    }
    if (this.frames) bus.publish(TOPICS.detections, { ...cell.look(), stamp_ns: clock.now_ns() });
    this.after(0.1, () => this.tick());
  }

  private after(seconds: number, callback: () => void): void {
    this.clock.schedule(this.clock.now_ns() + secondsToStamp(seconds), callback);
  }
}

describe('planning node', () => {
  test('serves a pick and place by detections, joint states and the two actions', async () => {
    const rig = new Rig(3);
    await rig.start();
    rig.run(20);
    await rig.bus.settled();
    expect(rig.result).toMatchObject({ ok: true, stage: 'retreat', reason: '', attempts: 1 });
    expect(rig.status).toBe('succeeded');
    const rows = rig.result?.plan_stages ?? [];
    expect(rows[0]).toMatchObject({ depth: 0, name: 'pick', kind: 'serial', tried: 1, solutions: 1 });
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['grasps', 'approach', 'lift', 'transfer']));
    expect(rig.stages).toEqual(['perceive', 'plan', 'approach', 'grasp', 'lift', 'transfer', 'place', 'retreat']);
    expect(rig.moves).toEqual(['approach', 'descend', 'lift', 'transfer', 'place', 'retreat', 'home']);
    expect(rig.cell.error()).toBeLessThan(0.005);
    expect([...rig.cell.contacts, ...rig.cell.jumps]).toEqual([]);
  });

  test('a second goal is refused while one is under way, and served after it', async () => {
    const rig = new Rig(3);
    await rig.start();
    rig.run(1);
    let refused = '';
    rig.bus.sendGoal(ACTIONS.pick_place, rig.cell.scene.goal, {
      onResult: (_, result) => {
        refused = result.reason;
      },
    });
    expect(refused).toBe('another goal is under way; cancel it first');
    rig.run(20);
    expect(rig.result?.ok).toBe(true);
    let again: PickPlaceResult | null = null;
    rig.bus.sendGoal(ACTIONS.pick_place, rig.cell.scene.goal, {
      onResult: (_, result) => {
        again = result;
      },
    });
    rig.result = null;
    rig.run(20);
    expect(again).toMatchObject({ ok: true });
  });

  test('cancelling stops the arm first and then ends the goal', async () => {
    const rig = new Rig(3);
    const order: string[] = [];
    rig.onMove = (label) => label === 'transfer';
    rig.whenCanceled(() => order.push(`arm stopped, goal ${rig.status || 'open'}`));
    await rig.start();
    rig.run(20);
    expect(rig.moves[rig.moves.length - 1]).toBe('transfer');
    expect(rig.result).toBeNull();
    rig.goal?.cancel();
    expect(order).toEqual(['arm stopped, goal open']);
    expect(rig.status).toBe('canceled');
    expect(rig.result).toMatchObject({ ok: false, stage: 'transfer', reason: 'canceled', attempts: 1 });
  });

  test('a node taken out of service stops what it started', async () => {
    const rig = new Rig(3);
    rig.onMove = (label) => label === 'lift';
    await rig.start();
    rig.run(20);
    rig.node.deactivate();
    expect(rig.result).toMatchObject({ ok: false, stage: 'lift', reason: 'the planning node was deactivated' });
  });

  test('a safety stop in motion and one at rest end the goal with stage safety and the reasons', async () => {
    const moving = new Rig(3);
    moving.onMove = (label, end) => {
      if (label !== 'lift') return false;
      moving.publishSafety({ mode: 'protective_stop', latched: true, reasons: ['joint 2 velocity'] });
      expect(moving.result).toBeNull();
      end(false, 'stopped by the safety gate');
      return true;
    };
    await moving.start();
    moving.run(20);
    expect(moving.result).toMatchObject({ ok: false, stage: 'safety', attempts: 1 });
    expect(moving.result?.reason).toBe('lift: stopped by the safety gate; joint 2 velocity');
    const resting = new Rig(3);
    resting.frames = false;
    await resting.start();
    resting.run(0.5);
    resting.publishSafety({ mode: 'protective_stop', latched: true, reasons: ['stop pressed'] });
    expect(resting.result).toMatchObject({ ok: false, stage: 'safety' });
    expect(resting.result?.reason).toContain('stop pressed');
  });

  test('without pictures, and without a controller, it says what is missing', async () => {
    const blind = new Rig(3);
    blind.frames = false;
    await blind.start();
    blind.run(10);
    expect(blind.result).toMatchObject({ ok: false, stage: 'perceive' });
    expect(blind.result?.reason).toBe('for 2 s no detections arrive; is the perception node active?');
    const bus = new InProcessBus();
    const clock = new SimClock();
    const node = new PlanningNode({ robot, rng: createRng(1) });
    await node.configure({ bus, clock, log: SILENT_LOG });
    node.activate();
    const rig = new Rig(3);
    let result: PickPlaceResult | null = null;
    bus.sendGoal(ACTIONS.pick_place, rig.cell.scene.goal, {
      onResult: (_, ended) => {
        result = ended;
      },
    });
    const position = robot.home_q.slice();
    const zeros = new Float64Array(8);
    bus.publish(TOPICS.joint_states, {
      stamp_ns: 0n,
      names: robot.model.joint_names,
      position,
      velocity: zeros,
      effort: zeros,
    });
    for (let k = 0; k < 4; k++) bus.publish(TOPICS.detections, { ...rig.cell.look(), stamp_ns: 0n });
    expect(result).toMatchObject({ ok: false, stage: 'approach' });
    expect(String((result as PickPlaceResult | null)?.reason)).toContain('has no server');
  });
});
