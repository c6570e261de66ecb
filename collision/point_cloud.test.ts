import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { sweep } from '../test/support/sweep.ts';
import { pointCloud } from './point_cloud.ts';
import { CollisionWorld, type Obstacle } from './world.ts';

const robot = loadRobot('panda');
const n = robot.arm_joints;

describe('point clouds', () => {
  test('every point given is inside a ball that is kept, and balls are no larger than a cell', () => {
    const rng = createRng(41);
    for (let trial = 0; trial < 20; trial++) {
      const points = Float64Array.from({ length: 3 * (1 + rng.int(600)) }, () => rng.range(-0.1, 0.1) + 5);
      const voxel_m = rng.range(0.005, 0.08);
      const { obstacle, kept } = pointCloud('c', points, { voxel_m, radius_m: 0.002 });
      const { shape, pose } = obstacle;
      expect(shape.count).toBe(kept);
      expect(shape.radius_m).toBeLessThan(0.002 + voxel_m * Math.sqrt(3));
      for (let i = 0; i < points.length; i += 3) {
        let least = Infinity;
        for (let k = 0; k < shape.data.length; k += 3) {
          const d = [0, 1, 2].map((c) => shape.data[k + c] + pose.position[c] - points[i + c]);
          least = Math.min(least, Math.hypot(...d));
        }
        expect(least, `trial ${trial}, point ${i / 3}`).toBeLessThanOrEqual(shape.radius_m - 0.002 + 1e-9);
      }
    }
  });

  test('a robot touches the cloud of a box as it touches the box, but for the balls', () => {
    const rng = createRng(42);
    const world = new CollisionWorld(robot);
    const half = [0.15, 0.2, 0.25];
    const faces: number[] = [];
    for (let side = 0; side < 6; side++) {
      const axis = side >> 1;
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
      for (let a = -half[u]; a <= half[u]; a += 0.01) {
        for (let b = -half[v]; b <= half[v]; b += 0.01) {
          const p = [0, 0, 0];
          p[axis] = side & 1 ? half[axis] : -half[axis];
          p[u] = a;
          p[v] = b;
          faces.push(...p);
        }
      }
    }
    let [touching, free] = [0, 0];
    for (let trial = 0; trial < sweep(32, 80); trial++) {
      const yaw = rng.range(-3, 3);
      const pose: Obstacle['pose'] = {
        position: [rng.range(-0.6, 0.6), rng.range(-0.6, 0.6), rng.range(0, 0.8)],
        orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
      };
      const q = Float64Array.from({ length: n }, (_, j) =>
        rng.range(robot.limits.position_lower[j], robot.limits.position_upper[j]),
      );
      world.setObstacles([]);
      if (world.collides(q)) continue;
      const box: Obstacle = { name: 'box', shape: { type: 'box', size: [0.3, 0.4, 0.5] }, pose };
      world.setObstacles([box]);
      const near = world.clearance(q);
      const { obstacle } = pointCloud('box', Float64Array.from(faces), { pose, voxel_m: 0, radius_m: 0.008 });
      world.setObstacles([obstacle]);
      const place = `trial ${trial}: ${near}`;
      if (near > 0.0081) expect(world.collides(q), place).toBe(false);
      if (near === 0) {
        expect(world.collides(q), place).toBe(true);
        expect(world.lastContact()[1]).toBe('box');
        touching++;
      } else free++;
      if (near > 0 && near < 0.3) expect(Math.abs(world.clearance(q) - near), place).toBeLessThan(0.0081);
    }
    expect(touching).toBeGreaterThan(sweep(2, 5));
    expect(free).toBeGreaterThan(sweep(8, 20));
  });

  test('points that are no numbers are counted and left out; none at all, or too fine a grid, is refused', () => {
    const points = Float32Array.of(0, 0, 0, 1, Number.NaN, 0, Infinity, 0, 0);
    expect(pointCloud('c', points)).toMatchObject({ kept: 1, not_finite: 2 });
    expect(() => pointCloud('c', points.slice(3))).toThrow('point cloud c has 2 points, none finite');
    expect(() => pointCloud('c', new Float64Array(0))).toThrow('none finite');
    expect(() => pointCloud('c', points.slice(1))).toThrow('8 numbers');
    expect(() => pointCloud('c', points, { radius_m: -1 })).toThrow('radius_m -1');
    expect(() => pointCloud('c', points, { voxel_m: Number.NaN })).toThrow('voxel_m NaN');
    expect(() => pointCloud('c', Float64Array.of(0, 0, 0, 1e4, 1e4, 1e4), { voxel_m: 1e-4 })).toThrow('larger voxel_m');
  });

  test('a segment among points that is called free is free at every small step, and one that is not touches at one', () => {
    const rng = createRng(44);
    const world = new CollisionWorld(robot);
    const joints = () => robot.home_q.map((x, j) => (j < n ? x + rng.range(-0.8, 0.8) : x));
    let [free, touching] = [0, 0];
    for (let trial = 0; trial < sweep(36, 60); trial++) {
      const points = Float64Array.from({ length: 3 * 40 }, (_, i) =>
        i % 3 === 2 ? rng.range(0.1, 1) : rng.range(-0.7, 0.7),
      );
      world.setObstacles([pointCloud('c', points, { voxel_m: 0, radius_m: 0.01 }).obstacle]);
      const [a, b] = [joints(), joints()];
      if (world.collides(a)) continue;
      const clear = world.segmentFree(a, 0, b, 0);
      let met = false;
      for (let k = 0; k <= 400 && !met; k++) met = world.collides(a.map((x, j) => x + (k / 400) * (b[j] - x)));
      if (clear) free++;
      else touching++;
      expect(clear && met, `trial ${trial}`).toBe(false);
      // a contact may fall between two steps; then a step comes near to it
      if (!clear && !met) {
        world.margin_m = 0.002;
        let near = false;
        for (let k = 0; k <= 400 && !near; k++) near = world.collides(a.map((x, j) => x + (k / 400) * (b[j] - x)));
        world.margin_m = 0;
        expect(near, `trial ${trial}`).toBe(true);
      }
    }
    expect(free).toBeGreaterThan(sweep(1, 3));
    expect(touching).toBeGreaterThan(sweep(1, 3));
  });

  test('a hundred thousand points are an obstacle like any other', () => {
    const rng = createRng(43);
    const points = Float64Array.from({ length: 300_000 }, (_, i) =>
      i % 3 === 2 ? 0.02 * rng.uniform() : rng.range(-1, 1),
    );
    const { obstacle, kept } = pointCloud('floor', points, { voxel_m: 0 });
    expect(kept).toBe(100_000);
    const world = new CollisionWorld(robot);
    world.setObstacles([obstacle]);
    world.allow('panda_link0', 'floor');
    world.allow('panda_link1', 'floor');
    expect(world.collides(robot.home_q)).toBe(false);
    const low = robot.home_q.slice();
    low[1] += 1.6;
    expect(world.collides(low)).toBe(true);
    expect(world.lastContact()[1]).toBe('floor');
    expect(world.segmentFree(robot.home_q, 0, low, 0)).toBe(false);
    const aside = robot.home_q.slice();
    aside[0] += 0.5;
    expect(world.segmentFree(robot.home_q, 0, aside, 0)).toBe(true);
  });
});
