import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
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

/** Sign of the velocity that remains once the acceleration has been ramped to zero, cycle by cycle. */
function directionOf(v: number, a: number, d: number, h: number): number {
  let after = v;
  for (let x = Math.abs(a) - d; x > 0; x -= d) after += Math.sign(a) * h * x;
  return after >= 0 ? 1 : -1;
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
  const s = directionOf(v, a, d, h);
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

/** Mostly anything up to full speed, sometimes next to nothing. */
function speedOf(rng: Rng): number {
  return rng.range(-2.5, 2.5) * (rng.uniform() < 0.2 ? 0.01 : 1);
}

describe('stopping tail', () => {
  it('agrees with the feedback law stepped by definition', () => {
    const rng = createRng(11, 'tail');
    for (let i = 0; i < 300; i++) {
      const A = rng.range(2, 20);
      const J = A * rng.range(20, 600);
      const tail = new StoppingTail(A, J, 1 / HZ);
      const v = speedOf(rng);
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
      const s = directionOf(v, a, tail.acceleration_step, tail.cycle_s);
      const fastest = Math.max(0, s * v, ...slow.speeds.map((speed) => s * speed));
      expect(Math.abs(tail.peak_speed - fastest), label).toBeLessThan(1e-6);
    }
  });

  it('keeps a hair inside its limits, whatever the cycle', () => {
    for (const [A, J, h] of [
      [10, 5000, 0.002],
      [3, 70, 0.001],
      [20, 100_000, 0.01],
    ]) {
      const tail = new StoppingTail(1, 1, h);
      tail.configure(A, J);
      for (const [kept, limit] of [
        [tail.acceleration_limit, A],
        [tail.acceleration_step, J * h],
      ]) {
        expect(kept).toBeLessThan(limit);
        expect(kept).toBeGreaterThan(limit * (1 - 1e-10));
      }
    }
  });

  it('knows where a joint turns back that moves on against its acceleration', () => {
    const rng = createRng(15, 'tail');
    let turning = 0;
    for (let i = 0; i < 2000; i++) {
      const A = rng.range(2, 20);
      const J = A * rng.range(20, 200);
      const tail = new StoppingTail(A, J, 1 / HZ);
      const a = rng.range(-A, A);
      solve(tail, -Math.sign(a) * rng.uniform() * ((a * a) / (2 * J)), a);
      const label = `case ${i}: v ${tail.velocity} a ${a}`;
      const p = [0];
      for (let k = 1; k <= tail.cycles; k++) p.push(displacementAfter(tail, k));
      const direction = directionOf(tail.velocity, a, tail.acceleration_step, tail.cycle_s);
      const back = p.map((x) => direction * x);
      const least = Math.min(...back);
      if (least < -1e-12) turning++;
      expect(Math.abs(direction * tail.turn - least), label).toBeLessThan(1e-15);
      expect(Math.abs(back[tail.turn_cycle] - least), label).toBeLessThan(1e-15);
      if (tail.velocity * direction >= 0) expect(tail.turn_cycle, label).toBe(0);
    }
    expect(turning).toBeGreaterThan(200);
  });

  it('stays where it came to rest, exactly', () => {
    const rng = createRng(16, 'tail');
    for (let i = 0; i < 300; i++) {
      const A = rng.range(2, 20);
      const tail = new StoppingTail(A, A * rng.range(20, 600), 1 / HZ);
      solve(tail, rng.range(-2.5, 2.5), rng.range(-A, A));
      for (const beyond of [0, 1, 7, 1e9, Number.POSITIVE_INFINITY]) {
        tail.locateMotion(tail.cycles + beyond);
        expect(tail.displacement).toBe(tail.end);
        expect(tail.velocity_at).toBe(0);
        expect(tail.acceleration_at).toBe(0);
      }
    }
  });

  it('stops from the border between its two directions, to the last bit', () => {
    const rng = createRng(17, 'tail');
    for (let i = 0; i < 4000; i++) {
      const A = rng.range(2, 20);
      const tail = new StoppingTail(A, A * rng.range(20, 600), 1 / HZ);
      const d = tail.acceleration_step;
      let a = rng.range(-1, 1) * tail.acceleration_limit;
      // Half of the accelerations are whole multiples of the step.
      if (i % 2 === 0) a = Math.trunc(a / d) * d;
      const n = Math.floor(Math.abs(a) / d);
      const spent = (n * Math.abs(a) - 0.5 * d * n * (n + 1)) / HZ;
      let v = -Math.sign(a) * spent * (1 + (rng.int(9) - 4) * 2 ** -52);
      if (i % 5 === 0) v = -Math.sign(a) * 1e-18;
      solve(tail, v, a);
      const { end, cycles } = tail;
      expect(tail.turn_cycle, `case ${i}: v ${v} a ${a}`).toBeGreaterThanOrEqual(0);
      expect(tail.peak_speed).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(tail.turn)).toBe(true);
      let p = 0;
      for (let k = 0; k < cycles + 1; k++) {
        solve(tail, v, a);
        a = tail.next_acceleration;
        v += tail.cycle_s * a;
        p += tail.cycle_s * v;
      }
      expect(Math.abs(p - end), `case ${i}`).toBeLessThan(1e-12);
      expect(Math.abs(v), `case ${i}`).toBeLessThan(1e-13);
      expect(Math.abs(a), `case ${i}`).toBeLessThan(1e-10);
    }
  });

  it('is mirrored by a mirrored state', () => {
    const rng = createRng(18, 'tail');
    for (let i = 0; i < 300; i++) {
      const tail = new StoppingTail(10, 10 * rng.range(20, 600), 1 / HZ);
      const v = rng.range(-1, 1);
      const a = rng.range(-10, 10);
      solve(tail, v, a);
      const { end, turn, turn_cycle, cycles, peak_speed, next_acceleration } = tail;
      solve(tail, -v, -a);
      expect(tail).toMatchObject({ end: -end, turn_cycle, cycles, peak_speed, next_acceleration: -next_acceleration });
      expect(tail.turn + turn).toBe(0);
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
      const J = A * rng.range(20, 600);
      const tail = new StoppingTail(A, J, 1 / HZ);
      const a0 = rng.uniform() < 0.1 ? 0 : rng.range(-A, A);
      // A third of them slow enough against their acceleration to turn back.
      const v0 = i % 3 === 0 ? ((-a0 * Math.abs(a0)) / (2 * J)) * rng.uniform() : speedOf(rng);
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
