import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Vector3 } from '../../contracts/index.ts';
import { intrinsics, lookAt, project, unproject } from './pinhole.ts';

const coordinate = fc.double({ min: -2, max: 2, noNaN: true });
const point = fc.tuple(coordinate, coordinate, coordinate);

describe('pinhole camera', () => {
  test('unproject inverts project', () => {
    fc.assert(
      fc.property(point, point, fc.double({ min: 0.3, max: 2, noNaN: true }), point, (eye, target, fov, p) => {
        fc.pre(Math.hypot(target[0] - eye[0], target[1] - eye[1]) > 0.1);
        const camera = { K: intrinsics(320, 240, fov), T_world_camera_optical: lookAt(eye, target, [0, 0, 1]) };
        const [u, v, z] = project(camera, p);
        fc.pre(z > 0.01);
        const back = unproject(camera, u, v, z);
        for (let i = 0; i < 3; i++) expect(back[i]).toBeCloseTo(p[i], 9);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('what is looked at stands in the middle, what is above it higher up, what is right of it further right', () => {
    const eye: Vector3 = [0.95, 0, 0.69];
    const camera = { K: intrinsics(320, 240, 0.87), T_world_camera_optical: lookAt(eye, [0.55, 0, 0], [0, 0, 1]) };
    const [u, v, z] = project(camera, [0.55, 0, 0]);
    expect([u, v]).toEqual([expect.closeTo(159.5, 9), expect.closeTo(119.5, 9)]);
    expect(z).toBeCloseTo(Math.hypot(0.4, 0.69), 9);
    expect(project(camera, [0.55, 0, 0.1])[1]).toBeLessThan(v);
    // The camera looks back at the robot, so its right is the world's +y.
    expect(project(camera, [0.55, 0.1, 0])[0]).toBeGreaterThan(u);
  });

  test('the field of view spans the outer edges of the image', () => {
    const fov = 1;
    const K = intrinsics(640, 480, fov);
    expect(2 * Math.atan((639.5 - K[2]) / K[0])).toBeCloseTo(fov, 12);
    expect(K[2] - -0.5).toBeCloseTo(639.5 - K[2], 12);
  });

  test('the rotation is orthonormal and right-handed', () => {
    const T = lookAt([1, 2, 3], [0.2, -0.4, 0.1], [0, 0, 1]);
    const column = (k: number): number[] => [T[k], T[4 + k], T[8 + k]];
    const dot = (a: number[], b: number[]): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) expect(dot(column(i), column(j))).toBeCloseTo(i === j ? 1 : 0, 12);
    }
    const [x, y, z] = [column(0), column(1), column(2)];
    expect(dot([x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]], z)).toBeCloseTo(
      1,
      12,
    );
  });
});
