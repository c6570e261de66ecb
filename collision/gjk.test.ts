import { describe, expect, test } from 'vitest';
import { type ConvexMesh, createRng, type Rng, type Shape } from '../contracts/index.ts';
import { hullOfShape } from '../test/support/mesh_robot.ts';
import { sweep } from '../test/support/sweep.ts';
import { BOX, ConvexSet, CYLINDER } from './convex.ts';
import { Gjk } from './gjk.ts';

function randomShape(rng: Rng): Shape {
  const kind = rng.int(3);
  if (kind === 0) return { type: 'box', size: [rng.range(0.02, 0.4), rng.range(0.02, 0.4), rng.range(0.02, 0.4)] };
  if (kind === 1) return { type: 'cylinder', radius: rng.range(0.01, 0.2), length: rng.range(0.02, 0.4) };
  return { type: 'sphere', radius: rng.range(0.01, 0.2) };
}

/** Uniform rotation (Shoemake, 1992) and a position in a cube of half size `reach`. */
function randomPose(rng: Rng, out: Float64Array, at: number, reach: number): void {
  const u = rng.uniform();
  const p = 2 * Math.PI * rng.uniform();
  const r = 2 * Math.PI * rng.uniform();
  const [x, y, z, w] = [
    Math.sqrt(1 - u) * Math.sin(p),
    Math.sqrt(1 - u) * Math.cos(p),
    Math.sqrt(u) * Math.sin(r),
    Math.sqrt(u) * Math.cos(r),
  ];
  out.set(
    [
      1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
      2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
      2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ], // biome-ignore format: a matrix
    at,
  );
  for (let k = 0; k < 3; k++) out[at + 9 + k] = rng.range(-reach, reach);
}

/** Nearest point of body i of the set to a point: exact for every kind. */
function project(set: ConvexSet, i: number, point: readonly number[]): number[] {
  const R = set.pose.subarray(12 * i, 12 * i + 9);
  const p = set.pose.subarray(12 * i + 9, 12 * i + 12);
  const half = set.half.subarray(3 * i, 3 * i + 3);
  const d = [point[0] - p[0], point[1] - p[1], point[2] - p[2]];
  const local = [0, 1, 2].map((c) => R[c] * d[0] + R[3 + c] * d[1] + R[6 + c] * d[2]);
  const near = [...local];
  if (set.kind[i] === BOX) for (let k = 0; k < 3; k++) near[k] = Math.max(-half[k], Math.min(half[k], local[k]));
  else if (set.kind[i] === CYLINDER) {
    const r = Math.hypot(local[0], local[1]);
    const scale = r > half[0] ? half[0] / r : 1;
    near[0] *= scale;
    near[1] *= scale;
    near[2] = Math.max(-half[2], Math.min(half[2], local[2]));
  } else near.fill(0);
  const gap = Math.hypot(local[0] - near[0], local[1] - near[1], local[2] - near[2]);
  const grow = gap > 0 ? Math.min(1, set.rounding[i] / gap) : 0;
  for (let k = 0; k < 3; k++) near[k] += grow * (local[k] - near[k]);
  return [0, 1, 2].map((r) => R[3 * r] * near[0] + R[3 * r + 1] * near[1] + R[3 * r + 2] * near[2] + p[r]);
}

/** Distance by alternating projections (von Neumann): an upper bound that sinks to the distance. */
function referenceDistance(a: ConvexSet, b: ConvexSet, iterations: number): number {
  let x = project(a, 0, [b.pose[9], b.pose[10], b.pose[11]]);
  let y = x;
  for (let i = 0; i < iterations; i++) {
    y = project(b, 0, x);
    x = project(a, 0, y);
  }
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

describe('GJK', () => {
  test('equals alternating projections on random shapes', () => {
    const rng = createRng(1);
    const gjk = new Gjk();
    let apart = 0;
    for (let trial = 0; trial < sweep(500, 1500); trial++) {
      const a = new ConvexSet(1);
      const b = new ConvexSet(1);
      a.add(randomShape(rng), rng.uniform() < 0.3 ? rng.range(0, 0.05) : 0);
      b.add(randomShape(rng));
      randomPose(rng, a.pose, 0, 0.35);
      randomPose(rng, b.pose, 0, 0.35);
      const distance = gjk.distance(a, 0, b, 0);
      const reference = referenceDistance(a, b, 300);
      expect(distance, `trial ${trial}`).toBeLessThanOrEqual(reference + 1e-9);
      expect(distance, `trial ${trial}`).toBeGreaterThanOrEqual(reference - 2e-3);
      if (distance > 0) apart++;
    }
    expect(apart).toBeGreaterThan(sweep(160, 500));
  });

  test('converged references agree to a micrometre', () => {
    const rng = createRng(2);
    const gjk = new Gjk();
    for (let trial = 0; trial < sweep(20, 60); trial++) {
      const a = new ConvexSet(1);
      const b = new ConvexSet(1);
      a.add(randomShape(rng));
      b.add(randomShape(rng));
      randomPose(rng, a.pose, 0, 0.1);
      randomPose(rng, b.pose, 0, 0.1);
      b.pose[9] += 0.9;
      expect(Math.abs(gjk.distance(a, 0, b, 0) - referenceDistance(a, b, 8000)), `trial ${trial}`).toBeLessThan(1e-6);
    }
  });

  test('is symmetric, and invariant under rigid motion', () => {
    const rng = createRng(3);
    const gjk = new Gjk();
    const motion = new Float64Array(12);
    for (let trial = 0; trial < sweep(700, 2000); trial++) {
      const set = new ConvexSet(4);
      for (let k = 0; k < 2; k++) randomPose(rng, set.pose, 12 * set.add(randomShape(rng)), 0.4);
      const distance = gjk.distance(set, 0, set, 1);
      expect(Math.abs(gjk.distance(set, 1, set, 0) - distance), `trial ${trial}`).toBeLessThan(1e-8);
      randomPose(rng, motion, 0, 2);
      for (let k = 0; k < 24; k += 12) {
        const old = set.pose.slice(k, k + 12);
        for (let r = 0; r < 3; r++) {
          for (let c = 0; c < 3; c++) {
            set.pose[k + 3 * r + c] =
              motion[3 * r] * old[c] + motion[3 * r + 1] * old[3 + c] + motion[3 * r + 2] * old[6 + c];
          }
          set.pose[k + 9 + r] =
            motion[3 * r] * old[9] + motion[3 * r + 1] * old[10] + motion[3 * r + 2] * old[11] + motion[9 + r];
        }
      }
      expect(Math.abs(gjk.distance(set, 0, set, 1) - distance), `trial ${trial}`).toBeLessThan(1e-8);
    }
  });

  test('closer agrees with the distance at any margin, with a stale axis too', () => {
    const rng = createRng(4);
    const gjk = new Gjk();
    const axis = new Float64Array(3);
    let near = 0;
    for (let trial = 0; trial < sweep(1500, 5000); trial++) {
      const set = new ConvexSet(2);
      for (let k = 0; k < 2; k++) randomPose(rng, set.pose, 12 * set.add(randomShape(rng)), 0.4);
      const distance = gjk.distance(set, 0, set, 1);
      for (const margin of [0, 0.002, 0.05, distance * 0.9999, distance * 1.0001 + 1e-9]) {
        if (Math.abs(margin - distance) < 1e-9) continue;
        gjk.margin_m = margin;
        expect(gjk.closer(set, 0, set, 1, axis, 0), `trial ${trial} margin ${margin}`).toBe(distance <= margin);
      }
      if (distance === 0) near++;
    }
    expect(near).toBeGreaterThan(sweep(90, 300));
  });

  test('spheres and aligned boxes in closed form', () => {
    const rng = createRng(5);
    const gjk = new Gjk();
    for (let trial = 0; trial < 500; trial++) {
      const set = new ConvexSet(4);
      const size = [rng.range(0.1, 1), rng.range(0.1, 1), rng.range(0.1, 1)] as const;
      set.add({ type: 'box', size });
      set.add({ type: 'box', size: [0.2, 0.2, 0.2] });
      set.add({ type: 'sphere', radius: 0.1 });
      set.add({ type: 'sphere', radius: 0.2 });
      const d = [rng.range(-1, 1), rng.range(-1, 1), rng.range(-1, 1)];
      for (const k of [1, 2]) set.pose.set(d, 12 * k + 9);
      const gaps = d.map((x, k) => Math.max(0, Math.abs(x) - size[k] / 2 - 0.1));
      expect(Math.abs(gjk.distance(set, 0, set, 1) - Math.hypot(...gaps))).toBeLessThan(1e-9);
      expect(Math.abs(gjk.distance(set, 2, set, 3) - Math.max(0, Math.hypot(...d) - 0.3))).toBeLessThan(1e-12);
    }
  });

  test('a box as a hull is the box; a hull grows by its padding and by what it is short of', () => {
    const rng = createRng(8);
    const gjk = new Gjk();
    for (let trial = 0; trial < sweep(500, 1500); trial++) {
      const shape: Shape = { type: 'box', size: [rng.range(0.02, 0.4), rng.range(0.02, 0.4), rng.range(0.02, 0.4)] };
      const boxes = new ConvexSet(2);
      const hulls = new ConvexSet(2);
      const other: Shape | ConvexMesh =
        rng.uniform() < 0.5 ? randomShape(rng) : { ...hullOfShape(shape), short_m: 0.01 };
      const grown = rng.range(0, 0.02);
      boxes.add(shape, grown);
      hulls.add({ ...hullOfShape(shape), short_m: grown });
      boxes.add(other);
      hulls.add(other);
      for (let k = 0; k < 2; k++) randomPose(rng, boxes.pose, 12 * k, 0.4);
      hulls.pose.set(boxes.pose);
      expect(hulls.bound[0]).toBeCloseTo(boxes.bound[0], 12);
      const wanted = gjk.distance(boxes, 0, boxes, 1);
      expect(gjk.distance(hulls, 0, hulls, 1), `trial ${trial}`).toBeCloseTo(wanted, 7);
      for (const margin of [0, 0.03]) {
        if (Math.abs(wanted - margin) < 1e-6) continue;
        gjk.margin_m = margin;
        const axis = new Float64Array(3);
        expect(gjk.closer(hulls, 0, hulls, 1, axis, 0), `trial ${trial}`).toBe(wanted <= margin);
      }
    }
  });
});
