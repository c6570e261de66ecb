import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { type Circle, fitCircle } from './circle.ts';

function arc(rng: Rng, circle: Circle, span: number, noise: number): Float64Array {
  const start = rng.range(0, 2 * Math.PI);
  return Float64Array.from({ length: 80 }, (_, i) => {
    const angle = start + (span * Math.floor(i / 2)) / 40;
    const r = circle.radius + noise * rng.normal();
    return i % 2 === 0 ? circle.x + r * Math.cos(angle) : circle.y + r * Math.sin(angle);
  });
}

/** Sum of squared distances from the circle: what the geometric fit minimises. */
function cost(points: Float64Array, { x, y, radius }: Circle): number {
  let sum = 0;
  for (let i = 0; i < points.length; i += 2) sum += (Math.hypot(points[i] - x, points[i + 1] - y) - radius) ** 2;
  return sum;
}

/** Geometric least squares by coordinate search of shrinking steps. */
function bruteForce(points: Float64Array, start: Circle): Circle {
  let best = start;
  for (let step = start.radius / 4; step > 1e-9; step /= 2) {
    for (let again = true; again; ) {
      again = false;
      for (const [dx, dy, dr] of [
        [1, 0, 0],
        [-1, 0, 0],
        [0, 1, 0],
        [0, -1, 0],
        [0, 0, 1],
        [0, 0, -1],
      ]) {
        const next = { x: best.x + step * dx, y: best.y + step * dy, radius: best.radius + step * dr };
        if (cost(points, next) < cost(points, best)) {
          best = next;
          again = true;
        }
      }
    }
  }
  return best;
}

describe('fitCircle', () => {
  it('recovers circles from exact points on any arc', () => {
    const rng = createRng(4).stream('circle');
    for (let trial = 0; trial < 200; trial++) {
      const circle = { x: rng.normal(), y: rng.normal(), radius: rng.range(0.01, 2) };
      const found = fitCircle(arc(rng, circle, rng.range(0.6, 6.2), 0));
      for (const key of ['x', 'y', 'radius'] as const) {
        expect(Math.abs(found[key] - circle[key]), `trial ${trial} ${key}`).toBeLessThan(1e-5 * circle.radius);
      }
    }
  });

  it('is as good as the geometric fit by brute force on noisy half circles', () => {
    const rng = createRng(5).stream('circle');
    for (let trial = 0; trial < 20; trial++) {
      const circle = { x: rng.normal(), y: rng.normal(), radius: 1 };
      const points = arc(rng, circle, Math.PI, 0.03);
      const best = bruteForce(points, circle);
      const found = fitCircle(points);
      expect(cost(points, found), `trial ${trial}`).toBeLessThan(1.02 * cost(points, best));
      expect(Math.abs(found.radius - best.radius), `trial ${trial}`).toBeLessThan(0.01);
    }
  });
});
