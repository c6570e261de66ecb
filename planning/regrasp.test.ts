import { expect, test } from 'vitest';
import { createRng, type Vector3 } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { freeSpots } from './free_spots.ts';
import { MotionPlanner } from './motion_planner.ts';
import { type PickPlan, PickPlanner } from './pick_planner.ts';
import { planRegrasp } from './regrasp.ts';
import { shapeHeight, spread, type TableObject } from './table_objects.ts';
import { rotate, SIDE_TURNS, sameSideUp, type Turn, UNTURNED } from './turning.ts';
import { TABLE_WORKCELL } from './workcell.ts';

const robot = loadRobot('panda');
const planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
const start = robot.home_q.slice(0, robot.arm_joints);
const TARGET: Vector3 = [0.5, -0.15, 0];

const standingBox = (size: Vector3): TableObject => ({
  ...{ class: 'box', colour: 'red', shape: { type: 'box', size }, position: [0.5, 0.12, size[2] / 2], yaw_rad: 0.4 },
  ...{ seen: 3, score: 1 },
});

function regrasp(size: Vector3, turn: Turn, seed: number) {
  const object = standingBox(size);
  const region = { centre: [0.45, 0, 0], size: [0.2, 0.2] } as const;
  const between = (there: TableObject) => spread(freeSpots(region, there, [object]), 3);
  return planRegrasp(planner, { start, object, others: [], goal: { spots: [TARGET], turn }, between }, createRng(seed));
}

/** Orientation that the plans give the object's first frame, row-major, from the tool's poses at grasp and release alone. */
function turnedBy(plans: readonly PickPlan[]): Float64Array {
  let R = UNTURNED;
  for (const { lines } of plans) {
    const [take, put] = lines.map((line) => planner.motion.toolPose(line.bottom).slice(0, 9));
    R = rotate(
      rotate(put, Float64Array.of(take[0], take[3], take[6], take[1], take[4], take[7], take[2], take[5], take[8])),
      R,
    );
  }
  return R;
}

test('a box is brought to any of its other sides: by one grasp where one serves both ends, else put down in between', () => {
  const counts = SIDE_TURNS.map((turn, k) => {
    const planned = regrasp([0.045, 0.05, 0.055], turn, k);
    if (!planned.ok) throw new Error(`turn ${k}: ${planned.reason}`);
    const plans = planned.value;
    const last = plans[plans.length - 1];
    const up = turnedBy(plans);
    // the world's turn and the object's differ by its yaw, which leaves what comes up along z alone
    expect(up[8], `turn ${k}`).toBeCloseTo(turn[8], 3);
    expect(last.target).toEqual(TARGET);
    expect(shapeHeight(last.placed.object.shape), `turn ${k}`).toBeCloseTo([0.05, 0.05, 0.045, 0.045, 0.055][k], 12);
    for (let i = 1; i < plans.length; i++) {
      const [before, after] = [plans[i - 1].home.position, plans[i].approach.position];
      for (let j = 0; j < start.length; j++) expect(after[j]).toBeCloseTo(before[before.length - start.length + j], 9);
    }
    return plans.length;
  });
  expect(counts.slice(0, 4)).toEqual([1, 1, 1, 1]);
  expect(counts[4]).toBe(2);
});

test('between neighbours that leave one pair of sides free at the start and the other at the goal, both are used', () => {
  const box = (size: Vector3, x: number, y: number): TableObject => ({
    ...standingBox(size),
    ...{ position: [x, y, size[2] / 2], yaw_rad: 0 },
  });
  const object = box([0.04, 0.06, 0.05], 0.5, 0.15);
  const [long, wide] = [0.15 + 0.053, 0.044];
  const others = [
    box([0.06, 0.03, 0.08], 0.5, long),
    box([0.06, 0.03, 0.08], 0.5, 0.3 - long),
    box([0.03, 0.06, 0.08], 0.5 + wide, TARGET[1]),
    box([0.03, 0.06, 0.08], 0.5 - wide, TARGET[1]),
  ];
  const region = { centre: [0.5, 0, 0], size: [0.28, 0.48] } as const;
  const planned = planRegrasp(
    planner,
    {
      ...{ start, object, others, goal: { spots: [TARGET], turn: UNTURNED } },
      between: (there) => spread(freeSpots(region, there, [...others, object]), 3),
    },
    createRng(1),
  );
  if (!planned.ok) throw new Error(planned.reason);
  expect(planned.value.map(({ grasp }) => grasp.width_m)).toEqual([0.04, 0.06]);
  expect(planned.value[1].target).toEqual(TARGET);
}, 60_000);

test('what no other grasp cures is said at once', () => {
  const planned = regrasp([0.09, 0.09, 0.05], UNTURNED, 1);
  expect(planned).toMatchObject({ ok: false });
  if (!planned.ok) expect(planned.reason).toMatch(/no side of the box fits between the fingers \(80 mm open\)$/);
});

test('sides are told apart', () => {
  for (const [i, a] of SIDE_TURNS.entries()) {
    for (const [j, b] of SIDE_TURNS.entries()) expect(sameSideUp(a, b), `${i} ${j}`).toBe(i === j);
  }
});
