import { beforeAll, expect, test } from 'vitest';
import type { JointTrajectory } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { MotionPlanner } from './motion_planner.ts';
import { retracings } from './retrace.ts';
import { TABLE_WORKCELL } from './workcell.ts';

const ROBOT = loadRobot('panda');
const N = ROBOT.arm_joints;
let motion: MotionPlanner;
let down: JointTrajectory;

beforeAll(() => {
  motion = new MotionPlanner(ROBOT, TABLE_WORKCELL);
  const line = motion.liftLine(ROBOT.home_q.slice(0, N), 0.11);
  if (!line.ok) throw new Error(line.reason);
  down = motion.sample([motion.timeLift(line.value, 'down', 0.25)]);
});

const row = ({ position, time_s }: JointTrajectory, k: number): number[] => {
  const at = k < 0 ? time_s.length + k : k;
  return [...position.subarray(at * N, (at + 1) * N)];
};
const apart = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((x, j) => x - b[j]));

test('each leads to where the broken-off one began, at rest; the first from where the arm is', () => {
  for (const share of [0.2, 0.5, 0.9]) {
    const here = row(down, Math.floor(share * down.time_s.length));
    const [first] = retracings(motion, down.position, Float64Array.from(here));
    expect(apart(row(first, 0), here)).toBeLessThan(1e-9);
    expect(apart(row(first, -1), row(down, 0))).toBeLessThan(1e-9);
    expect([...first.velocity.subarray(0, N)].every((v) => Math.abs(v) < 1e-9)).toBe(true);
  }
});

test('they begin ever farther from the arm, on both sides of it, and all on the way', () => {
  const at = Math.floor(0.5 * down.time_s.length);
  const starts = [...retracings(motion, down.position, Float64Array.from(row(down, at)))].map((back) => row(back, 0));
  const distances = starts.map((start) => apart(start, row(down, at)));
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  const rows = starts.map((start) => down.time_s.findIndex((_, k) => apart(row(down, k), start) < 1e-12));
  expect(rows.every((k) => k >= 0)).toBe(true);
  expect(Math.min(...rows)).toBeLessThan(at);
  expect(Math.max(...rows)).toBeGreaterThan(at);
});

test('from the very start there is only the way from points beyond it', () => {
  for (const back of retracings(motion, down.position, Float64Array.from(row(down, 0)))) {
    expect(apart(row(back, 0), row(down, 0))).toBeGreaterThan(1e-3);
  }
});
