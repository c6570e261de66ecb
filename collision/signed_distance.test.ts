import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape } from '../contracts/index.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { hullOfShape } from '../test/support/mesh_robot.ts';
import { randomPose } from '../test/support/random_pose.ts';
import { randomShape } from '../test/support/random_shape.ts';
import { sweep } from '../test/support/sweep.ts';
import { ConvexSet } from './convex.ts';
import { Gjk } from './gjk.ts';
import { SignedDistance } from './signed_distance.ts';
import { supportPoint } from './support.ts';

const gjk = new Gjk();
const signed = new SignedDistance();

/** A pair of bodies: boxes, cylinders, spheres or hulls of them, with a ball about some. */
function randomPair(rng: Rng, spread_m: number): ConvexSet {
  const set = new ConvexSet(2);
  for (let i = 0; i < 2; i++) {
    const shape = randomShape(rng, 0.02, 0.3);
    const padding = rng.int(2) === 0 ? 0 : rng.range(0, 0.02);
    set.add(rng.int(3) === 0 ? hullOfShape(shape) : shape, padding);
    randomPose(rng, spread_m, set.pose, 12 * i);
  }
  return set;
}

const scratch = new Float64Array(6);

/** How far the bodies are apart along a unit direction from 1 to 0: at most their signed distance. */
function gapAlong(set: ConvexSet, x: number, y: number, z: number): number {
  const along = Float64Array.of(x, y, z);
  supportPoint(set, 0, along, -1, scratch, 0);
  supportPoint(set, 1, along, 1, scratch, 3);
  const gap = x * (scratch[0] - scratch[3]) + y * (scratch[1] - scratch[4]) + z * (scratch[2] - scratch[5]);
  return gap - set.rounding[0] - set.rounding[1];
}

function shift(set: ConvexSet, by_m: number): void {
  for (let k = 0; k < 3; k++) set.pose[9 + k] += by_m * signed.normal[k];
}

/** Drawn in each comparison. */
const PAIRS = sweep(300, 1500);

describe('signed distance of convex bodies', () => {
  test('is the distance of GJK apart, and where it is negative the bodies overlap', () => {
    const rng = createRng(11);
    let overlaps = 0;
    for (let k = 0; k < PAIRS; k++) {
      const set = randomPair(rng, 0.25);
      expect(signed.measure(set, 0, set, 1)).toBe(true);
      const distance = gjk.distance(set, 0, set, 1);
      const found = signed.distance_m;
      expect(Math.abs(Math.max(0, found) - distance), `case ${k}: ${found}, ${distance}`).toBeLessThan(1e-6);
      if (found < 0) overlaps++;
    }
    expect(overlaps).toBeGreaterThan(PAIRS / 8);
    expect(overlaps).toBeLessThan(PAIRS / 1.2);
  });

  test('no direction shows a wider gap or a shorter way out, and along the normal the gap is the distance', () => {
    const rng = createRng(12);
    for (let k = 0; k < 0.4 * PAIRS; k++) {
      const set = randomPair(rng, 0.12);
      signed.measure(set, 0, set, 1);
      const { normal, distance_m } = signed;
      const place = `case ${k}: ${distance_m}`;
      expect(Math.hypot(...normal), place).toBeCloseTo(1, 9);
      expect(Math.abs(gapAlong(set, normal[0], normal[1], normal[2]) - distance_m), place).toBeLessThan(2e-6);
      for (let trial = 0; trial < 60; trial++) {
        const spread = trial % 2 === 0 ? 3 : 0.05;
        const d = [0, 1, 2].map((axis) => normal[axis] + spread * rng.normal());
        const length = Math.hypot(...d);
        expect(gapAlong(set, d[0] / length, d[1] / length, d[2] / length), place).toBeLessThan(distance_m + 2e-6);
      }
    }
  });

  test('the points lie on the bodies, and moving one out along the normal by the depth parts them', () => {
    const rng = createRng(13);
    for (let k = 0; k < PAIRS; k++) {
      const set = randomPair(rng, 0.15);
      signed.measure(set, 0, set, 1);
      const { normal, point_a, point_b, distance_m } = signed;
      const between = [0, 1, 2].map((c) => point_a[c] - point_b[c]);
      for (let c = 0; c < 3; c++) expect(between[c], `case ${k}`).toBeCloseTo(distance_m * normal[c], 7);
      const points = new ConvexSet(2);
      points.add({ type: 'sphere', radius: 0 });
      points.add({ type: 'sphere', radius: 0 });
      points.pose.set(point_a, 9);
      points.pose.set(point_b, 21);
      expect(gjk.distance(points, 0, set, 0), `case ${k}`).toBeLessThan(1e-6);
      expect(gjk.distance(points, 1, set, 1), `case ${k}`).toBeLessThan(1e-6);
      if (distance_m >= 0) continue;
      shift(set, -distance_m + 3e-6);
      expect(gjk.distance(set, 0, set, 1), `case ${k}: ${distance_m}`).toBeGreaterThan(0);
    }
  });

  test('bodies with a common middle, flush faces and one inside the other have the depth that is plain to see', () => {
    const boxes = (size: readonly [number, number, number], x: number): number => {
      const set = new ConvexSet(2);
      set.add({ type: 'box', size: [0.2, 0.3, 0.4] });
      set.add({ type: 'box', size });
      set.pose[21] = x;
      signed.measure(set, 0, set, 1);
      return signed.distance_m;
    };
    expect(boxes([0.2, 0.3, 0.4], 0)).toBeCloseTo(-0.2, 9);
    expect(boxes([0.1, 0.1, 0.1], 0)).toBeCloseTo(-0.15, 9);
    expect(boxes([0.2, 0.3, 0.4], 0.2)).toBeCloseTo(0, 9);
    expect(boxes([0.2, 0.3, 0.4], 0.199)).toBeCloseTo(-0.001, 9);
    const set = new ConvexSet(2);
    set.add({ type: 'box', size: [0.2, 0.3, 0.4] });
    set.add({ type: 'sphere', radius: 0.05 });
    signed.measure(set, 0, set, 1);
    expect(signed.distance_m).toBeCloseTo(-0.15, 9);
    set.set(0, { type: 'sphere', radius: 0.1 });
    signed.measure(set, 0, set, 1);
    expect(signed.distance_m).toBeCloseTo(-0.15, 9);
    set.set(0, { type: 'cylinder', radius: 0.1, length: 1 });
    signed.measure(set, 0, set, 1);
    expect(signed.distance_m).toBeCloseTo(-0.15, 4);
  });

  test('boxes on a lattice, as boxes and as hulls, with flush faces, edges and corners, are as far apart as their sides say', () => {
    const rng = createRng(16);
    for (let k = 0; k < PAIRS; k++) {
      const set = new ConvexSet(2);
      const sides = [0, 1].map(() => [0, 1, 2].map(() => 0.1 * (1 + rng.int(4))));
      const at = [0, 1].map(() => [0, 1, 2].map(() => 0.05 * rng.int(9)));
      for (let i = 0; i < 2; i++) {
        const box: Shape = { type: 'box', size: [sides[i][0], sides[i][1], sides[i][2]] };
        set.add(rng.int(2) === 0 ? box : hullOfShape(box));
        // a quarter turn about z leaves it a box of the lattice
        const turn = rng.int(2);
        if (turn === 1) {
          set.pose.set([0, -1, 0, 1, 0, 0, 0, 0, 1], 12 * i);
          sides[i] = [sides[i][1], sides[i][0], sides[i][2]];
        }
        set.pose.set(at[i], 12 * i + 9);
      }
      const gaps = [0, 1, 2].map((c) => Math.abs(at[0][c] - at[1][c]) - (sides[0][c] + sides[1][c]) / 2);
      const widest = Math.max(...gaps);
      const expected = widest > 1e-12 ? Math.hypot(...gaps.map((gap) => Math.max(0, gap))) : widest;
      signed.measure(set, 0, set, 1);
      expect(Math.abs(signed.distance_m - expected), `case ${k}: ${signed.distance_m}, ${expected}`).toBeLessThan(1e-8);
      expect(Math.hypot(...signed.normal), `case ${k}`).toBeCloseTo(1, 8);
    }
  });

  test('beyond the reach it says so, within it measures', () => {
    const rng = createRng(14);
    for (let k = 0; k < sweep(200, 500); k++) {
      signed.reach_m = Infinity;
      const set = randomPair(rng, 0.3);
      signed.measure(set, 0, set, 1);
      const { distance_m } = signed;
      signed.reach_m = distance_m - 1e-5;
      expect(signed.measure(set, 0, set, 1), `case ${k}`).toBe(false);
      signed.reach_m = distance_m + 1e-5;
      expect(signed.measure(set, 0, set, 1), `case ${k}`).toBe(true);
      expect(signed.distance_m).toBeCloseTo(distance_m, 7);
    }
    signed.reach_m = Infinity;
  });

  test('measuring allocates nothing', () => {
    const rng = createRng(15);
    const sets = Array.from({ length: 32 }, () => randomPair(rng, 0.15));
    const few = 20 * sets.length;
    const work = (): void => {
      for (const set of sets) signed.measure(set, 0, set, 1);
    };
    expect(heapGrowthPerCall(work, 60, few)).toBeLessThan(few);
  });
});
