import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { QUANTUM_RAD, SplineMotion } from './spline_motion.ts';

const N = 3;
const DT = 0.001;

/** A random walk of control points from rest to rest, some radians wide. */
function randomMotion(rng: Rng, rows: number): SplineMotion {
  const control = new Float64Array((rows + 3) * N);
  for (let k = 3; k < rows + 3; k++) {
    const still = k >= rows + 1;
    for (let j = 0; j < N; j++) {
      const step = still ? 0 : Math.round(rng.range(-2e-3, 2e-3) / QUANTUM_RAD);
      control[k * N + j] = control[(k - 1) * N + j] + step;
    }
  }
  const start = Float64Array.from({ length: N }, () => rng.range(-3, 3));
  const end = start.map((x, j) => x + control[(rows + 2) * N + j] * QUANTUM_RAD);
  return new SplineMotion(control, start, end, DT);
}

describe('a motion as a cubic spline in time', () => {
  test('has jerks that integrate to its accelerations, velocities and positions', () => {
    for (let seed = 0; seed < 20; seed++) {
      const samples = randomMotion(createRng(seed), 2000).samples();
      let worst = 0;
      for (let j = 0; j < N; j++) {
        let [p, v, a] = [samples.position[j], 0, 0];
        for (let k = 0; k < samples.rows; k++) {
          const i = k * N + j;
          const jerk = samples.jerk[i];
          worst = Math.max(worst, Math.abs(p - samples.position[i]), 1e-3 * Math.abs(v - samples.velocity[i]));
          worst = Math.max(worst, 1e-6 * Math.abs(a - samples.acceleration[i]));
          p += DT * (v + DT * (a / 2 + (DT * jerk) / 6));
          v += DT * (a + (DT * jerk) / 2);
          a += DT * jerk;
        }
      }
      expect(worst, `seed ${seed}`).toBeLessThan(1e-10);
    }
  });

  test('is read between samples as at them: each derivative is the slope of the one below', () => {
    const rng = createRng(3);
    const motion = randomMotion(rng, 200);
    const read = (t_s: number) => {
      const tables = [0, 1, 2].map(() => new Float64Array(2 * N));
      motion.write(t_s, tables[0], tables[1], tables[2], N);
      return tables.map((table) => table.subarray(N));
    };
    const samples = motion.samples();
    for (let k = 0; k < samples.rows; k++) {
      const [position, velocity, acceleration] = read(k * DT);
      const row = (table: Float64Array) => table.subarray(k * N, k * N + N);
      expect([position, velocity, acceleration]).toEqual(
        [samples.position, samples.velocity, samples.acceleration].map(row),
      );
    }
    for (let trial = 0; trial < 200; trial++) {
      const t = (rng.int(199) + rng.range(0.1, 0.9)) * DT;
      const h = 1e-6;
      const [before, now, after] = [read(t - h), read(t), read(t + h)];
      for (const order of [0, 1]) {
        for (let j = 0; j < N; j++) {
          const slope = (after[order][j] - before[order][j]) / (2 * h);
          expect(Math.abs(slope - now[order + 1][j]), `${t}`).toBeLessThan(1e-4 * Math.max(1, Math.abs(slope)));
        }
      }
    }
    expect(read(-1)).toEqual(read(0));
    expect(read(motion.duration_s + 1)).toEqual(read(motion.duration_s));
  });

  test('gives its positions alone, from any sample on', () => {
    const motion = randomMotion(createRng(3), 50);
    const { position, rows } = motion.samples();
    expect(motion.positions()).toEqual({ rows, position });
    expect(motion.positions(20)).toEqual({ rows: rows - 20, position: position.slice(20 * N) });
    expect(motion.positions(1e6)).toEqual({ rows: 1, position: position.slice(-N) });
    expect(motion.positions(-1).rows).toBe(rows);
  });
});
