import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type TriangleMesh } from '../contracts/index.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { hullOfShape } from '../test/support/mesh_robot.ts';
import { randomPose } from '../test/support/random_pose.ts';
import { randomShape } from '../test/support/random_shape.ts';
import { sweep } from '../test/support/sweep.ts';
import { ConvexSet } from './convex.ts';
import { type ElementTree, pointTree, triangleTree } from './element_tree.ts';
import { Gjk } from './gjk.ts';
import { SignedDistance } from './signed_distance.ts';
import { TreeQuery } from './tree_query.ts';

const query = new TreeQuery();
const gjk = new Gjk();
const signed = new SignedDistance();

function randomBody(rng: Rng, spread_m: number): ConvexSet {
  const shape = randomShape(rng, 0.02, 0.3);
  const set = new ConvexSet(1);
  set.add(rng.int(2) === 0 ? shape : hullOfShape(shape), rng.int(2) === 0 ? 0 : 0.01);
  randomPose(rng, spread_m, set.pose, 0);
  return set;
}

function randomTree(rng: Rng): ElementTree {
  const numbers = (count: number) => Float64Array.from({ length: count }, () => rng.range(-0.3, 0.3));
  if (rng.int(2) === 0) return pointTree(numbers(3 * (1 + rng.int(150))), rng.range(0, 0.02));
  const corners = 3 * (1 + rng.int(60));
  const vertices = numbers(3 * corners);
  for (let k = 0; k < vertices.length; k++) {
    if (k % 9 > 2) vertices[k] = vertices[k - (k % 9) + (k % 3)] + rng.range(-0.06, 0.06);
  }
  const triangles = Uint32Array.from({ length: corners }, (_, k) => k);
  return triangleTree({ type: 'mesh', vertices, triangles }, false, rng.int(2) === 0 ? 0 : 0.005);
}

/** Every element as a body of its own. */
function bodiesOf(tree: ElementTree, pose: Float64Array): ConvexSet {
  const set = new ConvexSet(tree.count);
  for (let i = 0; i < tree.count; i++) {
    const at = tree.stride * i;
    if (tree.stride === 3) {
      set.add({ type: 'sphere', radius: tree.radius_m });
      for (let k = 0; k < 3; k++) {
        set.pose[12 * i + 9 + k] = pose[9 + k];
        for (let c = 0; c < 3; c++) set.pose[12 * i + 9 + k] += pose[3 * k + c] * tree.data[at + c];
      }
    } else {
      const triangles = Uint32Array.of(0, 1, 2, 2, 1, 0);
      const vertices = tree.data.slice(at, at + 9);
      set.add({ type: 'mesh', convex: true, vertices, triangles, short_m: 0 }, tree.radius_m);
      set.pose.set(pose, 12 * i);
    }
  }
  return set;
}

/** A tree placed in the world. */
function placed(tree: ElementTree, pose: Float64Array, padding_m = 0): ConvexSet {
  const set = new ConvexSet(1);
  set.add(tree, padding_m);
  set.pose.set(pose);
  return set;
}

/** A closed box of twelve triangles, half extents one each. */
function boxMesh(hx: number, hy: number, hz: number): TriangleMesh {
  const vertices = Float64Array.from(
    Array.from({ length: 8 }, (_, i) => [i & 1 ? hx : -hx, i & 2 ? hy : -hy, i & 4 ? hz : -hz]).flat(),
  );
  const quads = [0, 4, 6, 2, 1, 3, 7, 5, 0, 1, 5, 4, 2, 6, 7, 3, 0, 2, 3, 1, 4, 5, 7, 6];
  const triangles = Array.from({ length: 6 }, (_, f) => {
    const [a, b, c, d] = quads.slice(4 * f, 4 * f + 4);
    return [a, b, c, a, c, d];
  });
  return { type: 'mesh', vertices, triangles: Uint32Array.from(triangles.flat()) };
}

describe('a body and a tree of points or triangles', () => {
  test('touch just when one of the elements does, and are as far apart as the nearest', () => {
    const rng = createRng(31);
    const pose = new Float64Array(12);
    let contacts = 0;
    for (let trial = 0; trial < sweep(100, 250); trial++) {
      const tree = randomTree(rng);
      randomPose(rng, 0.1, pose, 0);
      const body = randomBody(rng, 0.5);
      const all = bodiesOf(tree, pose);
      const there = placed(tree, pose);
      let least = Infinity;
      let gap = Infinity;
      for (let i = 0; i < all.count; i++) {
        gap = Math.min(gap, gjk.distance(body, 0, all, i));
        if (signed.measure(body, 0, all, i)) least = Math.min(least, signed.distance_m);
      }
      const place = `trial ${trial}: ${tree.count} ${tree.elements}, ${least}`;
      query.reach_m = 0;
      expect(query.touches(body, 0, there, 0), place).toBe(gap === 0);
      query.reach_m = Infinity;
      expect(query.nearest(body, 0, there, 0), place).toBe(true);
      expect(Math.abs(query.distance_m - least), place).toBeLessThan(1e-6);
      if (gap === 0) contacts++;
      query.reach_m = Math.max(0, least) + 1e-5;
      expect(query.touches(body, 0, there, 0), place).toBe(true);
      if (least < 1e-4) continue;
      query.reach_m = least - 1e-5;
      expect(query.touches(body, 0, there, 0), place).toBe(false);
      expect(query.nearest(body, 0, there, 0), place).toBe(false);
    }
    expect(contacts).toBeGreaterThan(sweep(12, 30));
    expect(contacts).toBeLessThan(220);
  });

  test('padding is reach', () => {
    const rng = createRng(32);
    const pose = new Float64Array(12);
    for (let trial = 0; trial < sweep(40, 100); trial++) {
      const tree = randomTree(rng);
      randomPose(rng, 0.1, pose, 0);
      const body = randomBody(rng, 0.5);
      const there = placed(tree, pose);
      query.reach_m = 1;
      query.nearest(body, 0, there, 0);
      const bare = query.distance_m;
      query.nearest(body, 0, placed(tree, pose, 0.03), 0);
      expect(query.distance_m, `trial ${trial}`).toBeCloseTo(bare - 0.03, 6);
    }
  });

  test('inside a solid is contact as deep as the way out, inside a hollow one is not', () => {
    const mesh = boxMesh(0.5, 0.6, 0.7);
    const pose = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0);
    const hollow = placed(triangleTree(mesh, false), pose);
    const solid = placed(triangleTree(mesh, true), pose);
    const body = new ConvexSet(1);
    for (const shape of [
      { type: 'sphere', radius: 0.1 },
      hullOfShape({ type: 'box', size: [0.2, 0.2, 0.2] }),
    ] as const) {
      body.clear();
      body.add(shape);
      body.pose[9] = 0.2;
      query.reach_m = 0;
      expect(query.touches(body, 0, hollow, 0)).toBe(false);
      expect(query.touches(body, 0, solid, 0)).toBe(true);
      expect(query.nearest(body, 0, solid, 0)).toBe(true);
      expect(query.distance_m).toBeCloseTo(-0.4, 9);
      expect([...query.normal]).toEqual([1, 0, 0].map((x) => expect.closeTo(x, 9)));
      body.pose[9] = 0.7;
      expect(query.touches(body, 0, solid, 0)).toBe(false);
    }
  });

  test('a solid box of triangles touches what the box touches', () => {
    const rng = createRng(33);
    const tree = triangleTree(boxMesh(0.1, 0.15, 0.2), true);
    const box = new ConvexSet(1);
    box.add({ type: 'box', size: [0.2, 0.3, 0.4] });
    query.reach_m = 0;
    for (let trial = 0; trial < sweep(200, 500); trial++) {
      const body = randomBody(rng, 0.3);
      randomPose(rng, 0.1, box.pose, 0);
      const touching = gjk.distance(body, 0, box, 0) === 0;
      expect(query.touches(body, 0, placed(tree, box.pose), 0), `trial ${trial}`).toBe(touching);
    }
  });

  test('nothing and numbers that are none are refused', () => {
    expect(() => pointTree(new Float64Array(0), 0)).toThrow('no points');
    expect(() => pointTree(Float64Array.of(0, 0, 0, 1, Number.NaN, 0), 0)).toThrow('point 1 is not finite');
    const mesh = boxMesh(1, 1, Infinity);
    expect(() => triangleTree(mesh, true)).toThrow('triangle 0 is not finite');
  });

  test('asking allocates nothing', () => {
    const rng = createRng(34);
    const pose = new Float64Array(12);
    randomPose(rng, 0.1, pose, 0);
    const trees = Array.from({ length: 8 }, () => placed(randomTree(rng), pose));
    const bodies = Array.from({ length: 8 }, () => randomBody(rng, 0.4));
    query.reach_m = 0.05;
    const few = 128 * 16;
    const work = (): void => {
      for (const there of trees) {
        for (const body of bodies) {
          query.touches(body, 0, there, 0);
          query.nearest(body, 0, there, 0);
        }
      }
    };
    expect(heapGrowthPerCall(work, 6, few)).toBeLessThan(few);
  });
});
