import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape } from '../../contracts/index.ts';
import { type ClusterOptions, drawCluster, emptyingOrder, TOUCHING_M } from './cluster.ts';
import { overlap, type PlanarOutline, planarOutline } from './outlines.ts';

const OPTIONS: ClusterOptions = {
  half_x_m: 0.11,
  half_y_m: 0.11,
  finger_depth_m: 0.022,
  finger_width_m: 0.022,
  wall_clearance_m: 0.002,
};
const SEEDS = 40;

function shapes(rng: Rng): Shape[] {
  const edge = (): number => rng.range(0.03, 0.042);
  return Array.from({ length: 5 + rng.int(6) }, () =>
    rng.uniform() < 0.5
      ? { type: 'box', size: [edge(), edge(), 0.04] }
      : { type: 'cylinder', radius: edge() / 2, length: 0.04 },
  );
}

function cluster(seed: number): PlanarOutline[] {
  const rng = createRng(seed, 'cluster');
  return drawCluster(shapes(rng), OPTIONS, rng);
}

/** The same outline, `by` larger to every side. */
const grown = (o: PlanarOutline, by: number): PlanarOutline => ({ ...o, half: [o.half[0] + by, o.half[1] + by] });

/** Points along the border of an outline. */
function border({ round, x, y, yaw, half }: PlanarOutline, count: number): [number, number][] {
  return Array.from({ length: count }, (_, k): [number, number] => {
    const angle = (2 * Math.PI * k) / count;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    // On a rectangle: where the ray of that angle leaves it.
    const scale = round ? half[0] : Math.min(half[0] / Math.abs(c), half[1] / Math.abs(s));
    const [u, v] = [scale * c, scale * s];
    return [x + u * Math.cos(yaw) - v * Math.sin(yaw), y + u * Math.sin(yaw) + v * Math.cos(yaw)];
  });
}

const holds = ({ round, x, y, yaw, half }: PlanarOutline, [px, py]: readonly [number, number]): boolean => {
  const [u, v] = [
    Math.cos(yaw) * (px - x) + Math.sin(yaw) * (py - y),
    -Math.sin(yaw) * (px - x) + Math.cos(yaw) * (py - y),
  ];
  return round ? Math.hypot(u, v) < half[0] : Math.abs(u) < half[0] && Math.abs(v) < half[1];
};

describe('overlap of outlines', () => {
  test('agrees with points along their borders, in pairs drawn at random', () => {
    const rng = createRng(5, 'overlap');
    let both = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const [a, b] = shapes(rng)
        .slice(0, 2)
        .map((shape) => planarOutline(shape, rng.range(-0.03, 0.03), rng.range(-0.03, 0.03), rng.range(-4, 4)));
      const sampled = border(a, 240).some((p) => holds(b, p)) || border(b, 240).some((p) => holds(a, p));
      if (sampled !== overlap(a, b)) {
        // Between the points, outlines may meet by less than half of their distance.
        const nearly = sampled ? overlap(grown(a, 1e-9), b) : !overlap(grown(a, -6e-4), grown(b, -6e-4));
        if (!nearly) expect.fail(`trial ${trial}: ${JSON.stringify([a, b])}`);
      }
      expect(overlap(b, a)).toBe(overlap(a, b));
      both += sampled ? 1 : 0;
    }
    expect(both).toBeGreaterThan(500);
    expect(both).toBeLessThan(1900);
  });
});

describe('a cluster', () => {
  const clusters = Array.from({ length: SEEDS }, (_, seed) => cluster(seed));

  test('hangs together by touching, without overlap, within the walls', () => {
    clusters.forEach((outlines, seed) => {
      const reached = new Set([0]);
      for (let i = 0; i < outlines.length; i++) {
        for (let j = 0; j < i; j++) expect(overlap(outlines[i], outlines[j]), `seed ${seed}: ${i}, ${j}`).toBe(false);
      }
      for (let grew = true; grew; ) {
        grew = false;
        outlines.forEach((o, i) => {
          if (reached.has(i) || ![...reached].some((j) => overlap(grown(o, TOUCHING_M), outlines[j]))) return;
          reached.add(i);
          grew = true;
        });
      }
      expect(reached.size, `seed ${seed}`).toBe(outlines.length);
      for (const [x, y] of outlines.flatMap((o) => border(o, 60))) {
        expect(Math.max(Math.abs(x), Math.abs(y)), `seed ${seed}`).toBeLessThanOrEqual(0.108 + 1e-9);
      }
    });
  });

  test('can be emptied in the order that is found, with room for both fingers beside each object', () => {
    clusters.forEach((outlines, seed) => {
      const order = emptyingOrder(outlines, OPTIONS);
      expect([...(order ?? [])].sort((a, b) => a - b)).toEqual(outlines.map((_, i) => i));
      const left = new Set(order);
      for (const i of order ?? []) {
        left.delete(i);
        expect(
          fingersFit(
            outlines[i],
            [...left].map((j) => outlines[j]),
          ),
          `seed ${seed}, object ${i}`,
        ).toBe(true);
      }
    });
  });

  test('is refused where no finger gets between: a wall of boxes around one, and one in a corner', () => {
    const box = (x: number, y: number): PlanarOutline => ({ round: false, x, y, yaw: 0, half: [0.02, 0.02] });
    const ring = [-0.0401, 0, 0.0401].flatMap((x) => [-0.0401, 0, 0.0401].map((y) => box(x, y)));
    const tight = { ...OPTIONS, half_x_m: 0.063, half_y_m: 0.063 };
    expect(emptyingOrder(ring, tight)).toBe(null);
    expect(emptyingOrder([box(0.088, 0.088)], OPTIONS)).toBe(null);
    expect(emptyingOrder([box(0.05, 0.088)], OPTIONS)).toEqual([0]);
  });
});

/** Whether both places for fingers, probed by points, are free along some direction. */
function fingersFit(object: PlanarOutline, others: readonly PlanarOutline[]): boolean {
  const turns = object.round ? 24 : 2;
  return Array.from({ length: turns }, (_, k) => k).some((k) => {
    const yaw = object.yaw + (k * Math.PI) / turns;
    const near = object.half[object.round ? 0 : k];
    const points: [number, number][] = [];
    for (const side of [1, -1]) {
      for (let a = 0; a <= 10; a++) {
        for (let b = -5; b <= 5; b++) {
          const along = side * (near + (a / 10) * 0.022);
          const across = (b / 5) * 0.011;
          points.push([
            object.x + along * Math.cos(yaw) - across * Math.sin(yaw),
            object.y + along * Math.sin(yaw) + across * Math.cos(yaw),
          ]);
        }
      }
    }
    return points.every(
      (p) =>
        Math.max(Math.abs(p[0]), Math.abs(p[1])) <= 0.1081 && others.every((other) => !holds(grown(other, -1e-9), p)),
    );
  });
}
