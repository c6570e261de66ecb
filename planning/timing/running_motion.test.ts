import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { blendCorners } from './corners.ts';
import type { MotionLimits } from './limits.ts';
import { reportMotion } from './motion_report.ts';
import { RunningMotion } from './running_motion.ts';
import { timePath } from './time_path.ts';

const N = 7;
const PANDA = loadRobot('panda').limits;
const scaled = (acceleration: number, jerk: number): MotionLimits => ({
  velocity: PANDA.velocity,
  acceleration: PANDA.acceleration.map((x) => x * acceleration),
  jerk: PANDA.jerk.map((x) => x * jerk),
});
const point = (rng: Rng): Float64Array => Float64Array.from({ length: N }, () => rng.range(-1, 1));

/** The same way up to a corner, and from there to two different ends. */
function fork(rng: Rng): { readonly old: Float64Array[]; readonly other: Float64Array[]; readonly fork_rad: number } {
  const [start, corner] = [point(rng), point(rng)];
  const rounded = (end: Float64Array[]) => blendCorners([start, corner, ...end], N, () => true);
  const old = rounded([point(rng)]);
  const other = rounded([point(rng), point(rng)]);
  let i = 0;
  let fork_rad = 0;
  while (old[i + 1].every((x, j) => Math.abs(x - other[i + 1][j]) < 1e-12)) {
    fork_rad += Math.hypot(...old[i + 1].map((x, j) => x - old[i][j]));
    i++;
  }
  return { old, other, fork_rad };
}

describe('motions that are redirected', () => {
  test('are the old one until then, hold every limit after and end at the other end, without a stop', () => {
    let changed = 0;
    const longer: number[] = [];
    for (let seed = 0; seed < 16; seed++) {
      const rng = createRng(seed, 'fork');
      const limits = scaled(rng.range(0.4, 1), 10 ** rng.range(-1.2, 0));
      const { old, other, fork_rad } = fork(rng);
      const running = RunningMotion.start(old, limits);
      let at_s = 0;
      while (running.committed_rad(at_s + 0.01) < 0.5 * fork_rad) at_s += 0.01;
      const outcome = running.redirect(other, at_s);
      if (!outcome.ok) {
        expect(outcome.reason).toMatch(/too fast|leaves this one/);
        continue;
      }
      changed++;
      const [before, after] = [running.motion.samples(), outcome.motion.motion.samples()];
      const rows = Math.round(at_s / before.dt_s);
      for (const table of ['position', 'velocity', 'acceleration'] as const) {
        expect(after[table].slice(0, rows * N), `seed ${seed}`).toEqual(before[table].slice(0, rows * N));
      }
      const report = reportMotion(after, limits, other);
      const held = [report.velocity, report.acceleration, report.jerk].every((share) => share <= 1 + 1e-6);
      const law = held && report.integration_rad < 1e-9 && report.off_path_rad < 1e-3;
      if (!law) expect.fail(`seed ${seed}, at ${at_s} s: ${JSON.stringify(report)}`);
      expect([...after.position.slice(-N)]).toEqual([...other[other.length - 1]]);
      longer.push(outcome.motion.motion.duration_s / timePath(other, limits).duration_s);
    }
    expect(changed).toBeGreaterThan(12);
    expect(Math.max(...longer)).toBeLessThan(1.03);
  });

  test('can be redirected again, and at their very end no more', () => {
    const rng = createRng(4, 'again');
    const { old, other, fork_rad } = fork(rng);
    const running = RunningMotion.start(old, PANDA);
    let at_s = 0;
    while (running.committed_rad(at_s + 0.01) < 0.3 * fork_rad) at_s += 0.01;
    const once = running.redirect(other, at_s);
    if (!once.ok) throw new Error(once.reason);
    const back = once.motion.redirect(old, at_s + 0.02);
    if (!back.ok) throw new Error(back.reason);
    const report = reportMotion(back.motion.motion.samples(), PANDA, old);
    expect(Math.max(report.velocity, report.acceleration, report.jerk)).toBeLessThan(1 + 1e-6);
    expect(report.off_path_rad).toBeLessThan(1e-3);
    expect(once.motion.redirect(old, at_s - 0.01)).toMatchObject({ ok: false });
    const late = running.redirect(other, running.motion.duration_s);
    expect(late.ok ? '' : late.reason).toMatch(/leaves this one/);
    expect(() => RunningMotion.start([old[0], old[0]], PANDA)).toThrow(/without length/);
  });

  test('stops on its path at any time, within every limit, in hardly more than the least way', () => {
    for (let seed = 0; seed < 16; seed++) {
      const rng = createRng(seed, 'stop');
      const limits = scaled(rng.range(0.4, 1), 10 ** rng.range(-1.2, 0));
      const path = blendCorners([point(rng), point(rng), point(rng)], N, () => true);
      const running = RunningMotion.start(path, limits);
      const at_s = rng.uniform() * running.motion.duration_s;
      const stopped = running.stop(at_s);
      const [before, after] = [running.motion.samples(), stopped.motion.samples()];
      const rows = Math.floor(at_s / before.dt_s) * N;
      expect(after.position.slice(0, rows), `seed ${seed}`).toEqual(before.position.slice(0, rows));
      const report = reportMotion(after, limits, path);
      const held = Math.max(report.velocity, report.acceleration, report.jerk) <= 1 + 1e-6;
      const law = held && report.integration_rad < 1e-9 && report.off_path_rad < 1e-3;
      if (!law) expect.fail(`seed ${seed}, at ${at_s} s: ${JSON.stringify(report)}`);
      expect(after.velocity.slice(-N), `seed ${seed}`).toEqual(new Float64Array(N));
      expect(stopped.motion.duration_s).toBeLessThanOrEqual(running.motion.duration_s + 1e-9);
      // a stop from the same speed that is asked for later ends later, one asked for at once is where it stands
      const [way, later] = [stopped.committed_rad(1e3), running.stop(at_s + 0.05).committed_rad(1e3)];
      expect(way - running.committed_rad(at_s), `seed ${seed}`).toBeGreaterThanOrEqual(0);
      expect(later, `seed ${seed}`).toBeGreaterThanOrEqual(way - 1e-2);
    }
    expect(() => RunningMotion.start([point(createRng(1)), point(createRng(2))], PANDA).stop(-0.1)).toThrow(RangeError);
  });
});
