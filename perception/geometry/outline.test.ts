import { expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { CameraModel } from '../camera_model.ts';
import { Outline } from './outline.ts';
import { CylinderModel } from './shape_model.ts';

const SEED = 14;
/** Straight from 0.7 m above. */
const camera = new CameraModel({
  K: [400, 0, 63.5, 0, 400, 63.5, 0, 0, 1],
  D: [0, 0, 0, 0, 0],
  T_world_camera_optical: [0, -1, 0, 0.5, -1, 0, 0, 0, 0, 0, -1, 0.7, 0, 0, 0, 1],
});

test('distances and normal equations are those of points one by one, also where a search begins at an edge beside', () => {
  const rng = createRng(SEED).stream('outline');
  const model = new CylinderModel();
  const [all, near] = [new Outline(model, 0), new Outline(model, 0)];
  const n = model.size;
  for (let trial = 0; trial < 20; trial++) {
    const p = Float64Array.of(0.5 + rng.range(-0.1, 0.1), rng.range(-0.1, 0.1), rng.range(0.015, 0.03), 0.05, 0);
    const distancesAt = (q: Float64Array, points: readonly (readonly [number, number])[]): number[] => {
      model.place(camera, q);
      all.take(model.points);
      return points.map(([x, y]) => all.distance(x, y, -1));
    };
    model.place(camera, p);
    const points = Array.from({ length: 30 }, () => {
      const k = 2 * rng.int(model.points.length / 2);
      return [model.points[k] + rng.normal(), model.points[k + 1] + rng.normal()] as const;
    });
    const distances = distancesAt(p, points);
    near.take(model.points);
    const [H, g] = [new Float64Array(n * n), new Float64Array(n)];
    for (const [i, [x, y]] of points.entries()) {
      all.distance(x, y, -1);
      expect(near.distance(x, y, (all.edge + 1) % 8), `seed ${SEED} trial ${trial}`).toBeCloseTo(distances[i], 9);
      near.add(1, distances[i]);
    }
    near.addNormal(model, 1, H, g);
    const step = 1e-6;
    const J = Array.from(p, (_, j) => {
      const moved = distancesAt(
        p.map((value, k) => value + (k === j ? step : 0)),
        points,
      );
      return moved.map((distance, i) => (distance - distances[i]) / step);
    });
    for (let i = 0; i < n; i++) {
      const scale = Math.sqrt(J[i].reduce((sum, a) => sum + a * a, 0)) + 1;
      const gradient = J[i].reduce((sum, a, k) => sum + a * distances[k], 0);
      expect(Math.abs(g[i] - gradient) / scale, `seed ${SEED} trial ${trial} gradient ${i}`).toBeLessThan(0.02);
      for (let j = 0; j <= i; j++) {
        const other = Math.sqrt(J[j].reduce((sum, a) => sum + a * a, 0)) + 1;
        const product = J[i].reduce((sum, a, k) => sum + a * J[j][k], 0);
        expect(Math.abs(H[n * i + j] - product) / scale / other, `seed ${SEED} trial ${trial} ${i} ${j}`).toBeLessThan(
          0.01,
        );
      }
    }
  }
});
