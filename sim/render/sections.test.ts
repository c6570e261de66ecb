import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { ballSection, cylinderSection, type Section } from './sections.ts';

function direction(rng: Rng): number[] {
  const v = [rng.normal(), rng.normal(), rng.normal()];
  // Some along and across the axis too, where the sections fall together.
  const kind = rng.int(6);
  if (kind === 0) v[2] = 0;
  if (kind === 1) v[0] = v[1] = 0;
  return v.map((x) => x / Math.hypot(...v));
}

/** Where the line from p along d meets the faces of a section that turn to d, as multiples of d. */
function crossings({ positions, faces }: Section, p: number[], d: number[]): number[] {
  const found: number[] = [];
  for (let f = 0; f + 1 < faces.starts.length; f++) {
    const at = [...faces.corners.slice(faces.starts[f], faces.starts[f + 1])].map((c) =>
      [0, 1, 2].map((k) => positions[3 * c + k] - p[k]),
    );
    const triple = (a: number[], b: number[], c: number[]): number =>
      a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
    for (let k = 1; k + 1 < at.length; k++) {
      const [a, b, c] = [at[0], at[k], at[k + 1]];
      const weights = [triple(d, b, c), triple(d, c, a), triple(d, a, b)];
      const sum = weights[0] + weights[1] + weights[2];
      if (sum < 1e-9 || weights.some((w) => w < 0)) continue;
      found.push(
        [0, 1, 2].reduce((t, j) => t + (d[j] * (weights[0] * a[j] + weights[1] * b[j] + weights[2] * c[j])) / sum, 0),
      );
    }
  }
  return found;
}

/** Where the line from p along d is within a cylinder (length 1) or a ball of radius r; from > to where it is not. */
function within(shape: 'cylinder' | 'ball', r: number, p: number[], d: number[]): [number, number] {
  const axes = shape === 'ball' ? [0, 1, 2] : [0, 1];
  const sum = (a: number[], b: number[]): number => axes.reduce((s, k) => s + a[k] * b[k], 0);
  const [aa, ab, bb] = [sum(d, d), sum(d, p), sum(p, p) - r * r];
  const root = ab * ab - aa * bb;
  if (aa < 1e-12 ? bb > 0 : root < 0) return [1, -1];
  let [from, to] = aa < 1e-12 ? [-Infinity, Infinity] : [(-ab - Math.sqrt(root)) / aa, (-ab + Math.sqrt(root)) / aa];
  if (shape === 'ball') return [from, to];
  if (Math.abs(d[2]) < 1e-12) return Math.abs(p[2]) > 0.5 ? [1, -1] : [from, to];
  const ends = [(-0.5 - p[2]) / d[2], (0.5 - p[2]) / d[2]];
  from = Math.max(from, Math.min(...ends));
  to = Math.min(to, Math.max(...ends));
  return [from, to];
}

describe('sections for shadows', () => {
  // A polygon's edge is nearer to the middle than its corners: cos(π/8) around a cylinder's ends, cos(π/12) around a ball.
  test.each([
    ['cylinder', cylinderSection(), 0.998 * Math.cos(Math.PI / 8)],
    ['ball', ballSection(), 0.998 * Math.cos(Math.PI / 12)],
  ] as const)('every ray through a %s meets one within it, and no other ray does', (shape, section, core) => {
    const rng = createRng(3, `sections/${shape}`);
    let [through, past] = [0, 0];
    for (let i = 0; i < 20_000; i++) {
      const d = direction(rng);
      const p = [rng.range(-1.2, 1.2), rng.range(-1.2, 1.2), rng.range(-1.2, 1.2)];
      section.turn(Float64Array.from(d));
      const met = crossings(section, p, d);
      const [from, to] = within(shape, 1, p, d);
      for (const t of met) {
        if (t < from - 1e-9 || t > to + 1e-9)
          expect.fail(`case ${i}: ${p} along ${d} meets a section outside, at ${t}`);
      }
      const [first, last] = within(shape, core, p, d);
      if (first + 1e-3 < last) {
        through++;
        if (met.length === 0) expect.fail(`case ${i}: ${p} along ${d} goes through and meets no section`);
      }
      if (from > to) past++;
    }
    expect(through).toBeGreaterThan(3000);
    expect(past).toBeGreaterThan(3000);
  });
});
