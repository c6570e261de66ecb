import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { matrixFromAxisAngle, multiplyMatrices, rotationAngleBetween } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { cartesianLine, linePoints, movedPose } from './cartesian_line.ts';
import { distance } from './configuration_space.ts';
import { IkSolver } from './ik/index.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const n = robot.arm_joints;
const home = robot.home_q.slice(0, n);
const ik = new IkSolver(robot);

function toolPose(q: Float64Array): Float64Array {
  ik.chain.place(q);
  return ik.chain.tool.slice();
}

/** Distance of a point from the segment between two poses' origins (m). */
function offLine(p: Float64Array, a: Float64Array, b: Float64Array): number {
  const d = [9, 10, 11].map((k) => b[k] - a[k]);
  const r = [9, 10, 11].map((k) => p[k] - a[k]);
  const length2 = d[0] ** 2 + d[1] ** 2 + d[2] ** 2;
  const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, (r[0] * d[0] + r[1] * d[1] + r[2] * d[2]) / length2));
  return Math.hypot(...r.map((x, k) => x - t * d[k]));
}

describe('straight tool motion', () => {
  test('any direction and turn: on the line to 0.2 mm, turned in proportion to 1 mrad, ends at the pose', () => {
    let found = 0;
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'line');
      const from = toolPose(home);
      const travel: [number, number, number] = [rng.range(-0.15, 0.15), rng.range(-0.2, 0.2), rng.range(-0.2, 0.15)];
      const target = movedPose(from, travel);
      const angle = seed % 3 === 0 ? 0 : rng.range(-0.8, 0.8);
      const axis: [number, number, number] = [rng.normal(), rng.normal(), rng.normal()];
      const norm = Math.hypot(...axis);
      multiplyMatrices(
        from,
        0,
        matrixFromAxisAngle([axis[0] / norm, axis[1] / norm, axis[2] / norm], angle),
        0,
        target,
        0,
      );
      const line = cartesianLine(ik, home, target);
      if (!line.ok) {
        expect(line.reason, `seed ${seed}`).toMatch(/^the straight line (ends|passes a singular position) /);
        continue;
      }
      found++;
      const points = linePoints(line.value, 0.01);
      expect(points[0], `seed ${seed}`).toEqual(home);
      const end = toolPose(points[points.length - 1]);
      expect(Math.hypot(end[9] - target[9], end[10] - target[10], end[11] - target[11]), `seed ${seed}`).toBeLessThan(
        2e-6,
      );
      expect(rotationAngleBetween(end, 0, target, 0), `seed ${seed}`).toBeLessThan(2e-5);
      points.forEach((q, i) => {
        const pose = toolPose(q);
        expect(offLine(pose, from, target), `seed ${seed}, point ${i}`).toBeLessThan(2e-4);
        const turned = rotationAngleBetween(from, 0, pose, 0);
        const way = i / (points.length - 1);
        expect(Math.abs(turned - way * Math.abs(angle)), `seed ${seed}, point ${i}`).toBeLessThan(1e-3);
        if (i > 0) expect(distance(q, 0, points[i - 1], 0, n), `seed ${seed}, point ${i}`).toBeLessThan(0.02);
      });
    }
    expect(found).toBeGreaterThan(40);
  });

  test('says how far it comes where the arm cannot follow, and refuses a line without length', () => {
    const from = toolPose(home);
    const far = cartesianLine(ik, home, movedPose(from, [1.5, 0, 0]));
    expect(far.ok ? '' : far.reason).toMatch(/^the straight line ends \d+ mm on: no joint position/);
    const none = cartesianLine(ik, home, from);
    expect(none.ok ? '' : none.reason).toContain('has no length');
  });
});
