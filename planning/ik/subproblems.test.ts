import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import * as subproblems from './subproblems.ts';

const { anglesOfTwo, rotateAbout } = subproblems;

const vector = (rng: Rng): Float64Array => Float64Array.from({ length: 3 }, () => rng.normal());
const unit = (rng: Rng): Float64Array => {
  const v = vector(rng);
  const length = Math.hypot(...v);
  return v.map((x) => x / length);
};
const turned = (axis: Float64Array, angle: number, v: Float64Array): Float64Array => {
  const out = new Float64Array(3);
  rotateAbout(axis, Float64Array.of(Math.cos(angle), Math.sin(angle)), v, out);
  return out;
};
const angleOnto = (axis: Float64Array, from: Float64Array, to: Float64Array): number => {
  const out = new Float64Array(2);
  subproblems.angleOnto(axis, from, to, out, 1);
  return out[1];
};
const anglesToPlane = (axis: Float64Array, v: Float64Array, a: Float64Array, d: number, out: Float64Array): void => {
  out[0] = d;
  subproblems.anglesToPlane(axis, v, a, out);
};
const anglesToSphere = (axis: Float64Array, v: Float64Array, a: Float64Array, d2: number, out: Float64Array): void => {
  out[0] = d2;
  subproblems.anglesToSphere(axis, v, a, out);
};
const dot = (a: Float64Array, b: Float64Array): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const gap = (a: Float64Array, b: Float64Array): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const apart = (a: number, b: number): number => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));
const TRIALS = 2000;

describe('subproblems', () => {
  test('a turn is found again, and it leaves lengths and the part along the axis alone', () => {
    const rng = createRng(1);
    for (let trial = 0; trial < TRIALS; trial++) {
      const [axis, v, angle] = [unit(rng), vector(rng), rng.range(-Math.PI, Math.PI)];
      const w = turned(axis, angle, v);
      expect(Math.hypot(...w), `trial ${trial}`).toBeCloseTo(Math.hypot(...v), 12);
      expect(dot(axis, w), `trial ${trial}`).toBeCloseTo(dot(axis, v), 12);
      expect(apart(angleOnto(axis, v, w), angle), `trial ${trial}`).toBeLessThan(1e-9);
    }
  });

  test('of points that no turn reaches the nearest angle is given', () => {
    const rng = createRng(2);
    for (let trial = 0; trial < 200; trial++) {
      const [axis, v, w] = [unit(rng), vector(rng), vector(rng)];
      const best = gap(turned(axis, angleOnto(axis, v, w), v), w);
      for (let k = 0; k < 32; k++) {
        expect(best, `trial ${trial}`).toBeLessThanOrEqual(gap(turned(axis, (k * Math.PI) / 16, v), w) + 1e-12);
      }
    }
  });

  test('angles to a plane and to a sphere are exact and hold the one that made them', () => {
    const rng = createRng(3);
    const out = new Float64Array(3);
    for (let trial = 0; trial < TRIALS; trial++) {
      const [axis, v, a, angle] = [unit(rng), vector(rng), vector(rng), rng.range(-Math.PI, Math.PI)];
      const w = turned(axis, angle, v);
      const d = dot(a, w);
      anglesToPlane(axis, v, a, d, out);
      for (const k of [0, 1]) expect(dot(a, turned(axis, out[k], v)), `plane ${trial}`).toBeCloseTo(d, 10);
      expect(Math.min(apart(out[0], angle), apart(out[1], angle)), `plane ${trial}`).toBeLessThan(1e-6);
      const d2 = gap(w, a) ** 2;
      anglesToSphere(axis, v, a, d2, out);
      for (const k of [0, 1]) expect(gap(turned(axis, out[k], v), a) ** 2, `sphere ${trial}`).toBeCloseTo(d2, 9);
      expect(Math.min(apart(out[0], angle), apart(out[1], angle)), `sphere ${trial}`).toBeLessThan(1e-6);
    }
  });

  test('what is beyond reach is said, with the angle that comes nearest', () => {
    const rng = createRng(4);
    const out = new Float64Array(3);
    for (let trial = 0; trial < 200; trial++) {
      const [axis, v, a] = [unit(rng), vector(rng), vector(rng)];
      anglesToPlane(axis, v, a, 100, out);
      expect(out[2], `trial ${trial}`).toBeGreaterThan(0.1);
      const best = dot(a, turned(axis, out[0], v));
      for (let k = 0; k < 32; k++)
        expect(dot(a, turned(axis, (k * Math.PI) / 16, v)), `trial ${trial}`).toBeLessThanOrEqual(best + 1e-9);
    }
    const z = Float64Array.of(0, 0, 1);
    anglesToPlane(z, Float64Array.of(0, 0, 2), Float64Array.of(1, 0, 1), 2, out);
    expect([...out]).toEqual([0, 0, 0]);
  });

  test('two turns after one another bring a vector onto another in two ways', () => {
    const rng = createRng(5);
    const out = new Float64Array(5);
    for (let trial = 0; trial < TRIALS; trial++) {
      const [h1, h2, v] = [unit(rng), unit(rng), vector(rng)];
      const [a, b] = [rng.range(-Math.PI, Math.PI), rng.range(-Math.PI, Math.PI)];
      if (Math.abs(dot(h1, h2)) > 0.99) continue;
      const w = turned(h1, a, turned(h2, b, v));
      anglesOfTwo(h1, h2, v, w, out);
      const off = [0, 1].map((k) => {
        expect(gap(turned(h1, out[2 * k], turned(h2, out[2 * k + 1], v)), w), `trial ${trial}`).toBeLessThan(1e-6);
        return apart(out[2 * k], a) + apart(out[2 * k + 1], b);
      });
      expect(Math.min(...off), `trial ${trial}`).toBeLessThan(1e-5);
    }
  });
});
