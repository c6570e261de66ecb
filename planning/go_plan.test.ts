import { describe, expect, it } from 'vitest';
import { CollisionWorld } from '../collision/index.ts';
import { createRng, type GoPlace, type GoResult, type Rng, StageError } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BruteForce, heightOf, IdealCell, randomScene, type TrueScene } from '../test/support/planning_cell.ts';
import { goTo } from './go_node.ts';
import { GO_SPEED_M_S } from './go_plan.ts';
import { toolDown } from './grasp.ts';
import { MotionPlanner } from './motion_planner.ts';
import { TABLE_WORKCELL } from './workcell.ts';

const robot = loadRobot('panda');
const N = robot.arm_joints;
const HOME = robot.home_q.slice(0, N);
const brute = new BruteForce(robot, new CollisionWorld(robot).checkedPairs());
const motion = new MotionPlanner(robot, TABLE_WORKCELL);

/** Carries out what is asked, in a cell where everything is seen and every trajectory followed. */
function play(cell: IdealCell, to: GoPlace, rng: Rng): GoResult {
  const steps = goTo(to, motion, rng);
  let next = steps.next();
  while (!next.done) next = steps.next(cell.answer(next.value));
  return next.value;
}

/** An ideal cell whose arm stands at q with its fingers so far apart. */
function cellAt(scene: TrueScene, rng: Rng, q: Float64Array, width_m: number): IdealCell {
  const cell = new IdealCell(robot, scene, brute, rng, {}, 0.01);
  const joint_names = robot.model.joint_names.slice(0, N);
  const none = new Float64Array(N);
  const trajectory = {
    joint_names,
    time_s: Float64Array.of(0),
    position: Float64Array.from(q),
    velocity: none,
    acceleration: none,
  };
  cell.answer({ kind: 'grip', width_m, force_N: 1 });
  cell.answer({ kind: 'move', label: 'put there', trajectory });
  cell.jumps.length = 0;
  cell.worst_limit_ratio = 0;
  return cell;
}

/** An arm with the tool down somewhere among the objects of a random scene; null where it would touch something. */
function among(rng: Rng): IdealCell | null {
  const scene = randomScene(rng.stream('scene'));
  const near = scene.objects[rng.int(scene.objects.length)];
  const away_m = rng.uniform() < 0.3 ? 0 : rng.range(0, 0.15);
  const [angle, z] = [rng.range(0, 2 * Math.PI), rng.range(0.005, 0.2)];
  const pose = toolDown(rng.range(0, Math.PI), near.x + away_m * Math.cos(angle), near.y + away_m * Math.sin(angle), z);
  const found = motion.ik.solve(pose, HOME, rng.stream('reach'));
  if (!found.ok) return null;
  const cell = cellAt(scene, rng.stream('cell'), found.q.slice(), rng.range(0.02, 0.08));
  return cell.contacts.length === 0 ? cell : null;
}

function qOf(cell: IdealCell): Float64Array {
  const state = cell.answer({ kind: 'state' });
  if (state.kind !== 'state') throw new Error('no state');
  return state.q;
}

/** Cells from the seeds in which the arm touches nothing. */
function* cells(count: number): Generator<{ readonly seed: number; readonly cell: IdealCell; readonly rng: Rng }> {
  for (let seed = 0, found = 0; found < count; seed++) {
    const rng = createRng(seed).stream('go');
    const cell = among(rng);
    if (cell === null) continue;
    found++;
    yield { seed, cell, rng };
  }
}

const breaches = ({ contacts, jumps, worst_limit_ratio }: IdealCell): string[] => [
  ...contacts,
  ...jumps,
  ...(worst_limit_ratio > 0.7 ? [`${worst_limit_ratio} of a limit`] : []),
];

describe('the way home', () => {
  it('ends at home without contact from anywhere among the objects of random scenes', () => {
    const faults: string[] = [];
    for (const { seed, cell, rng } of cells(12)) {
      const result = play(cell, 'home', rng);
      if (!result.ok) faults.push(`seed ${seed}: ${result.reason}`);
      else if (qOf(cell).some((q, j) => Math.abs(q - HOME[j]) > 1e-9)) faults.push(`seed ${seed}: not at home`);
      faults.push(...breaches(cell).map((what) => `seed ${seed}: ${what}`));
    }
    expect(faults).toEqual([]);
  });

  it('brings along what is in the hand, clear of the table and of the others', () => {
    const faults: string[] = [];
    let taken = 0;
    for (let seed = 0; seed < 8; seed++) {
      const rng = createRng(seed).stream('held');
      const scene = randomScene(rng.stream('scene'));
      const [object] = scene.objects;
      const pose = toolDown(object.yaw, object.x, object.y, Math.max(0.012, heightOf(object.shape) / 2));
      const found = motion.ik.solve(pose, HOME, rng.stream('reach'));
      if (!found.ok) continue;
      const cell = cellAt(scene, rng.stream('cell'), found.q.slice(), 0.08);
      if (cell.contacts.length > 0) continue;
      cell.answer({ kind: 'grip', width_m: 0, force_N: 30 });
      taken++;
      const before = [object.x, object.y];
      const result = play(cell, 'home', rng);
      if (!result.ok) faults.push(`seed ${seed}: ${result.reason}`);
      else if (object.x === before[0] && object.y === before[1]) faults.push(`seed ${seed}: it stayed behind`);
      faults.push(...breaches(cell).map((what) => `seed ${seed}: ${what}`));
    }
    expect(faults).toEqual([]);
    expect(taken).toBeGreaterThan(3);
  });

  it('is no way at all for an arm that is there', () => {
    const rng = createRng(1);
    const cell = cellAt(randomScene(rng), rng, HOME, 0.08);
    const before_s = cell.time_s;
    expect(play(cell, 'home', rng)).toEqual({ ok: true, reason: '' });
    expect(cell.time_s - before_s).toBeCloseTo(0.3, 9);
  });
});

describe('the way out', () => {
  it('goes straight up, or back along the tool, and touches nothing on the way', () => {
    const faults: string[] = [];
    const rises: number[] = [];
    for (const { seed, cell, rng } of cells(12)) {
      const from = motion.toolPose(qOf(cell));
      const began_s = cell.time_s + 0.3;
      const result = play(cell, 'retreat', rng);
      const to = motion.toolPose(qOf(cell));
      const [dx, dy, dz] = [9, 10, 11].map((k) => to[k] - from[k]);
      if (!result.ok) faults.push(`seed ${seed}: ${result.reason}`);
      else if (Math.hypot(dx, dy) > 1e-6 || dz < 0.029) faults.push(`seed ${seed}: moved by ${[dx, dy, dz].join(' ')}`);
      else if (dz / (cell.time_s - began_s) > GO_SPEED_M_S) faults.push(`seed ${seed}: too fast`);
      rises.push(dz);
      faults.push(...breaches(cell).map((what) => `seed ${seed}: ${what}`));
    }
    expect(faults).toEqual([]);
    expect(rises.filter((rise_m) => rise_m > 0.099).length).toBeGreaterThan(9);
  });

  it('says what is in the way where there is none, and moves nothing', () => {
    const rng = createRng(3);
    const scene = randomScene(rng);
    const lid = { name: 'lid', shape: { type: 'box', size: [0.5, 0.5, 0.02] }, pose: poseAt(0.5, 0, 0.56) } as const;
    const boxed = { ...TABLE_WORKCELL, obstacles: [...TABLE_WORKCELL.obstacles, lid] };
    const planner = new MotionPlanner(robot, boxed);
    const found = planner.ik.solve(toolDown(0, 0.5, 0, 0.3), HOME, rng);
    if (!found.ok) throw new Error('the place under the lid is not reached');
    const cell = cellAt({ ...scene, objects: [] }, rng, found.q.slice(), 0.04);
    const steps = goTo('retreat', planner, rng);
    const moves: string[] = [];
    let next = steps.next();
    while (!next.done) {
      if (next.value.kind === 'move') moves.push(next.value.label);
      next = steps.next(cell.answer(next.value));
    }
    expect(next.value.ok).toBe(false);
    expect(next.value.reason).toMatch(/^there is no free way out: up by 10 cm: .*lid/);
    expect(moves).toEqual([]);
  });

  it('is not looked for where the pictures show nothing', () => {
    const rng = createRng(4);
    const steps = goTo('retreat', motion, rng);
    const cell = cellAt(randomScene(rng), rng, HOME, 0.08);
    const blind = () => {
      let next = steps.next();
      while (!next.done) {
        const event = cell.answer(next.value);
        if (event.kind !== 'detections') throw new Error(`asked for ${next.value.kind}`);
        next = steps.next({ ...event, detections: { ...event.detections, faults: ['covered'] } });
      }
    };
    expect(blind).toThrow(StageError);
  });
});

function poseAt(x: number, y: number, z: number) {
  return { position: [x, y, z], orientation: [0, 0, 0, 1] } as const;
}
