import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pose, Quaternion } from '../contracts/index.ts';
import { relativeError } from '../test/support/random_robot.ts';
import {
  composePoses,
  IDENTITY3,
  invertPose,
  matrixFromQuaternion,
  matrixFromRpy,
  matrixToQuaternion,
  multiplyMatrices,
  multiplyQuaternions,
  poseFrom12,
  quaternionFromMatrix,
  rotate,
  rotateInverse,
  rotationAngleBetween,
  rotationExp,
  rotationLog,
  transformPoint,
} from './index.ts';

const coordinate = fc.double({ min: -1, max: 1, noNaN: true });
const vector = fc.tuple(coordinate, coordinate, coordinate);
const rotation = fc
  .tuple(coordinate, coordinate, coordinate, coordinate)
  .filter((q) => Math.hypot(...q) > 0.1)
  .map((q): Quaternion => {
    const n = Math.hypot(...q) * (q[3] < 0 ? -1 : 1);
    return [q[0] / n, q[1] / n, q[2] / n, q[3] / n];
  });
const pose = fc.record({ position: vector, orientation: rotation });

const numbers = (...parts: readonly (readonly number[])[]) => parts.flat();

describe('rotations', () => {
  test('matrix and quaternion come back from one another', () => {
    fc.assert(
      fc.property(rotation, (q) => {
        const R = matrixFromQuaternion(q);
        const back = quaternionFromMatrix(R);
        expect(back[3]).toBeGreaterThanOrEqual(0);
        expect(Math.hypot(...back)).toBeCloseTo(1, 14);
        expect(relativeError(matrixFromQuaternion(back), R)).toBeLessThan(1e-14);
      }),
    );
  });

  test('half turns keep w ≥ 0 and their axis', () => {
    for (const R of [
      [1, 0, 0, 0, -1, 0, 0, 0, -1],
      [-1, 0, 0, 0, 1, 0, 0, 0, -1],
      [-1, 0, 0, 0, -1, 0, 0, 0, 1],
    ]) {
      const q = quaternionFromMatrix(R);
      expect(q[3]).toBeGreaterThanOrEqual(0);
      expect([...q.slice(0, 3)].map(Math.abs)).toEqual([0, 1, 2].map((k) => (R[4 * k] === 1 ? 1 : 0)));
    }
  });

  test('products of matrices and of quaternions are the same rotation', () => {
    fc.assert(
      fc.property(rotation, rotation, (a, b) => {
        const [product, M] = [[0, 0, 0, 1], new Float64Array(matrixFromQuaternion(a))];
        multiplyQuaternions(a, 0, b, 0, product);
        multiplyMatrices(M, 0, matrixFromQuaternion(b), 0, M);
        const q = [0, 0, 0, 1];
        matrixToQuaternion(M, 0, q);
        expect(rotationAngleBetween(M, 0, matrixFromQuaternion([q[0], q[1], q[2], q[3]]), 0)).toBeLessThan(1e-12);
        const same = Math.abs(product.reduce((sum, x, i) => sum + x * q[i], 0));
        expect(same).toBeCloseTo(1, 12);
      }),
    );
  });

  test('rpy turns about fixed x, then y, then z', () => {
    const turn = (axis: number, angle: number) => {
      const R = new Float64Array(9);
      rotationExp(axis === 0 ? angle : 0, axis === 1 ? angle : 0, axis === 2 ? angle : 0, R);
      return R;
    };
    fc.assert(
      fc.property(vector, (rpy) => {
        const R = turn(2, rpy[2]);
        multiplyMatrices(R, 0, turn(1, rpy[1]), 0, R);
        multiplyMatrices(R, 0, turn(0, rpy[0]), 0, R);
        expect(relativeError(matrixFromRpy(rpy), R)).toBeLessThan(1e-14);
      }),
    );
  });

  test('log inverts exp from the smallest angle to a half turn', () => {
    fc.assert(
      fc.property(rotation, fc.constantFrom(0, 1e-160, 1e-12, 1e-8, 1e-3, 1, 3, Math.PI - 1e-7), (q, angle) => {
        const length = Math.hypot(q[0], q[1], q[2]);
        fc.pre(length > 1e-3);
        const w = [q[0], q[1], q[2]].map((x) => (x / length) * angle);
        const [R, back] = [new Float64Array(9), new Float64Array(3)];
        rotationExp(w[0], w[1], w[2], R);
        rotationLog(R, 0, back);
        expect(Math.hypot(back[0] - w[0], back[1] - w[1], back[2] - w[2])).toBeLessThan(1e-14 + 1e-9 * angle);
      }),
    );
    expect(rotationAngleBetween(IDENTITY3, 0, matrixFromRpy([0, 0, Math.PI]), 0)).toBeCloseTo(Math.PI, 12);
  });

  test('poses compose, invert and move points', () => {
    fc.assert(
      fc.property(pose, pose, vector, (a: Pose, b: Pose, x) => {
        const step = transformPoint(a, transformPoint(b, x));
        expect(relativeError(transformPoint(composePoses(a, b), x), step)).toBeLessThan(1e-13);
        expect(relativeError(transformPoint(invertPose(a), transformPoint(a, x)), x)).toBeLessThan(1e-13);
        const R = matrixFromQuaternion(a.orientation);
        expect(relativeError(rotateInverse(R, rotate(R, x)), x)).toBeLessThan(1e-13);
        const same = poseFrom12([...R, ...a.position]);
        const dot = same.orientation.reduce((sum, value, i) => sum + value * a.orientation[i], 0);
        expect(Math.abs(dot)).toBeCloseTo(1, 12);
        expect(relativeError(numbers(same.position), a.position)).toBe(0);
      }),
    );
  });
});
