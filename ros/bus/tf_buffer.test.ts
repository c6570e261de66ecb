import { describe, expect, it } from 'vitest';
import { createRng, type Pose, type Quaternion, type Rng } from '../../contracts/index.ts';
import { TfBuffer } from './tf_buffer.ts';

const MS = 1_000_000n;

function randomPose(rng: Rng): Pose {
  const uniform = () => rng.range(-1, 1);
  const q = [uniform(), uniform(), uniform(), uniform()];
  const length = Math.hypot(...q);
  const sign = q[3] < 0 ? -1 : 1;
  const [x, y, z, w] = q.map((value) => (sign * value) / length);
  return { position: [uniform(), uniform(), uniform()], orientation: [x, y, z, w] };
}

/** Independent of the buffer: homogeneous 4×4 matrices, row-major. */
type Matrix = readonly number[];
function matrixOf({ position: [px, py, pz], orientation: [x, y, z, w] }: Pose): Matrix {
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), px],
    ...[2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x), py],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y), pz],
    ...[0, 0, 0, 1],
  ];
}
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((_, i) => {
    const row = 4 * Math.floor(i / 4);
    return [0, 1, 2, 3].reduce((sum, k) => sum + a[row + k] * b[4 * k + (i % 4)], 0);
  });

function expectMatrix(pose: Pose | null, matrix: Matrix): void {
  expect(pose).not.toBeNull();
  const own = matrixOf(pose as Pose);
  expect(Math.max(...own.map((value, i) => Math.abs(value - matrix[i])))).toBeLessThan(1e-12);
}

function send(buffer: TfBuffer, parent: string, child: string, pose: Pose, stamp_ns: bigint, fixed = false): void {
  buffer.add({ stamp_ns, transforms: [{ parent, child, pose }] }, fixed);
}

describe('the frame tree', () => {
  it('gives every pair of frames of random trees, as products of matrices do', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed, 'frames');
      const buffer = new TfBuffer();
      const T_root: Matrix[] = [matrixOf({ position: [0, 0, 0], orientation: [0, 0, 0, 1] })];
      const size = 2 + Math.floor(rng.range(0, 8));
      for (let child = 1; child < size; child++) {
        const parent = Math.floor(rng.range(0, child));
        const pose = randomPose(rng);
        send(buffer, `f${parent}`, `f${child}`, pose, 5n * MS, rng.range(0, 1) < 0.5);
        T_root[child] = times(T_root[parent], matrixOf(pose));
      }
      for (let a = 0; a < size; a++) {
        for (let b = 0; b < size; b++) {
          const pose = buffer.lookup(`f${a}`, `f${b}`, 5n * MS);
          expect(pose, `seed ${seed}: f${a} to f${b}`).not.toBeNull();
          expectMatrix(buffer.lookup('f0', `f${b}`, 5n * MS), T_root[b]);
          expectMatrix(
            { ...(pose as Pose) },
            times(matrixOf(buffer.lookup(`f${a}`, 'f0', 5n * MS) as Pose), T_root[b]),
          );
        }
      }
    }
  });

  it('goes straight and by the great arc between two stamps', () => {
    const buffer = new TfBuffer();
    const turned = (angle_rad: number): Quaternion => [0, 0, Math.sin(angle_rad / 2), Math.cos(angle_rad / 2)];
    send(buffer, 'base', 'tool', { position: [0, 0, 0], orientation: turned(0.2) }, 100n * MS);
    send(buffer, 'base', 'tool', { position: [1, -2, 0], orientation: turned(1.2) }, 200n * MS);
    for (const share of [0, 0.1, 0.5, 0.99, 1]) {
      const at = buffer.lookup('base', 'tool', 100n * MS + BigInt(share * 1e8)) as Pose;
      expect(at.position[0]).toBeCloseTo(share, 12);
      expect(at.position[1]).toBeCloseTo(-2 * share, 12);
      expect(2 * Math.atan2(at.orientation[2], at.orientation[3])).toBeCloseTo(0.2 + share, 12);
    }
  });

  it('turns the shorter way, whatever the sign of the quaternions', () => {
    const buffer = new TfBuffer();
    send(buffer, 'a', 'b', { position: [0, 0, 0], orientation: [0, 0, 0.1, 0.99] }, 100n * MS);
    send(buffer, 'a', 'b', { position: [0, 0, 0], orientation: [0, 0, -0.1, -0.99] }, 200n * MS);
    const middle = buffer.lookup('a', 'b', 150n * MS) as Pose;
    expect(middle.orientation[2]).toBeCloseTo(0.1 / Math.hypot(0.1, 0.99), 12);
    expect(middle.orientation[3]).toBeGreaterThan(0);
  });

  it('extrapolates up to 50 ms by the nearest pose, both ways, and no further', () => {
    const buffer = new TfBuffer();
    const pose: Pose = { position: [1, 2, 3], orientation: [0, 0, 0, 1] };
    send(buffer, 'a', 'b', pose, 1000n * MS);
    expect(buffer.lookup('a', 'b', 1050n * MS)).toEqual(pose);
    expect(buffer.lookup('a', 'b', 950n * MS)).toEqual(pose);
    expect(buffer.lookup('a', 'b', 1050n * MS + 1n)).toBeNull();
    expect(buffer.lookup('a', 'b', 950n * MS - 1n)).toBeNull();
    expect(buffer.lookup('a', 'b', 1001n * MS, 0n)).toBeNull();
    expect(buffer.lookup('a', 'b', 1000n * MS, 0n)).toEqual(pose);
    expect(buffer.lookup('a', 'b', 0n)).toEqual(pose);
  });

  it('takes messages in any order, and a fixed edge at any time', () => {
    const buffer = new TfBuffer();
    const at = (x: number): Pose => ({ position: [x, 0, 0], orientation: [0, 0, 0, 1] });
    for (const n of [3, 1, 2, 0]) send(buffer, 'a', 'b', at(n), BigInt(100 * n) * MS + 1000n * MS);
    send(buffer, 'b', 'c', at(10), 0n, true);
    for (let n = 0; n <= 3; n += 0.25) {
      const stamp_ns = 1000n * MS + BigInt(100 * n) * MS;
      expect((buffer.lookup('a', 'c', stamp_ns) as Pose).position[0]).toBeCloseTo(n + 10, 9);
    }
  });

  it('remembers ten seconds, and what is fixed for ever', () => {
    const buffer = new TfBuffer();
    const pose: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };
    send(buffer, 'a', 'b', pose, 0n, true);
    for (let s = 0; s < 30; s++) send(buffer, 'b', 'c', pose, BigInt(s) * 1000n * MS);
    expect(buffer.lookup('a', 'c', 20_000n * MS)).not.toBeNull();
    expect(buffer.lookup('a', 'c', 18_000n * MS)).toBeNull();
    buffer.forget();
    expect(buffer.lookup('a', 'c', 20_000n * MS)).toBeNull();
    expect(buffer.lookup('a', 'b', 20_000n * MS)).not.toBeNull();
  });

  it('has no pose for frames that are not connected, unknown, or in a loop', () => {
    const buffer = new TfBuffer();
    const pose: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };
    send(buffer, 'a', 'b', pose, 0n, true);
    send(buffer, 'x', 'y', pose, 0n, true);
    expect(buffer.lookup('a', 'y', MS)).toBeNull();
    expect(buffer.lookup('nowhere', 'b', MS)).toBeNull();
    send(buffer, 'b', 'a', pose, 0n, true);
    expect(buffer.lookup('x', 'a', MS)).toBeNull();
    expect(buffer.lookup('q', 'q', MS)).toEqual(pose);
  });
});
