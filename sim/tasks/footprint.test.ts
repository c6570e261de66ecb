import { expect, test } from 'vitest';
import { createRng, type Shape } from '../../contracts/index.ts';
import { footprintRadius, halfHeight } from './footprint.ts';

test('half height is the highest point over the whole surface', () => {
  const rng = createRng(4);
  for (let round = 0; round < 60; round++) {
    const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
    const norm = Math.hypot(...q);
    const [x, y, z, w] = q.map((value) => value / norm);
    const shapes: Shape[] = [
      { type: 'box', size: [rng.range(0.02, 0.1), rng.range(0.02, 0.1), rng.range(0.02, 0.1)] },
      { type: 'cylinder', radius: rng.range(0.01, 0.05), length: rng.range(0.02, 0.1) },
      { type: 'sphere', radius: rng.range(0.01, 0.05) },
    ];
    for (const shape of shapes) {
      let highest = -Infinity;
      for (const [a, b, c] of extremes(shape)) {
        highest = Math.max(highest, 2 * (x * z - w * y) * a + 2 * (y * z + w * x) * b + (1 - 2 * (x * x + y * y)) * c);
      }
      const height = halfHeight(shape, x, y, z, w);
      expect(Math.abs(height - highest), `${JSON.stringify(shape)} at ${[x, y, z, w]}`).toBeLessThan(
        shape.type === 'box' ? 1e-12 : 1e-4,
      );
    }
  }
});

test('the footprint reaches to the corners of a box and the rim of a cylinder', () => {
  expect(footprintRadius({ type: 'box', size: [0.03, 0.04, 1] })).toBeCloseTo(0.025, 12);
  expect(footprintRadius({ type: 'cylinder', radius: 0.02, length: 1 })).toBe(0.02);
});

function extremes(shape: Shape): [number, number, number][] {
  const points: [number, number, number][] = [];
  for (let i = 0; i < 8; i++) {
    const sign = [i & 1 ? 0.5 : -0.5, i & 2 ? 0.5 : -0.5, i & 4 ? 0.5 : -0.5];
    if (shape.type === 'box') points.push([sign[0] * shape.size[0], sign[1] * shape.size[1], sign[2] * shape.size[2]]);
  }
  for (let i = 0; i < 360; i++) {
    const a = (i * Math.PI) / 180;
    if (shape.type === 'cylinder') {
      for (const side of [-0.5, 0.5])
        points.push([shape.radius * Math.cos(a), shape.radius * Math.sin(a), side * shape.length]);
    } else if (shape.type === 'sphere') {
      for (let j = 0; j <= 180; j++) {
        const b = (j * Math.PI) / 180;
        const ring = shape.radius * Math.sin(b);
        points.push([ring * Math.cos(a), ring * Math.sin(a), shape.radius * Math.cos(b)]);
      }
    }
  }
  return points;
}
