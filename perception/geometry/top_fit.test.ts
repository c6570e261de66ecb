import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { fitTop } from './top_fit.ts';

/** Points of an outline with noise (m); `share` of the way round from `from`. */
function outline(rng: Rng, at: (t: number) => readonly [number, number], sigma_m: number, share = 1): Float64Array {
  const from = rng.uniform();
  return Float64Array.from({ length: 160 }, (_, k) => {
    const [x, y] = at((from + (share * (k >> 1)) / 80) % 1);
    return (k % 2 === 0 ? x : y) + sigma_m * rng.normal();
  });
}

function rectangle(x: number, y: number, yaw: number, a: number, b: number) {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  return (t: number): readonly [number, number] => {
    const along = t * 2 * (a + b);
    let [p, q] = [along - a / 2, -b / 2];
    if (along > a) [p, q] = [a / 2, along - a - b / 2];
    if (along > a + b) [p, q] = [a / 2 - (along - a - b), b / 2];
    if (along > 2 * a + b) [p, q] = [-a / 2, b / 2 - (along - 2 * a - b)];
    return [x + c * p - s * q, y + s * p + c * q];
  };
}

describe('fit of a top face', () => {
  test('finds rectangles and circles within their noise, and tells one from the other', () => {
    const rng = createRng(1);
    for (let round = 0; round < 80; round++) {
      const [x, y] = [rng.range(0.3, 0.7), rng.range(-0.2, 0.2)];
      const [a, b, yaw] = [rng.range(0.03, 0.05), rng.range(0.03, 0.05), rng.range(0, Math.PI / 2)];
      const box = fitTop(outline(rng, rectangle(x, y, yaw, a, b), 0.0005));
      if (box === null) throw new Error(`round ${round}: no fit`);
      const r = box.rectangle;
      expect(box.rectangle_rms, `round ${round}`).toBeLessThan(box.circle_rms);
      expect(Math.hypot(r.x - x, r.y - y), `round ${round}`).toBeLessThan(0.0005);
      expect(Math.abs(r.length * r.width - a * b), `round ${round}`).toBeLessThan(0.0006 * (a + b));
      const turn = (r.angle_rad - yaw) / (Math.PI / 2);
      expect(Math.abs(turn - Math.round(turn)), `round ${round}`).toBeLessThan(0.03);
      const radius = rng.range(0.015, 0.025);
      const round_ = fitTop(
        outline(rng, (t) => [x + radius * Math.cos(2 * Math.PI * t), y + radius * Math.sin(2 * Math.PI * t)], 0.0005),
      );
      if (round_ === null) throw new Error(`round ${round}: no fit`);
      expect(round_.circle_rms, `round ${round}`).toBeLessThan(round_.rectangle_rms);
      expect(Math.hypot(round_.circle.x - x, round_.circle.y - y), `round ${round}`).toBeLessThan(0.0005);
      expect(Math.abs(round_.circle.radius - radius), `round ${round}`).toBeLessThan(0.0004);
    }
  });

  test('a rectangle of which a fifth of the outline is hidden is still found to a millimetre', () => {
    const rng = createRng(2);
    for (let round = 0; round < 40; round++) {
      const yaw = rng.range(0, Math.PI / 2);
      const fit = fitTop(outline(rng, rectangle(0.5, 0.1, yaw, 0.04, 0.04), 0.0003, 0.8));
      if (fit === null) throw new Error(`round ${round}: no fit`);
      expect(Math.hypot(fit.rectangle.x - 0.5, fit.rectangle.y - 0.1), `round ${round}`).toBeLessThan(0.001);
    }
  });

  test('too few points, and points on one line, enclose nothing', () => {
    expect(fitTop(new Float64Array(8))).toBeNull();
    expect(fitTop(Float64Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? k : 1)))).toBeNull();
  });
});
