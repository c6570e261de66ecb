import { describe, expect, it } from 'vitest';
import {
  ACTIONS,
  type Detections,
  type GoalStatus,
  type PickPlaceGoal,
  type PickPlaceResult,
  PREVIEW_ROWS,
  type PreviewPickResult,
  SILENT_LOG,
  TOPICS,
} from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { heightOf } from '../test/support/planning_cell.ts';
import { PlanningRig } from '../test/support/planning_rig.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PreviewNode } from './preview_node.ts';
import { previewPick, thinned } from './preview_pick.ts';
import type { Steps } from './requests.ts';
import { TABLE_WORKCELL } from './workcell.ts';

const robot = loadRobot('panda');
const N = robot.arm_joints;

interface Asked {
  readonly status?: GoalStatus;
  readonly result?: PreviewPickResult;
  readonly cancel: () => void;
}

/** The rig of a planning node with a preview beside it. */
async function start(seed: number, change: (rig: PlanningRig) => void = () => {}) {
  const rig = new PlanningRig(seed);
  change(rig);
  const { bus, clock } = rig;
  const node = new PreviewNode({ robot, planning: rig.node });
  await node.configure({ bus, clock, log: SILENT_LOG });
  node.activate();
  await rig.open();
  const ask = (goal: PickPlaceGoal = rig.cell.scene.goal): Asked => {
    const asked: Asked = { cancel: () => {} };
    const sent = bus.sendGoal(ACTIONS.preview_pick, goal, {
      onResult: (status, result) => Object.assign(asked, { status, result }),
    });
    return Object.assign(asked, { cancel: () => sent.cancel() });
  };
  const wait = (asked: Asked): PreviewPickResult => {
    rig.result = null;
    for (let k = 0; k < 100 && asked.result === undefined; k++) rig.run(0.1);
    if (asked.result === undefined) throw new Error('no preview within 10 s');
    return asked.result;
  };
  return { rig, node, ask, wait };
}

/** Joints where the arm is sent by every motion of a pick, by label. */
function watchMoves(rig: PlanningRig): Map<string, number[]> {
  const ends = new Map<string, number[]>();
  rig.bus.subscribe(TOPICS.joint_states, 'test', ({ position }) => {
    const label = rig.moves.at(-1);
    if (label !== undefined) ends.set(label, [...position.subarray(0, N)]);
  });
  return ends;
}

describe('a preview of a pick', () => {
  it('leads to the grasp of the pick that follows: same object, same joints; and moves nothing itself', async () => {
    for (const seed of [3, 5]) {
      const { rig, ask, wait } = await start(seed);
      const { objects } = rig.cell.scene;
      const before = objects.map(({ x, y, yaw }) => [x, y, yaw]);
      const preview = wait(ask());
      const joint_names = robot.model.joint_names.slice(0, N);
      expect(preview, `seed ${seed}`).toMatchObject({ ok: true, reason: '', joint_names });
      expect(rig.moves).toEqual([]);
      expect(objects.map(({ x, y, yaw }) => [x, y, yaw])).toEqual(before);
      expect(preview.positions.length / N).toBeLessThanOrEqual(PREVIEW_ROWS);
      expect([...preview.positions.subarray(0, N)]).toEqual([...robot.home_q.subarray(0, N)]);
      const { position } = preview.T_world_tool;
      const [object] = objects;
      expect(Math.hypot(position[0] - object.x, position[1] - object.y), `seed ${seed}`).toBeLessThan(0.02);
      expect(position[2]).toBeLessThan(heightOf(object.shape));
      const ends = watchMoves(rig);
      rig.send();
      rig.run(30);
      expect(rig.result, `seed ${seed}`).toMatchObject({ ok: true, attempts: 1 });
      const grasp = ends.get('descend') ?? [];
      expect(grasp).toHaveLength(N);
      for (const [j, q] of preview.positions.slice(-N).entries()) expect(grasp[j], `seed ${seed}`).toBeCloseTo(q, 9);
    }
  });

  it('changes nothing of the picks after it: the same motions bit for bit, however often it was asked for', async () => {
    const picked = async (previews: number): Promise<number[][]> => {
      const { rig, ask, wait } = await start(4);
      const frames: Detections = { ...rig.cell.look(), stamp_ns: 0n };
      rig.cell.look = () => frames;
      for (let k = 0; k < previews; k++) {
        expect(wait(ask()).ok).toBe(true);
      }
      const ends = watchMoves(rig);
      rig.send();
      rig.run(30);
      expect([...ends.keys()].slice(0, 5)).toEqual(['approach', 'descend', 'lift', 'transfer', 'place']);
      return [...ends.values()].slice(0, 5);
    };
    expect(await picked(2)).toEqual(await picked(0));
  });

  it('is given up for the next one that is asked for', async () => {
    const { ask, wait } = await start(3);
    const [first, second] = [ask(), ask()];
    expect(first.result).toMatchObject({ ok: false, reason: 'another preview was asked for' });
    expect(wait(second)).toMatchObject({ ok: true });
  });

  it('is refused while a task is under way, or the arm moves', async () => {
    const { rig, ask, wait } = await start(3);
    const busy = 'a task is under way; its own plan is in /planning/markers';
    const first = ask();
    rig.onMove = () => true;
    rig.send();
    expect(wait(first)).toMatchObject({ ok: false, reason: busy });
    expect(ask().result).toMatchObject({ ok: false, reason: busy, joint_names: [], width_m: 0 });
    rig.goal?.cancel();
    rig.run(1);
    const [names, zeros] = [robot.model.joint_names, new Float64Array(robot.model.nq)];
    const joints = { stamp_ns: 0n, names, position: robot.home_q.slice(), velocity: zeros, effort: zeros };
    rig.bus.publish(TOPICS.joint_states, { ...joints, velocity: zeros.map((_, j) => (j === 3 ? 0.1 : 0)) });
    expect(ask().result).toMatchObject({ ok: false, reason: 'the arm moves; wait until it rests' });
  });

  it('says why there is none: nothing seen of it, no pictures, no way, canceled, out of service', async () => {
    const { rig, node, ask, wait } = await start(3);
    const { goal } = rig.cell.scene;
    const purple = ask({ ...goal, object: { class: 'box', colour: 'purple' } });
    expect(wait(purple).reason).toMatch(/^no purple box seen in \d+ frames; seen: /);
    expect(wait(ask({ ...goal, target: [2, 0, 0] })).reason).toMatch(/cannot be brought to the target/);
    const given_up = ask();
    given_up.cancel();
    expect(given_up).toMatchObject({ status: 'canceled', result: { ok: false, reason: 'canceled' } });
    const last = ask();
    node.deactivate();
    expect(last.result).toMatchObject({ ok: false, reason: 'the planning node was deactivated' });
    const blind = await start(3, (other) => {
      other.frames = false;
    });
    expect(blind.wait(blind.ask()).reason).toBe('for 2 s no detections arrive; is the perception node active?');
  });

  it('is not made where the pick would first do something else, which it names', () => {
    const said = 'red box at (0.500, 0.000) m is uncertain; asks a person';
    const doubt = new PlanningRig(3).cell.look();
    const motion = new MotionPlanner(robot, TABLE_WORKCELL);
    const requests = [
      [{ kind: 'ask', doubt }, `a person would be asked first: ${said}`],
      [{ kind: 'grip', width_m: 0, force_N: 1 }, `the arm would move for another look first: ${said}`],
    ] as const;
    for (const [request, reason] of requests) {
      const pick = (function* (): Steps<PickPlaceResult> {
        yield { kind: 'stage', name: 'perceive', attempt: 1, reason: said };
        yield request;
        throw new Error('it went on');
      })();
      expect(() => previewPick(pick, motion).next()).toThrow(reason);
    }
  });
});

describe('thinning a path', () => {
  it('keeps both ends, the order, and at most what a preview may have', () => {
    for (const count of [1, 2, 59, 60, 61, 500]) {
      const rows = Array.from({ length: 2 * count }, (_, k) => k);
      const thin = [...thinned(rows, 2)];
      expect(thin.length, `${count} rows`).toBe(2 * Math.min(count, PREVIEW_ROWS));
      expect([thin.slice(0, 2), thin.slice(-2)]).toEqual([rows.slice(0, 2), rows.slice(-2)]);
      for (let k = 0; k + 2 < thin.length; k += 2) expect(thin[k + 2]).toBeGreaterThan(thin[k]);
    }
  });
});
