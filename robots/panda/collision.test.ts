import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createRng, PACKAGE_ROOT } from '../../contracts/index.ts';
import type { BodyShape, RobotModel } from '../../dynamics/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { loadRobot } from '../index.ts';

/** What may stand outside the primitives, and how far these may reach beyond the link (m). */
const UNCOVERED = 5e-4;
const OVERHANG = 0.042;
/** Links 5 and 7 pass each other within 15 mm in everyday poses. */
const FINE: Readonly<Record<string, number>> = { link5: 0.018, link7: 0.015 };

const triple = z.tuple([z.number(), z.number(), z.number()]);
const { hulls } = z
  .object({ source: z.string(), hulls: z.record(z.string(), z.array(triple)) })
  .parse(JSON.parse(readFileSync(join(PACKAGE_ROOT, 'robots', 'golden', 'panda_hulls.json'), 'utf8')));

/** Primitives of a link in the link's own frame, where the hulls are given. */
function partsOf(model: RobotModel, link: string): BodyShape[] {
  const frame = model.frames.find(({ name }) => name === link)!;
  return model.collision
    .filter((part) => part.link === link)
    .map((part) => {
      const d = part.p.map((x, k) => x - frame.p[k]);
      const p = [0, 1, 2].map((k) => frame.R[k] * d[0] + frame.R[3 + k] * d[1] + frame.R[6 + k] * d[2]);
      const R = Array.from({ length: 9 }, (_, k) => {
        const [row, column] = [Math.floor(k / 3), k % 3];
        return [0, 1, 2].reduce((sum, i) => sum + frame.R[3 * i + row] * part.R[3 * i + column], 0);
      });
      return { ...part, p, R };
    });
}

/** Distance outside a primitive, or minus the least distance to its faces (m). */
function outside({ R, p, shape }: BodyShape, point: readonly number[]): number {
  const d = point.map((x, k) => x - p[k]);
  const [x, y, z] = [0, 1, 2].map((k) => R[k] * d[0] + R[3 + k] * d[1] + R[6 + k] * d[2]);
  if (shape.type === 'sphere') return Math.hypot(x, y, z) - shape.radius;
  if (shape.type === 'cylinder') return Math.max(Math.hypot(x, y) - shape.radius, Math.abs(z) - shape.length / 2);
  if (shape.type === 'mesh') throw new Error('the Panda has primitives only');
  return Math.max(...[x, y, z].map((value, k) => Math.abs(value) - shape.size[k] / 2));
}

/** How far a primitive reaches along a unit vector. */
function support({ R, p, shape }: BodyShape, n: readonly number[]): number {
  const [x, y, z] = [0, 1, 2].map((k) => R[k] * n[0] + R[3 + k] * n[1] + R[6 + k] * n[2]);
  const centre = p.reduce((sum, value, k) => sum + value * n[k], 0);
  if (shape.type === 'sphere') return centre + shape.radius;
  if (shape.type === 'cylinder') return centre + shape.radius * Math.hypot(x, y) + (shape.length / 2) * Math.abs(z);
  if (shape.type === 'mesh') throw new Error('the Panda has primitives only');
  return centre + [x, y, z].reduce((sum, value, k) => sum + (shape.size[k] / 2) * Math.abs(value), 0);
}

describe('collision primitives of the Panda', () => {
  const { model } = loadRobot('panda');
  const rng = createRng(7);

  for (const [name, vertices] of Object.entries(hulls)) {
    const parts = partsOf(model, `panda_${name}`);

    test(`${name}: contain the link`, () => {
      let worst = Math.max(...vertices.map((v) => Math.min(...parts.map((part) => outside(part, v)))));
      for (let k = 0; k < sweep(1500, 4000); k++) {
        // points on chords and triangles between vertices lie all over the hull, many of them on its faces
        const corners = Array.from({ length: 2 + (k % 3) }, () => vertices[rng.int(vertices.length)]);
        const weights = corners.map(() => -Math.log(1 - rng.uniform()));
        const total = weights.reduce((sum, w) => sum + w, 0);
        const point = [0, 1, 2].map((i) => corners.reduce((sum, c, j) => sum + (c[i] * weights[j]) / total, 0));
        worst = Math.max(worst, Math.min(...parts.map((part) => outside(part, point))));
      }
      expect(worst).toBeLessThan(UNCOVERED);
    });

    test(`${name}: reach little beyond it`, () => {
      let worst = 0;
      for (let k = 0; k < sweep(1200, 3000); k++) {
        const x = [rng.normal(), rng.normal(), rng.normal()];
        const n = x.map((value) => value / Math.hypot(...x));
        const hull = Math.max(...vertices.map((v) => v[0] * n[0] + v[1] * n[1] + v[2] * n[2]));
        worst = Math.max(worst, Math.max(...parts.map((part) => support(part, n))) - hull);
      }
      expect(worst).toBeLessThan(FINE[name] ?? OVERHANG);
    });
  }
});
