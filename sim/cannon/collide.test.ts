import { describe, expect, it } from 'vitest';
import { type ConvexMesh, createRng, type Rng, type Shape } from '../../contracts/index.ts';
import { quaternionToMatrix } from '../../dynamics/index.ts';
import { convexHull } from '../../robots/index.ts';
import { ellipsoidPoints } from '../../test/support/mesh_files.ts';
import { hullOfShape } from '../../test/support/mesh_robot.ts';
import { sweep } from '../../test/support/sweep.ts';
import { collide } from './collide.ts';
import { Colliders, HULL } from './colliders.ts';
import { Manifold } from './manifold.ts';

const MARGIN = 0.002;

type V = [number, number, number];
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const column = (c: Colliders, i: number, k: number): V => [c.R[9 * i + k], c.R[9 * i + 3 + k], c.R[9 * i + 6 + k]];

function randomRotation(rng: Rng): number[] {
  const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const n = Math.hypot(...q);
  const R = new Array<number>(9).fill(0);
  quaternionToMatrix(
    q.map((x) => x / n),
    0,
    R,
  );
  return R;
}

type Solid = Shape | ConvexMesh;

/** Hulls are balls of many corners, boxes, or the few corners of a random body. */
function randomHull(rng: Rng): ConvexMesh {
  const kind = rng.int(4);
  if (kind < 2) return hullOfShape(randomShape(rng, kind === 0 ? 'box' : 'cylinder') as Shape);
  const radii = [rng.range(0.02, 0.06), rng.range(0.01, 0.05), rng.range(0.02, 0.04)] as const;
  return convexHull(ellipsoidPoints(rng, kind === 2 ? 6 + rng.int(10) : 120, radii), {
    max_vertices: 128,
    tolerance_m: 0,
  });
}

const hulls: ConvexMesh[] = [];

function randomShape(rng: Rng, type: Solid['type']): Solid {
  if (type === 'mesh') {
    while (hulls.length < 24) hulls.push(randomHull(rng));
    return hulls[rng.int(hulls.length)];
  }
  if (type === 'box') return { type, size: [rng.range(0.02, 0.2), rng.range(0.02, 0.1), rng.range(0.02, 0.08)] };
  if (type === 'cylinder') return { type, radius: rng.range(0.01, 0.05), length: rng.range(0.02, 0.1) };
  return { type, radius: rng.range(0.01, 0.05) };
}

function makePair(a: Solid, b: Solid, Ra: ArrayLike<number>, Rb: ArrayLike<number>, p: V): Colliders {
  const c = new Colliders(
    [
      { shape: a, rigid: 0, R: Ra, p: [0.3, -0.1, 0.05], friction: 1 },
      { shape: b, rigid: 1, R: Rb, p: [0.3 + p[0], -0.1 + p[1], 0.05 + p[2]], friction: 1 },
    ],
    2,
  );
  c.update();
  return c;
}

/** Component of a vector along axis k of collider i. */
const along = (c: Colliders, i: number, k: number, n: ArrayLike<number>) =>
  c.R[9 * i + k] * n[0] + c.R[9 * i + 3 + k] * n[1] + c.R[9 * i + 6 + k] * n[2];

/** How far collider i reaches from its origin along the unit vector n. */
function extent(c: Colliders, i: number, n: ArrayLike<number>): number {
  const hull = c.kind[i] === HULL ? c.hulls[i] : null;
  if (hull !== null) {
    const { vertices } = hull;
    const [x, y, z] = [along(c, i, 0, n), along(c, i, 1, n), along(c, i, 2, n)];
    let most = -Infinity;
    for (let v = 0; v < vertices.length; v += 3) {
      const reach = x * vertices[v] + y * vertices[v + 1] + z * vertices[v + 2];
      if (reach > most) most = reach;
    }
    return most;
  }
  const [h0, h1, h2] = [c.size[3 * i], c.size[3 * i + 1], c.size[3 * i + 2]];
  if (c.kind[i] !== 0 && c.kind[i] !== 1) return h0;
  const [x, y, z] = [along(c, i, 0, n), along(c, i, 1, n), along(c, i, 2, n)];
  if (c.kind[i] === 0) return h0 * Math.abs(x) + h1 * Math.abs(y) + h2 * Math.abs(z);
  return h0 * Math.hypot(x, y) + h1 * Math.abs(z);
}

const offset = (c: Colliders): V => [c.p[3] - c.p[0], c.p[4] - c.p[1], c.p[5] - c.p[2]];
const separation = (c: Colliders, n: ArrayLike<number>) =>
  dot(offset(c), n) - extent(c, 0, n) - extent(c, 1, [-n[0], -n[1], -n[2]]);

/**
 * Signed distance: the greatest separation over all directions, by sampling the sphere and refining the best, and `hint`.
 */
function signedDistance(c: Colliders, hint: ArrayLike<number>): number {
  const starts: { n: V; s: number }[] = [];
  const count = 700;
  for (let k = 0; k < count; k++) {
    const z = 1 - (2 * k + 1) / count;
    const angle = k * Math.PI * (3 - Math.sqrt(5));
    const r = Math.sqrt(1 - z * z);
    const n: V = [r * Math.cos(angle), r * Math.sin(angle), z];
    starts.push({ n, s: separation(c, n) });
  }
  for (const i of [0, 1]) {
    const hull = c.kind[i] === HULL ? c.hulls[i] : null;
    for (let f = 0; hull !== null && f < hull.faces; f++) {
      const [x, y, z] = hull.normals.subarray(3 * f, 3 * f + 3);
      const sign = i === 0 ? 1 : -1;
      const axes = [0, 1, 2].map((k) => column(c, i, k));
      const n = [0, 1, 2].map((k) => sign * (x * axes[0][k] + y * axes[1][k] + z * axes[2][k])) as V;
      starts.push({ n, s: separation(c, n) });
    }
    for (const k of [0, 1, 2]) {
      const axis = column(c, i, k);
      for (const n of [axis, axis.map((x) => -x) as V]) starts.push({ n, s: separation(c, n) });
    }
  }
  starts.sort((a, b) => b.s - a.s);
  let best = Number.NEGATIVE_INFINITY;
  const own: V = [hint[0], hint[1], hint[2]];
  for (const { n: start, s: value } of [...starts.slice(0, 4), { n: own, s: separation(c, own) }]) {
    let n = start;
    let s = value;
    for (let step = 0.1; step > 1e-6; ) {
      const u = unit(cross(n, Math.abs(n[0]) < 0.7 ? [1, 0, 0] : [0, 1, 0]));
      const v = cross(n, u);
      let moved = false;
      for (let k = 0; k < 12; k++) {
        const a = step * Math.cos((k * Math.PI) / 6);
        const b = step * Math.sin((k * Math.PI) / 6);
        const next = unit([n[0] + a * u[0] + b * v[0], n[1] + a * u[1] + b * v[1], n[2] + a * u[2] + b * v[2]]);
        const better = separation(c, next);
        if (better <= s) continue;
        s = better;
        n = next;
        moved = true;
        break;
      }
      if (!moved) step *= 0.5;
    }
    best = Math.max(best, s);
  }
  return best;
}

function cross(a: V, b: V): V {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: V): V {
  const n = Math.hypot(...a);
  return [a[0] / n, a[1] / n, a[2] / n];
}

/** How far the point lies outside collider i, m. */
function outside(c: Colliders, i: number, point: ArrayLike<number>): number {
  const d = [0, 1, 2].map((k) => point[k] - c.p[3 * i + k]);
  const local = [0, 1, 2].map((k) => dot(column(c, i, k), d));
  const hull = c.kind[i] === HULL ? c.hulls[i] : null;
  if (hull !== null) {
    return Math.max(...hull.offsets.map((offset, f) => dot(hull.normals.subarray(3 * f, 3 * f + 3), local) - offset));
  }
  const [h0, h1, h2] = c.size.subarray(3 * i, 3 * i + 3);
  if (c.kind[i] === 0) return Math.max(...local.map((x, k) => Math.abs(x) - [h0, h1, h2][k]));
  if (c.kind[i] === 1) return Math.max(Math.hypot(local[0], local[1]) - h0, Math.abs(local[2]) - h1);
  return Math.hypot(...local) - h0;
}

const KINDS: Solid['type'][] = ['box', 'cylinder', 'sphere', 'mesh'];
const PAIRS = KINDS.flatMap((a, i) => KINDS.slice(i).map((b) => [a, b] as const));

describe.each(PAIRS)('contact of %s and %s', (typeA, typeB) => {
  const rng = createRng(5, `${typeA}/${typeB}`);

  /** Random poses from well apart to about 8 mm deep. */
  function* cases(count: number) {
    for (let k = 0; k < count; k++) {
      const a = randomShape(rng, typeA);
      const b = randomShape(rng, typeB);
      const Ra = randomRotation(rng);
      const Rb = rng.uniform() < 0.3 ? Ra : randomRotation(rng);
      const way = unit([rng.normal(), rng.normal(), rng.normal()]);
      const probe = makePair(a, b, Ra, Rb, [0, 0, 0]);
      const wanted = rng.range(-0.008, 0.004);
      let low = 0;
      let high = 0.5;
      for (let i = 0; i < 40; i++) {
        const middle = 0.5 * (low + high);
        for (let j = 0; j < 3; j++) probe.p[3 + j] = probe.p[j] + middle * way[j];
        // Any direction bounds the distance from below: `way` is enough to scale the case.
        if (separation(probe, way) < wanted) low = middle;
        else high = middle;
      }
      const distance = low * rng.range(0.75, 1);
      yield { k, c: makePair(a, b, Ra, Rb, [way[0] * distance, way[1] * distance, way[2] * distance]) };
    }
  }

  it('agrees with the greatest separation over all directions', () => {
    const out = new Manifold();
    let touching = 0;
    for (const { k, c } of cases(typeB === 'mesh' ? sweep(12, 40) : sweep(20, 70))) {
      out.normal.set([0, 0, 1]);
      collide(c, 0, 1, MARGIN, out);
      const reference = signedDistance(c, out.normal);
      const context = `case ${k}: reference ${reference}`;
      if (reference > MARGIN + 1e-6) expect(out.count, context).toBe(0);
      if (reference > -1e-5 || reference < -0.02) continue;
      touching++;
      expect(out.count, context).toBeGreaterThan(0);
      expect(Math.hypot(...out.normal), context).toBeCloseTo(1, 9);
      // The normal may be a face's although an edge is up to the hysteresis shallower.
      const s = separation(c, out.normal);
      expect(s, context).toBeLessThanOrEqual(reference + 1e-6);
      expect(s, context).toBeGreaterThan(reference * 1.08 - 3.2e-4);
      const deepest = Math.min(...out.gap.subarray(0, out.count));
      expect(deepest, context).toBeGreaterThan(s - 1e-6);
    }
    expect(touching).toBeGreaterThan(sweep(2, 10));
  });

  it('puts every point on both surfaces along the normal', () => {
    const out = new Manifold();
    let points = 0;
    let astray = 0;
    for (const { k, c } of cases(sweep(120, 400))) {
      collide(c, 0, 1, MARGIN, out);
      if (out.count === 0 || separation(c, out.normal) < -0.012) continue;
      for (let i = 0; i < out.count; i++) {
        const at = (sign: number) =>
          [0, 1, 2].map((j) => out.point[3 * i + j] + (sign * out.gap[i] * out.normal[j]) / 2);
        // Points beside a surface by more than their depth: where clipping leaves nothing and one point has to do.
        points++;
        const beside = Math.max(outside(c, 0, at(-1)), outside(c, 1, at(1)));
        if (beside > 1e-3 + Math.abs(out.gap[i])) astray++;
        expect(beside, `case ${k}, point ${i} of ${out.count}, gap ${out.gap[i]}, id ${out.id[i]}`).toBeLessThan(0.02);
      }
    }
    expect(astray / points).toBeLessThan(0.01);
  });

  it('turns the normal and nothing else when the two are swapped', () => {
    const out = new Manifold();
    const back = new Manifold();
    for (const { k, c } of cases(200)) {
      collide(c, 0, 1, MARGIN, out);
      collide(c, 1, 0, MARGIN, back);
      if (typeA !== typeB) {
        expect(back.count).toBe(out.count);
        for (let j = 0; out.count > 0 && j < 3; j++) expect(back.normal[j]).toBe(-out.normal[j]);
        expect(back.gap.subarray(0, out.count)).toEqual(out.gap.subarray(0, out.count));
      } else if (out.count > 0 && back.count > 0) {
        const s = separation(c, out.normal);
        const t = separation(
          c,
          back.normal.map((x) => -x),
        );
        expect(Math.abs(s - t), `case ${k}`).toBeLessThan(3.2e-4 + 0.08 * Math.abs(s));
      }
    }
  });

  it('keeps its feature ids under a small motion', () => {
    const out = new Manifold();
    const moved = new Manifold();
    let kept = 0;
    let total = 0;
    for (const { c } of cases(300)) {
      collide(c, 0, 1, MARGIN, out);
      for (let j = 0; j < 3; j++) c.p[3 + j] += 2e-6 * rng.normal();
      collide(c, 0, 1, MARGIN, moved);
      for (let i = 0; i < out.count; i++) {
        total++;
        if (moved.id.subarray(0, moved.count).includes(out.id[i])) kept++;
      }
      expect(new Set(out.id.subarray(0, out.count)).size, 'ids are unique').toBe(out.count);
    }
    expect(kept / total).toBeGreaterThan(0.98);
  });
});

describe('manifolds of objects as they are handled', () => {
  const upright = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const table: Shape = { type: 'box', size: [0.8, 1.2, 0.05] };
  const out = new Manifold();

  it('a cap on the table touches in four points of its rim, fixed to the cylinder', () => {
    for (const yaw of [0, 0.3, 2]) {
      const spin = [Math.cos(yaw), -Math.sin(yaw), 0, Math.sin(yaw), Math.cos(yaw), 0, 0, 0, 1];
      const c = makePair(table, { type: 'cylinder', radius: 0.02, length: 0.05 }, upright, spin, [0.1, 0.2, 0.04999]);
      collide(c, 0, 1, MARGIN, out);
      expect(out.count).toBe(4);
      for (let i = 0; i < 4; i++) {
        const x = out.point[3 * i] - c.p[3];
        const y = out.point[3 * i + 1] - c.p[4];
        expect(Math.hypot(x, y)).toBeCloseTo(0.02, 12);
        expect(Math.atan2(Math.sin(Math.atan2(y, x) - yaw - (i * Math.PI) / 2), 1)).toBeCloseTo(0, 12);
        expect(out.gap[i]).toBeCloseTo(-1e-5, 12);
      }
    }
  });

  it('a cap over the edge of a box touches inside both', () => {
    const c = makePair(
      { type: 'box', size: [0.04, 0.04, 0.04] },
      { type: 'cylinder', radius: 0.02, length: 0.05 },
      upright,
      upright,
      [0.015, 0.01, 0.045],
    );
    collide(c, 0, 1, MARGIN, out);
    expect(out.count).toBe(4);
    for (let i = 0; i < 4; i++) {
      const point = out.point.subarray(3 * i, 3 * i + 3);
      expect(outside(c, 0, point)).toBeLessThan(1e-9);
      expect(outside(c, 1, point)).toBeLessThan(1e-9);
    }
  });

  it('a flat pad on an upright cylinder touches along a generator, at the ends of their overlap', () => {
    const pad: Shape = { type: 'box', size: [0.0175, 0.0152, 0.0185] };
    const c = makePair(pad, { type: 'cylinder', radius: 0.02, length: 0.05 }, upright, upright, [0.001, 0.0275, -0.01]);
    collide(c, 0, 1, MARGIN, out);
    expect(out.count).toBe(2);
    expect(Array.from(out.normal)).toEqual([0, 1, 0]);
    const z = [out.point[2] - c.p[2], out.point[5] - c.p[2]].sort((a, b) => a - b);
    expect(z[0]).toBeCloseTo(-0.00925, 9);
    expect(z[1]).toBeCloseTo(0.00925, 9);
    for (const i of [0, 1]) expect(out.gap[i]).toBeCloseTo(0.0275 - 0.0076 - 0.02, 12);
  });

  it('two upright cylinders touch along both generators, boxes face to face in four points', () => {
    const can: Shape = { type: 'cylinder', radius: 0.02, length: 0.05 };
    let c = makePair(can, { ...can, length: 0.03 }, upright, upright, [0.03, 0.0264, 0]);
    collide(c, 0, 1, MARGIN, out);
    expect(out.count).toBe(2);
    expect(out.normal[2]).toBeCloseTo(0, 12);
    c = makePair(
      { type: 'box', size: [0.04, 0.04, 0.04] },
      { type: 'box', size: [0.02, 0.02, 0.02] },
      upright,
      upright,
      [0.0299, 0.015, 0],
    );
    collide(c, 0, 1, MARGIN, out);
    expect(out.count).toBe(4);
    expect(Array.from(out.normal)).toEqual([1, 0, 0]);
  });
});
