import { describe, expect, it } from 'vitest';
import { ConvexSet, Gjk } from '../../collision/index.ts';
import { createRng, type Rng, type Shape } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { CORE, CORE_OUT, segmentCore } from './core.ts';

const vector = (rng: Rng, scale: number): number[] => [0, 1, 2].map(() => scale * rng.normal());

interface Case {
  readonly kind: number;
  readonly size: Float64Array;
  /** The same core for GJK, centred at the origin. */
  readonly shape: Shape;
}

function randomCase(rng: Rng): Case {
  const size = new Float64Array(6);
  const kind = rng.int(4);
  const half = [0, 1, 2].map(() => rng.range(0.005, 0.2));
  if (kind === CORE.box) {
    size.set(half);
    return { kind, size, shape: { type: 'box', size: [2 * half[0], 2 * half[1], 2 * half[2]] } };
  }
  if (kind === CORE.cylinder) {
    size.set(half.slice(0, 2));
    return { kind, size, shape: { type: 'cylinder', radius: half[0], length: 2 * half[1] } };
  }
  const length = kind === CORE.segment ? half[2] : 0;
  size.set([0, 0, -length, 0, 0, length]);
  return { kind, size, shape: { type: 'box', size: [0, 0, 2 * length] } };
}

/** Segments in general position, parallel to axes and faces, touching planes, and points. */
function randomSegment(rng: Rng, i: number): Float64Array {
  const a = vector(rng, 0.2);
  const d = vector(rng, 0.2);
  if (i % 5 === 1) d.fill(0, 0, 2);
  if (i % 5 === 2) d[rng.int(3)] = 0;
  if (i % 50 === 3) d.fill(0);
  if (i % 5 === 4) d.fill(1e-9 * rng.normal(), 0, 2);
  return Float64Array.from([...a, ...a.map((value, k) => value + d[k])]);
}

/** Least value over the segment and `samples` points of the core of n·x − n·y: what a direction says of the distance. */
function greatestPoint(kind: number, size: Float64Array, n: readonly number[]): number {
  if (kind === CORE.box) return n.reduce((sum, value, k) => sum + Math.abs(value) * size[k], 0);
  if (kind === CORE.cylinder) return Math.hypot(n[0], n[1]) * size[0] + Math.abs(n[2]) * size[1];
  return Math.max(n[2] * size[2], n[2] * size[5]);
}

describe('distance of a segment to a core', () => {
  const rng = createRng(5, 'cores');
  const gjk = new Gjk();
  const segments = new ConvexSet(1);
  const out = new Float64Array(CORE_OUT);

  it('is what GJK finds, and a plane proves it', () => {
    const cases = sweep(6000, 20_000);
    let contacts = 0;
    let exact = 0;
    for (let i = 0; i < cases; i++) {
      const { kind, size, shape } = randomCase(rng);
      const segment = randomSegment(rng, i);
      const label = `case ${i}: kind ${kind}, size ${size}, segment ${segment}`;
      segments.clear();
      segments.add({ type: 'box', size: [0, 0, 0] });
      placeSegment(segments, segment);
      const cores = new ConvexSet(1);
      cores.add(shape);
      const reference = gjk.distance(segments, 0, cores, 0);
      segmentCore(kind, segment, size, 0, out);
      if (reference === 0) {
        contacts++;
        expect(out[0], label).toBeLessThan(1e-9);
        continue;
      }
      expect(out[0], label).toBeLessThan(reference + 1e-8);
      expect(out[0], label).toBeGreaterThan(reference - 1e-5);
      exact += Math.abs(out[0] - reference) < 1e-8 ? 1 : 0;
      const n = [...out.subarray(1, 4)];
      expect(Math.hypot(...n), label).toBeCloseTo(1, 9);
      const at_a = n[0] * segment[0] + n[1] * segment[1] + n[2] * segment[2];
      const at_b = n[0] * segment[3] + n[1] * segment[4] + n[2] * segment[5];
      expect(out[4], label).toBeGreaterThanOrEqual(greatestPoint(kind, size, n) - 1e-12);
      expect(Math.min(at_a, at_b) - out[4], label).toBeGreaterThan(out[0] - 1e-9);
    }
    expect(contacts).toBeGreaterThan(sweep(150, 500));
    expect(exact).toBeGreaterThan(0.98 * (cases - contacts));
  });

  it('of a box is, in contact, the shortest way out', () => {
    for (let i = 0; i < sweep(600, 2000); i++) {
      const size = Float64Array.of(rng.range(0.05, 0.2), rng.range(0.05, 0.2), rng.range(0.05, 0.2), 0, 0, 0);
      const segment = Float64Array.from([...vector(rng, 0.1), ...vector(rng, 0.1)]);
      segmentCore(CORE.box, segment, size, 0, out);
      if (out[0] >= 0) continue;
      const depth = -out[0];
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < 400; k++) {
        const n = vector(rng, 1);
        const norm = Math.hypot(...n);
        const moved = segment.map((value, j) => value + (depth * 0.999 * n[j % 3]) / norm);
        segmentCore(CORE.box, moved, size, 0, out);
        least = Math.min(least, -out[0]);
      }
      expect(least, `case ${i}: a shorter way out than ${depth}`).toBeGreaterThan(0);
    }
  });

  it('of a cylinder is, in contact, enough of a way to part them', () => {
    let contacts = 0;
    for (let i = 0; i < sweep(600, 2000); i++) {
      const size = Float64Array.of(rng.range(0.05, 0.2), rng.range(0.05, 0.2), 0, 0, 0, 0);
      const segment = Float64Array.from([...vector(rng, 0.1), ...vector(rng, 0.1)]);
      segmentCore(CORE.cylinder, segment, size, 0, out);
      const depth = -out[0];
      if (depth <= 0) continue;
      contacts++;
      let farthest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < 402; k++) {
        const angle = (Math.PI * k) / 200;
        const n = k < 400 ? [Math.cos(angle), Math.sin(angle), 0] : [0, 0, k === 400 ? 1 : -1];
        const moved = segment.map((value, j) => value + (depth + 1e-3) * n[j % 3]);
        segmentCore(CORE.cylinder, moved, size, 0, out);
        farthest = Math.max(farthest, out[0]);
      }
      expect(farthest, `case ${i}: still in contact after ${depth} m`).toBeGreaterThanOrEqual(0);
    }
    expect(contacts).toBeGreaterThan(sweep(60, 200));
  });
});

/** Puts the one segment of the set along z of its own frame. */
function placeSegment(set: ConvexSet, segment: Float64Array): void {
  const d = [0, 1, 2].map((k) => segment[3 + k] - segment[k]);
  const length = Math.hypot(...d);
  set.half[2] = length / 2;
  set.bound[0] = length / 2;
  const z = length > 0 ? d.map((value) => value / length) : [0, 0, 1];
  const other = Math.abs(z[0]) < 0.6 ? [1, 0, 0] : [0, 1, 0];
  const x = cross(other, z);
  const norm = Math.hypot(...x);
  const e = x.map((value) => value / norm);
  const f = cross(z, e);
  for (let row = 0; row < 3; row++) {
    set.pose[3 * row] = e[row];
    set.pose[3 * row + 1] = f[row];
    set.pose[3 * row + 2] = z[row];
    set.pose[9 + row] = (segment[row] + segment[3 + row]) / 2;
  }
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
