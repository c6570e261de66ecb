import { describe, expect, test } from 'vitest';
import {
  ACTIONS,
  createRng,
  InProcessBus,
  type PickPlaceResult,
  SILENT_LOG,
  SimClock,
  TOPICS,
} from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { PlanningRig } from '../test/support/planning_rig.ts';
import { PlanningNode } from './node.ts';

const robot = loadRobot('panda');

describe('planning node', () => {
  test('serves a pick and place by detections, joint states and the two actions', async () => {
    const rig = new PlanningRig(3);
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
    const rig = new PlanningRig(3);
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
    const rig = new PlanningRig(3);
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
    const rig = new PlanningRig(3);
    rig.onMove = (label) => label === 'lift';
    await rig.start();
    rig.run(20);
    rig.node.deactivate();
    expect(rig.result).toMatchObject({ ok: false, stage: 'lift', reason: 'the planning node was deactivated' });
  });

  test('a safety stop in motion and one at rest end the goal with stage safety and the reasons', async () => {
    const moving = new PlanningRig(3);
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
    const resting = new PlanningRig(3);
    resting.frames = false;
    await resting.start();
    resting.run(0.5);
    resting.publishSafety({ mode: 'protective_stop', latched: true, reasons: ['stop pressed'] });
    expect(resting.result).toMatchObject({ ok: false, stage: 'safety' });
    expect(resting.result?.reason).toContain('stop pressed');
  });

  test('without pictures, and without a controller, it says what is missing', async () => {
    const blind = new PlanningRig(3);
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
    const rig = new PlanningRig(3);
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
