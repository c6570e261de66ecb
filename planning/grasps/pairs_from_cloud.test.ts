import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape, type Vector3 } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { dot, pairAxis, pairMiddle, pairWidth, unit } from './contact_pair.ts';
import { holdPerNewton } from './hold.ts';
import { pairsFromCloud } from './pairs_from_cloud.ts';
import { pairsFromShape } from './pairs_from_shape.ts';
import { surfaceCloud, type View } from './surface_cloud.ts';

const pads = { friction: 0.5, radius_m: 0.008 };
const WIDE = 0.08;
type Known = Extract<Shape, { type: 'box' | 'cylinder' | 'sphere' }>;

const drawShape = (rng: Rng): Known => {
  const kind = rng.int(3);
  const side = (): number => rng.range(0.03, 0.065);
  if (kind === 0) return { type: 'box', size: [side(), side(), side()] };
  if (kind === 1) return { type: 'cylinder', radius: side() / 2, length: side() };
  return { type: 'sphere', radius: side() / 2 };
};

/** A point of the surface with its outward normal. */
function surface(shape: Known, rng: Rng): [Vector3, Vector3] {
  if (shape.type === 'sphere') {
    const n = unit([rng.normal(), rng.normal(), rng.normal()]);
    return [[shape.radius * n[0], shape.radius * n[1], shape.radius * n[2]], n];
  }
  if (shape.type === 'cylinder') {
    const turn = rng.range(-Math.PI, Math.PI);
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    const { radius, length } = shape;
    if (rng.uniform() < length / (length + radius))
      return [
        [radius * c, radius * s, rng.range(-length / 2, length / 2)],
        [c, s, 0],
      ];
    const [side, r] = [rng.uniform() < 0.5 ? 1 : -1, radius * Math.sqrt(rng.uniform())];
    return [
      [r * c, r * s, (side * length) / 2],
      [0, 0, side],
    ];
  }
  const axis = rng.int(3);
  const side = rng.uniform() < 0.5 ? 1 : -1;
  const p = shape.size.map((size, k) => (k === axis ? (side * size) / 2 : rng.range(-size / 2, size / 2)));
  const n = [0, 1, 2].map((k) => (k === axis ? side : 0));
  return [
    [p[0], p[1], p[2]],
    [n[0], n[1], n[2]],
  ];
}

/** What cameras round an object see of it, with noise. */
function views(shape: Known, noise_m: number, rng: Rng): View[] {
  const cameras: Vector3[] = [
    [0.5, 0.2, 0.4],
    [-0.5, 0.25, 0.4],
    [0.05, -0.6, 0.3],
    [0.1, 0.5, -0.4],
  ];
  return cameras.map((viewpoint) => {
    const points: number[] = [];
    for (let k = 0; k < 4000; k++) {
      const [p, n] = surface(shape, rng);
      if (dot(n, unit([viewpoint[0] - p[0], viewpoint[1] - p[1], viewpoint[2] - p[2]])) < 0.15) continue;
      points.push(...p.map((x) => x + noise_m * rng.normal()));
    }
    return { points: Float64Array.from(points), viewpoint };
  });
}

/** The true outward normal nearest to a point of the surface. */
function trueNormal(shape: Known, p: Vector3): Vector3 {
  if (shape.type === 'sphere') return unit(p);
  if (shape.type === 'cylinder') {
    const r = Math.hypot(p[0], p[1]);
    return Math.abs(r - shape.radius) < Math.abs(Math.abs(p[2]) - shape.length / 2)
      ? [p[0] / r, p[1] / r, 0]
      : [0, 0, Math.sign(p[2])];
  }
  const gaps = p.map((x, k) => Math.abs(Math.abs(x) - shape.size[k] / 2));
  const axis = gaps.indexOf(Math.min(...gaps));
  return [0, 1, 2].map((k) => (k === axis ? Math.sign(p[k]) : 0)) as unknown as Vector3;
}

describe('antipodal contacts of point clouds', () => {
  test('are real ones: with the true normals they hold, near the middle, and about as well as the best of the shape', () => {
    let [shares, count] = [0, 0];
    for (let seed = 0; seed < sweep(6, 15); seed++) {
      const rng = createRng(seed, 'cloud');
      const shape = drawShape(rng);
      const cloud = surfaceCloud(views(shape, 0.0004, rng));
      const pairs = pairsFromCloud(cloud, { max_width_m: WIDE, pads });
      const where = `seed ${seed} ${JSON.stringify(shape)}`;
      expect(pairs.length, where).toBeGreaterThan(3);
      const best = Math.max(
        ...pairsFromShape(shape, { max_width_m: WIDE }).map((pair) => holdPerNewton(pair, [0, 0, 0], pads)),
      );
      const truth = ({ pair }: (typeof pairs)[number]): number =>
        holdPerNewton(
          { ...pair, normal_a: trueNormal(shape, pair.a), normal_b: trueNormal(shape, pair.b) },
          [0, 0, 0],
          pads,
        );
      for (const ranked of pairs.slice(0, 10)) {
        expect(pairWidth(ranked.pair), where).toBeLessThanOrEqual(WIDE);
        expect(truth(ranked), where).toBeGreaterThan(0);
        expect(Math.hypot(...pairMiddle(ranked.pair)), where).toBeLessThan(0.02);
      }
      shares += truth(pairs[0]) / best;
      count++;
    }
    expect(shares / count).toBeGreaterThan(0.75);
  });

  test('normals of a cloud look outwards and are those of the surface; edges are left out', () => {
    for (let seed = 0; seed < sweep(6, 12); seed++) {
      const rng = createRng(seed, 'normals');
      const shape = drawShape(rng);
      const { points, normals } = surfaceCloud(views(shape, 0.0003, rng));
      const errors: number[] = [];
      for (let i = 0; i < points.length; i += 3) {
        const n = trueNormal(shape, [points[i], points[i + 1], points[i + 2]]);
        errors.push(Math.acos(Math.min(1, dot(n, [normals[i], normals[i + 1], normals[i + 2]]))));
      }
      errors.sort((a, b) => a - b);
      expect(errors.length, `seed ${seed}`).toBeGreaterThan(150);
      expect(errors[errors.length >> 1], `seed ${seed} ${shape.type}`).toBeLessThan(0.12);
      expect(errors[Math.floor(0.95 * errors.length)], `seed ${seed} ${shape.type}`).toBeLessThan(0.6);
    }
  });

  test('the same cloud gives the same pairs, no two alike; nothing comes of nothing', () => {
    const rng = createRng(5, 'same');
    const seen = views({ type: 'box', size: [0.04, 0.05, 0.06] }, 0.0003, rng);
    const once = pairsFromCloud(surfaceCloud(seen), { max_width_m: WIDE, pads });
    expect(pairsFromCloud(surfaceCloud(seen), { max_width_m: WIDE, pads })).toEqual(once);
    for (const [i, p] of once.entries()) {
      for (const q of once.slice(i + 1)) {
        const [m, n] = [pairMiddle(p.pair), pairMiddle(q.pair)];
        const apart = Math.hypot(m[0] - n[0], m[1] - n[1], m[2] - n[2]);
        expect(apart > 0.008 || Math.abs(dot(pairAxis(p.pair), pairAxis(q.pair))) < Math.cos(0.24)).toBe(true);
      }
    }
    for (const points of [[], [0, 0, 0], Array.from({ length: 300 }, () => Number.NaN)]) {
      const cloud = surfaceCloud([{ points: Float64Array.from(points), viewpoint: [0, 0, 1] }]);
      expect(pairsFromCloud(cloud, { max_width_m: WIDE, pads })).toEqual([]);
    }
  });
});
