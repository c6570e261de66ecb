import { describe, expect, test } from 'vitest';
import { InputError } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { IkSolver } from './ik/index.ts';
import { ProblemPlanner } from './problem_planner.ts';
import { readProblem } from './problems.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const home = [...robot.home_q.slice(0, robot.arm_joints)];
const names = robot.model.joint_names.slice(0, robot.arm_joints);
const turned = home.map((x, j) => (j === 0 ? 1.2 : x));
const upright = [0, 0, 0, 1];
const { chain } = new IkSolver(robot);
chain.place(Float64Array.from(home));
/** Where the tool is at home. */
const [x, y, z] = chain.tool.slice(9);
const block = { id: 'block', type: 'box', position: [0.35, 0.25, 0.5], orientation: upright, size: [0.1, 0.1, 0.5] };
const problem = (change: object = {}): unknown => ({
  set: 'test',
  index: 3,
  start: home,
  goal: turned,
  obstacles: [block],
  ...change,
});
const planner = new ProblemPlanner(robot, { max_obstacles: 20 });
const plan = (value: unknown) => planner.plan(readProblem(value, 0));

describe('planning problems', () => {
  test('a problem gets a path from its start to its goal, the same for the same seed whatever was planned before', () => {
    const first = plan(problem());
    expect(first.reason).toBeNull();
    expect([first.set, first.index, first.path?.[0], first.path?.at(-1)]).toEqual(['test', 3, home, turned]);
    expect(first.path?.length).toBeGreaterThan(2);
    plan(problem({ index: 4, obstacles: [] }));
    expect(plan(problem())).toEqual(first);
    const other = new ProblemPlanner(robot, { seed: 1 }).plan(readProblem(problem(), 0));
    expect(other.path).not.toEqual(first.path);
  });

  test('an empty scene is a straight line', () => {
    expect(plan(problem({ obstacles: [] })).path).toEqual([home, turned]);
  });

  test('joints in another order come back in that order', () => {
    const order = [6, 2, 0, 1, 5, 4, 3];
    const shuffled = new ProblemPlanner(robot, { joints: order.map((j) => names[j]) });
    const swap = (q: readonly number[]) => order.map((j) => q[j]);
    const result = shuffled.plan(readProblem(problem({ start: swap(home), goal: swap(turned) }), 0));
    expect(result.path).toEqual(plan(problem()).path?.map(swap));
    expect(() => new ProblemPlanner(robot, { joints: names.slice(1) })).toThrow(InputError);
    expect(() => new ProblemPlanner(robot, { joints: [...names.slice(1), 'elbow'] })).toThrow("must be the arm's");
  });

  test('contacts that are allowed are no contacts', () => {
    // around the fingertips of home
    const held = {
      id: 'held',
      type: 'box',
      position: [0.307, 0, 0.487],
      orientation: upright,
      size: [0.03, 0.12, 0.03],
    };
    const bare = plan(problem({ obstacles: [held] }));
    expect([bare.path, bare.stage, bare.contact?.[1]]).toEqual([null, 'start', 'held']);
    const links = robot.model.collision.map(({ link }) => [link, 'held']);
    expect(plan(problem({ obstacles: [held], allowed_contacts: links })).reason).toBeNull();
  });

  test('what is wrong with a problem is said in one line', () => {
    const reasons: readonly [object, RegExp][] = [
      [{ start: home.slice(1) }, /^the start has 6 joints; the arm has 7$/],
      [{ goal: [...turned, 0] }, /^the goal has 8 joints; the arm has 7$/],
      [{ start: home.map(() => Number.NaN) }, /^start\[0\]: .*NaN/],
      [{ start: home.map(() => null) }, /^start\[0\]: .*null/],
      [
        { goal: turned.map((x, j) => (j === 3 ? 1 : x)) },
        /^the goal has panda_joint4 = 1 rad, which is outside \[-3.0718, -0.0698\]$/,
      ],
      [{ obstacles: [{ ...block, position: [0.3, 0, 0.5] }] }, /^the start is in collision: panda_\w+ and block$/],
      [{ obstacles: [{ ...block, position: [0.1, 0.3, 0.5] }] }, /^the goal is in collision: panda_\w+ and block$/],
      [{ obstacles: [{ ...block, size: [0.1, 0.1, 0] }] }, /^obstacles\[0\]\.size\[2\]: /],
      [{ obstacles: [{ ...block, size: [0.1, 0.1] }] }, /^obstacles\[0\]\.size/],
      [{ obstacles: [{ ...block, type: 'cone' }] }, /^obstacles\[0\]\.type: .*box, cylinder, sphere, mesh or points/],
      [
        { obstacles: [{ ...block, orientation: [0, 0, 0, 0] }] },
        /^obstacle block: orientation of length 0; must be a unit quaternion$/,
      ],
      [{ obstacles: [{ ...block, position: [0, 0, Number.POSITIVE_INFINITY] }] }, /^obstacles\[0\]\.position\[2\]: /],
      [{ allowed_contacts: [['panda_hand', 'can']] }, /^allowed contact with can, which is no obstacle$/],
      [{ allowed_contacts: [['hand', 'block']] }, /^allowed contact of hand, which is no link$/],
      [
        { obstacles: Array.from({ length: 21 }, (_, i) => ({ ...block, id: `${i}` })) },
        /^21 obstacles; there is room for 20$/,
      ],
      [{ obstacles: 'none' }, /^obstacles: /],
    ];
    for (const [change, reason] of reasons) {
      const result = plan(problem(change));
      expect(result.path).toBeNull();
      expect(result.reason, JSON.stringify(change)).toMatch(reason);
      expect(result.reason).not.toContain('\n');
      expect(result.stage).toMatch(/^(problem|start|goal)$/);
    }
    for (const value of [null, 7, 'problem', [], {}]) {
      const read = readProblem(value, 5);
      expect([read.index, read.problem]).toEqual([5, null]);
      expect(planner.plan(read).reason).not.toBe('');
    }
  });

  test('a hand that is locked in costs its iterations and no more', () => {
    const plate = (id: string, dx: number, dy: number, dz: number, size: readonly number[]) => {
      return { id, type: 'box', position: [x + dx, y + dy, z + dz], orientation: upright, size };
    };
    const lock = [
      plate('under', 0, 0, -0.04, [0.3, 0.3, 0.02]),
      plate('front', 0.07, 0, 0.03, [0.02, 0.3, 0.14]),
      plate('back', -0.07, 0, 0.03, [0.02, 0.3, 0.14]),
      plate('left', 0, 0.13, 0.06, [0.2, 0.02, 0.2]),
      plate('right', 0, -0.13, 0.06, [0.2, 0.02, 0.2]),
      plate('over the left side', 0.03, 0.1, 0.15, [0.05, 0.03, 0.01]),
      plate('over the right side', 0.03, -0.1, 0.15, [0.05, 0.03, 0.01]),
    ];
    const before = planner.checks;
    const result = plan(problem({ obstacles: lock }));
    expect([result.path, result.stage], JSON.stringify(result)).toEqual([null, 'connect']);
    expect(result.reason).toMatch(/^no path found in 20000 iterations; the two searches came within [\d.]+ rad$/);
    expect(result.closest?.from_start.length).toBe(7);
    expect(planner.checks - before).toBeLessThan(300_000);
  });

  test('ten thousand obstacles are planned among', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => {
      const angle = 0.1 * i;
      const reach = 0.95 + 0.0001 * i;
      return {
        id: `ball ${i}`,
        type: 'sphere',
        position: [reach * Math.cos(angle), reach * Math.sin(angle), 0.0001 * i],
        orientation: upright,
        radius: 0.03,
      };
    });
    const large = new ProblemPlanner(robot, { max_obstacles: 10_001 });
    const result = large.plan(readProblem(problem({ obstacles: [block, ...many] }), 0));
    expect(result.reason).toBeNull();
    expect(result.path?.length).toBeGreaterThan(2);
  });
});
