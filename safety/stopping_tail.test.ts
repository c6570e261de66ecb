import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { StoppingTail } from './stopping_tail.ts';

const HZ = 500;

function solve(tail: StoppingTail, v: number, a: number): void {
  tail.velocity = v;
  tail.acceleration = a;
  tail.solve();
}

function displacementAfter(tail: StoppingTail, count: number): number {
  tail.locate(count);
  return tail.displacement;
}

/** The feedback law stepped by definition, with Q⁻¹ found by bisection: slow, for comparison only. */
function stepwise(
  v: number,
  a: number,
  A: number,
  d: number,
  h: number,
): { positions: number[]; speeds: number[]; accelerations: number[] } {
  const ramp = (y: number): number => {
    let sum = 0;
    for (let x = y; x > 0; x -= d) sum += x;
    return sum;
  };
  let after = v;
  for (let x = Math.abs(a) - d; x > 0; x -= d) after += Math.sign(a) * h * x;
  const s = after >= 0 ? 1 : -1;
  let S = (s * v) / h;
  let x = -s * a;
  let p = 0;
  let speed = v;
  const positions: number[] = [];
  const speeds: number[] = [];
  const accelerations: number[] = [];
  for (let i = 0; i < 2000 && (Math.abs(S) > 1e-9 || Math.abs(x) > 1e-9); i++) {
    let low = Math.min(0, x + d);
    let high = A;
    for (let b = 0; b < 80; b++) {
      const middle = (low + high) / 2;
      if ((middle > 0 ? ramp(middle) : middle) <= S) low = middle;
      else high = middle;
    }
    x = Math.min(x + d, A, low);
    S -= x;
    speed -= s * h * x;
    p += h * speed;
    positions.push(p);
    speeds.push(speed);
    accelerations.push(-s * x);
  }
  return { positions, speeds, accelerations };
}

describe('stopping tail', () => {
  it('agrees with the feedback law stepped by definition', () => {
    const rng = createRng(11, 'tail');
    for (let i = 0; i < 300; i++) {
      const A = rng.range(2, 20);
      const J = A * rng.range(20, 600);
      const tail = new StoppingTail(A, J, 1 / HZ);
      const v = rng.range(-2.5, 2.5) * (rng.uniform() < 0.2 ? 0.01 : 1);
      const a = rng.uniform() < 0.1 ? 0 : rng.range(-A, A);
      solve(tail, v, a);
      const slow = stepwise(v, a, tail.acceleration_limit, tail.acceleration_step, tail.cycle_s);
      const label = `case ${i}: v ${v} a ${a} A ${A} J ${J}`;
      const scale = Math.max(...slow.positions.map(Math.abs), 1e-3);
      for (let k = 0; k < slow.positions.length; k++) {
        expect(
          Math.abs(displacementAfter(tail, k + 1) - slow.positions[k]) / scale,
          `${label} cycle ${k + 1}`,
        ).toBeLessThan(1e-7);
      }
      expect(tail.next_acceleration, label).toBeCloseTo(slow.accelerations[0], 5);
      const low = Math.min(0, ...slow.positions);
      const high = Math.max(0, ...slow.positions);
      expect(Math.min(tail.end, tail.turn, 0), label).toBeLessThan(low + 1e-7 * scale);
      expect(Math.max(tail.end, tail.turn, 0), label).toBeGreaterThan(high - 1e-7 * scale);
      const s = Math.sign(tail.end - tail.turn) || 1;
      const fastest = Math.max(0, s * v, ...slow.speeds.map((speed) => s * speed));
      expect(tail.peak_speed, label).toBeGreaterThan(fastest - 1e-6);
    }
  });

  it('evaluated every cycle gives its own remainder and ends at rest', () => {
    const rng = createRng(12, 'tail');
    for (let i = 0; i < 2000; i++) {
      const A = rng.range(2, 20);
      const tail = new StoppingTail(A, A * rng.range(20, 600), 1 / HZ);
      let v = rng.range(-2.5, 2.5);
      let a = rng.range(-A, A);
      let p = 0;
      solve(tail, v, a);
      const end = tail.end;
      const cycles = tail.cycles;
      let end_error = 0;
      let jerk_excess = 0;
      let greatest = 0;
      for (let k = 0; k < cycles + 2; k++) {
        solve(tail, v, a);
        end_error = Math.max(end_error, Math.abs(p + tail.end - end));
        const next = tail.next_acceleration;
        jerk_excess = Math.max(jerk_excess, Math.abs(next - a) / tail.acceleration_step - 1);
        greatest = Math.max(greatest, Math.abs(next));
        a = next;
        v += tail.cycle_s * a;
        p += tail.cycle_s * v;
      }
      expect(end_error, `case ${i}`).toBeLessThan(1e-12);
      expect(jerk_excess, `case ${i}`).toBeLessThanOrEqual(1e-10);
      expect(greatest, `case ${i}`).toBeLessThanOrEqual(A);
      expect(Math.abs(v)).toBeLessThan(1e-13);
      expect(Math.abs(a)).toBeLessThan(1e-10);
      expect(Math.abs(p - end)).toBeLessThan(1e-12);
    }
  });

  it('is continuous in velocity and acceleration', () => {
    const rng = createRng(13, 'tail');
    const tail = new StoppingTail(10, 5000, 1 / HZ);
    for (let i = 0; i < 2000; i++) {
      const v = rng.range(-2.5, 2.5);
      const a = rng.range(-9.9, 9.9);
      solve(tail, v, a);
      const end = tail.end;
      solve(tail, v + 1e-9, a);
      const by_v = tail.end;
      solve(tail, v, a + 1e-9);
      expect(Math.abs(by_v - end), `v ${v} a ${a}`).toBeLessThan(2e-9);
      expect(Math.abs(tail.end - end), `v ${v} a ${a}`).toBeLessThan(1e-9);
    }
  });

  it('knows velocity, acceleration and their ranges over any piece', () => {
    const rng = createRng(14, 'tail');
    for (let i = 0; i < 400; i++) {
      const A = rng.range(2, 20);
      const tail = new StoppingTail(A, A * rng.range(20, 600), 1 / HZ);
      const v0 = rng.range(-2.5, 2.5) * (rng.uniform() < 0.2 ? 0.01 : 1);
      const a0 = rng.uniform() < 0.1 ? 0 : rng.range(-A, A);
      solve(tail, v0, a0);
      const label = `case ${i}: v ${v0} a ${a0} A ${A}`;
      const p = [0];
      const v = [v0];
      const a = [a0];
      let velocity_error = 0;
      let acceleration_error = 0;
      for (let k = 1; k <= tail.cycles + 2; k++) {
        p.push(displacementAfter(tail, k));
        v.push((p[k] - p[k - 1]) * HZ);
        a.push((v[k] - v[k - 1]) * HZ);
        tail.locateMotion(k);
        velocity_error = Math.max(velocity_error, Math.abs(tail.velocity_at - v[k]));
        acceleration_error = Math.max(acceleration_error, Math.abs(tail.acceleration_at - a[k]));
      }
      expect(velocity_error, label).toBeLessThan(1e-11);
      expect(acceleration_error, label).toBeLessThan(1e-8);
      tail.findPeakAcceleration();
      expect(Math.abs(tail.peak_acceleration - Math.max(...a.map(Math.abs))), label).toBeLessThan(1e-8);
      for (let piece = 0; piece < 8; piece++) {
        const from = rng.int(tail.cycles);
        const to = from + 1 + rng.int(tail.cycles - from);
        tail.findRange(from, to);
        const where = `${label} cycles ${from} to ${to}`;
        const speeds = v.slice(from, to + 1);
        const accelerations = a.slice(from + 1, to + 1);
        const places = p.slice(from, to + 1);
        expect(Math.abs(tail.velocity_low - Math.min(...speeds)), where).toBeLessThan(1e-11);
        expect(Math.abs(tail.velocity_high - Math.max(...speeds)), where).toBeLessThan(1e-11);
        expect(Math.abs(tail.acceleration_low - Math.min(...accelerations)), where).toBeLessThan(1e-8);
        expect(Math.abs(tail.acceleration_high - Math.max(...accelerations)), where).toBeLessThan(1e-8);
        expect(Math.abs(tail.displacement_low - Math.min(...places)), where).toBeLessThan(1e-12);
        expect(Math.abs(tail.displacement_high - Math.max(...places)), where).toBeLessThan(1e-12);
      }
    }
  });
});
