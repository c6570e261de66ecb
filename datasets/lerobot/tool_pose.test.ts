import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng, PACKAGE_ROOT, type Rng } from '../../contracts/index.ts';
import {
  forwardKinematics,
  frameIndex,
  framePose,
  quaternionToMatrix,
  RobotData,
  type RobotModel,
} from '../../dynamics/index.ts';
import { loadRobot, robotFromUrdf } from '../../robots/index.ts';
import { type ToolKinematics, toolKinematics } from './tool_pose.ts';

const UR = readFileSync(join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf'), 'utf8');
const panda = loadRobot('panda', { visualMeshes: false });
const ur = robotFromUrdf(UR, 'ur_like.urdf', { visualMeshes: false });
/** The hand points down: half a turn, so w is near zero. */
const HAND_DOWN = [0, -0.4, 0, -2, 0, 1.6, 0.785];

const drawn = (rng: Rng, names: readonly string[]) => names.map(() => rng.range(-2, 2));
const shuffled = (rng: Rng, names: readonly string[]) =>
  names
    .map((name) => ({ name, at: rng.uniform() }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);

function expectPose(pose: Float64Array, model: RobotModel, frame: string, q: readonly number[], what: string): void {
  const data = new RobotData(model);
  const T = new Float64Array(12);
  forwardKinematics(model, data, Float64Array.from(q));
  framePose(model, data, frameIndex(model, frame), T);
  const R = new Float64Array(9);
  quaternionToMatrix(pose, 3, R);
  for (let k = 0; k < 9; k++) expect(Math.abs(R[k] - T[k]), `${what}, rotation`).toBeLessThan(1e-12);
  for (let k = 0; k < 3; k++) expect(Math.abs(pose[k] - T[9 + k]), `${what}, position`).toBeLessThan(1e-12);
}

function known(joints: readonly string[], urdf: string | null): ToolKinematics {
  const kinematics = toolKinematics(joints, urdf);
  if (kinematics === null) throw new Error(`no kinematics of ${joints.join(', ')}`);
  return kinematics;
}

const alignment = (a: ArrayLike<number>, b: ArrayLike<number>) => [0, 1, 2, 3].reduce((sum, k) => sum + a[k] * b[k], 0);

const expectLargestPositive = (quaternion: Float64Array, what: string) =>
  expect(Math.max(...quaternion), what).toBe(Math.max(...quaternion.map(Math.abs)));

describe('poses of a tool', () => {
  it.each([
    ['panda', panda.model, panda.tcp_frame, null],
    ['a robot of a URDF', ur.model, ur.model.frames.some(({ name }) => name === 'tool0') ? 'tool0' : ur.tip_link, UR],
  ] as const)('are those of the frame, whatever the order of the joints: %s', (_, model, frame, urdf) => {
    const kinematics = known(model.joint_names, urdf);
    expect(kinematics.frame).toBe(frame);
    for (let seed = 0; seed < 12; seed++) {
      const rng = createRng(seed).stream('poses');
      const names = shuffled(rng, [...model.joint_names, 'of_another_arm']);
      const rows = 1 + rng.int(4);
      const values = Array.from({ length: rows }, () => drawn(rng, names));
      const poses = kinematics.poses({ names }, Float64Array.from(values.flat()));
      for (let row = 0; row < rows; row++) {
        const q = model.joint_names.map((name) => values[row][names.indexOf(name)]);
        expectPose(poses.subarray(7 * row, 7 * row + 7), model, frame, q, `seed ${seed}, row ${row}`);
      }
    }
  });

  it('change with every joint that moves the tool, and with no other', () => {
    const { joint_names: names } = panda.model;
    const { moving, poses, sliding } = known(names, null);
    expect([...moving].sort()).toEqual(names.slice(0, 7).toSorted());
    expect([...sliding].some((joint) => moving.has(joint))).toBe(false);
    const rng = createRng(3).stream('moving');
    const q = drawn(rng, names);
    const before = poses({ names }, Float64Array.from(q));
    for (const [j, name] of names.entries()) {
      const after = poses(
        { names },
        Float64Array.from(q, (value, k) => (k === j ? value + 0.01 : value)),
      );
      expect(
        after.some((value, k) => value !== before[k]),
        name,
      ).toBe(moving.has(name));
    }
  });

  it('have no quaternion that jumps to its other sign', () => {
    const { poses } = known(panda.model.joint_names, null);
    const names = panda.model.joint_names.slice(0, 7);
    let w_changes = 0;
    for (let seed = 0; seed < 6; seed++) {
      const rng = createRng(seed).stream('path');
      const phase = drawn(rng, names);
      const rows = 300;
      const path = Array.from({ length: rows }, (_, row) =>
        HAND_DOWN.map((q, j) => q + 1.2 * Math.sin(row / 40 + phase[j])),
      );
      const made = poses({ names }, Float64Array.from(path.flat()));
      const quaternion = (row: number) => made.subarray(7 * row + 3, 7 * row + 7);
      for (let row = 1; row < rows; row++) {
        expect(alignment(quaternion(row), quaternion(row - 1)), `seed ${seed}, row ${row}`).toBeGreaterThan(0.99);
        if (quaternion(row)[3] * quaternion(row - 1)[3] < 0) w_changes++;
      }
      expectLargestPositive(quaternion(0), `seed ${seed}`);
      // A command beside it has the same sign.
      const other = Float64Array.from(quaternion(0), (value) => -value);
      const told = poses({ names }, Float64Array.from(path.flat()), other);
      expect(
        told.every((value, k) => value === (k % 7 < 3 ? made[k] : -made[k])),
        `seed ${seed}`,
      ).toBe(true);
    }
    // With w ≥ 0 each of these would have been a jump.
    expect(w_changes).toBeGreaterThan(5);
  });

  it('are known again after rows in which a joint is not', () => {
    const { poses } = known(panda.model.joint_names, null);
    const names = panda.model.joint_names.slice(0, 7);
    const nothing = names.map(() => Number.NaN);
    for (let seed = 0; seed < 12; seed++) {
      const rng = createRng(seed).stream('unknown');
      const [before, after] = [drawn(rng, names), drawn(rng, names)];
      const rows = [nothing, before, nothing, after];
      const made = poses({ names }, Float64Array.from(rows.flat()), new Float64Array(4).fill(Number.NaN));
      expect(made.subarray(0, 7).every(Number.isNaN)).toBe(true);
      expectLargestPositive(made.subarray(10, 14), `seed ${seed}`);
      expect(alignment(made.subarray(24, 28), made.subarray(10, 14)), `seed ${seed}`).toBeGreaterThanOrEqual(0);
      const q = [...after, 0, 0].slice(0, panda.model.nq);
      expectPose(made.subarray(21, 28), panda.model, panda.tcp_frame, q, `seed ${seed}`);
    }
  });

  it('are not made up where nobody says how the tool hangs on the joints', () => {
    expect(toolKinematics(['a', 'b'], null)).toBeNull();
    expect(toolKinematics(['a', 'b'], UR)).toBeNull();
    expect(toolKinematics(ur.model.joint_names, 'no URDF at all')).toBeNull();
    expect(toolKinematics(ur.model.joint_names, '<robot name="x"/>')).toBeNull();
    expect(toolKinematics(panda.model.joint_names.slice(0, 6), null)).toBeNull();
  });
});
