import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../test/support/heap.ts';
import { COMMAND, commandValues } from './arm_protocol.ts';
import { ArmServo } from './arm_servo.ts';

const robot = loadRobot('panda');
const { limits } = robot;
const N = robot.arm_joints;
const HZ = 500;
const H = 1 / HZ;
const home = robot.home_q.slice(0, N);

function record(session: number, sequence: number, p: ArrayLike<number>, v?: ArrayLike<number>, a?: ArrayLike<number>) {
  const values = new Float64Array(commandValues(N));
  values[COMMAND.session] = session;
  values[COMMAND.sequence] = sequence;
  values[COMMAND.drives_on] = 1;
  values.set(p, COMMAND.joints);
  if (v !== undefined) values.set(v, COMMAND.joints + N);
  if (a !== undefined) values.set(a, COMMAND.joints + 2 * N);
  return values;
}

/** A smooth motion about home: position, velocity and acceleration at cycle k of the sender. */
function wave(k: number, amplitude = 0.2, rate = 3) {
  const t = k * H;
  const at = (f: (i: number) => number) => Float64Array.from({ length: N }, (_, i) => f(i));
  return {
    p: at((i) => home[i] + (amplitude / (1 + i)) * (1 - Math.cos(rate * t))),
    v: at((i) => (amplitude / (1 + i)) * rate * Math.sin(rate * t)),
    a: at((i) => (amplitude / (1 + i)) * rate * rate * Math.cos(rate * t)),
  };
}

function started(cycles: number): ArmServo {
  const servo = new ArmServo(limits, home, HZ);
  servo.receive(record(1, 1, home));
  for (let k = 0; k < cycles; k++) {
    const { p, v, a } = wave(k);
    expect(servo.receive(record(1, k + 2, p, v, a))).toBe('accepted');
    servo.step();
  }
  return servo;
}

describe('the arm behind the channel', () => {
  it('follows commands that come once a cycle', () => {
    const servo = new ArmServo(limits, home, HZ);
    servo.receive(record(1, 1, home));
    let worst = 0;
    for (let k = 0; k < 2000; k++) {
      const { p, v, a } = wave(k);
      servo.receive(record(1, k + 2, p, v, a));
      servo.step();
      worst = Math.max(worst, ...servo.q.map((q, i) => Math.abs(q - p[i])));
    }
    expect(worst).toBeLessThan(3e-3);
  });

  it('moves evenly when two clocks drift past each other, so that cycles see two commands or none', () => {
    for (const drift of [-2e-3, -3e-4, 3e-4, 2e-3]) {
      const servo = new ArmServo(limits, home, HZ);
      servo.receive(record(1, 1, home));
      const speed = 0.5;
      let [sent, doubled, missed, worst] = [1, 0, 0, 0];
      for (let cycle = 1; cycle < 1500; cycle++) {
        const due = Math.floor(cycle * (1 + drift) + 0.5);
        if (due > sent + 1) doubled++;
        if (due === sent) missed++;
        sent = due;
        const v = speed * Math.min(1, (due * H) / 0.2);
        const way = v < speed ? 0.5 * v * due * H : speed * (due * H - 0.1);
        const p = home.slice();
        p[0] += way;
        const velocity = new Float64Array(N);
        velocity[0] = v;
        servo.receive(record(1, due + 1, p, velocity));
        servo.step();
        if (cycle > 300) worst = Math.max(worst, Math.abs(servo.v[0] / speed - 1));
      }
      expect(doubled + missed, `drift ${drift}`).toBeGreaterThan(0);
      expect(worst, `drift ${drift}`).toBeLessThan(0.05);
    }
  });

  it('brakes after 20 missed commands with its own acceleration, and stands', () => {
    const servo = started(400);
    for (let missed = 1; missed < 20; missed++) {
      servo.step();
      expect(servo.phase, `missed ${missed}`).toBe('following');
    }
    const before = servo.v.slice();
    const bound = Math.max(...before.map((v, i) => Math.abs(v) / limits.acceleration[i]));
    expect(bound).toBeGreaterThan(0.005);
    servo.step();
    expect(servo.phase).toBe('braking');
    before.forEach((v, i) => {
      expect(Math.abs(v) - Math.abs(servo.v[i])).toBeCloseTo(Math.min(Math.abs(v), limits.acceleration[i] * H), 12);
    });
    let cycles = 1;
    while (servo.phase === 'braking') {
      servo.step();
      cycles++;
    }
    expect(cycles * H).toBeLessThanOrEqual(bound + 2 * H);
    expect(Array.from(servo.v)).toEqual(new Array(N).fill(0));
    expect(servo.phase).toBe('holding');
  });

  it('takes nothing that is not newer', () => {
    const servo = started(10);
    const { p, v, a } = wave(10);
    expect(servo.receive(record(1, servo.sequence, p, v, a))).toBe('not_newer');
    expect(servo.receive(record(1, servo.sequence - 3, p, v, a))).toBe('not_newer');
    expect(servo.receive(record(1, servo.sequence + 1, p, v, a))).toBe('accepted');
  });

  it('takes another controller only at rest, and one that was replaced never again', () => {
    const servo = started(100);
    const sequence = servo.sequence;
    expect(servo.receive(record(2, 1, servo.q))).toBe('other_session');
    while (servo.phase !== 'holding') servo.step();
    expect(servo.receive(record(2, 1, servo.q))).toBe('accepted');
    expect(servo.receive(record(1, sequence + 1, servo.q))).toBe('other_session');
    for (let k = 0; k < 100; k++) servo.step();
    expect(servo.phase).toBe('holding');
    expect(servo.receive(record(1, sequence + 2, servo.q))).toBe('other_session');
    expect(servo.receive(record(3, 1, servo.q))).toBe('accepted');
  });

  it('after its own stop goes on only from where it stands, with a command at rest', () => {
    const servo = started(200);
    while (servo.v.some((v) => v !== 0) && servo.phase === 'following') servo.step();
    expect(servo.receive(record(1, servo.sequence + 5, servo.q))).toBe('away');
    while (servo.phase !== 'holding') servo.step();
    const far = servo.q.map((q) => q + 0.02);
    expect(servo.receive(record(1, servo.sequence + 6, far))).toBe('away');
    expect(servo.receive(record(1, servo.sequence + 7, servo.q, new Float64Array(N).fill(0.1)))).toBe('away');
    expect(servo.receive(record(1, servo.sequence + 8, servo.q))).toBe('accepted');
    expect(servo.refused).toBe(3);
  });

  it.each([
    ['not_finite', (r: Float64Array) => r.fill(Number.NaN, COMMAND.joints, COMMAND.joints + 1)],
    ['not_finite', (r: Float64Array) => r.fill(Number.POSITIVE_INFINITY, COMMAND.joints + N, COMMAND.joints + N + 1)],
    ['beyond_limits', (r: Float64Array) => r.fill(limits.position_upper[0] + 1e-9, COMMAND.joints, COMMAND.joints + 1)],
    [
      'beyond_limits',
      (r: Float64Array) => r.fill(1.01 * limits.velocity[0], COMMAND.joints + N, COMMAND.joints + N + 1),
    ],
    ['beyond_limits', (r: Float64Array) => r.fill(21, COMMAND.joints + 2 * N, COMMAND.joints + 3 * N)],
    ['beyond_limits', (r: Float64Array) => r.fill(r[COMMAND.joints] + 0.01, COMMAND.joints, COMMAND.joints + 1)],
  ] as const)('refuses %s', (verdict, spoil) => {
    const servo = started(10);
    const { p, v, a } = wave(10);
    const bad = record(1, servo.sequence + 1, p, v, a);
    spoil(bad);
    const { sequence } = servo;
    expect(servo.receive(bad)).toBe(verdict);
    expect(servo.sequence).toBe(sequence);
  });

  it('never leaves its limits, and always comes to rest, whatever it is sent', () => {
    const rng = createRng(17, 'hostile commands');
    for (let round = 0; round < 200; round++) hostileRound(rng, round);
  });

  it('allocates nothing', () => {
    const servo = new ArmServo(limits, home, HZ);
    const command = record(1, 0, home);
    const grown = heapGrowthPerCall(() => {
      command[COMMAND.sequence]++;
      servo.receive(command);
      servo.step();
    });
    expect(grown).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});

function hostileRound(rng: Rng, round: number): void {
  const servo = new ArmServo(limits, home, HZ);
  servo.receive(record(1, 1, home));
  let sequence = 1;
  const last_v = servo.v.slice();
  let wrong = '';
  const step = (what: string) => {
    servo.step();
    for (let i = 0; i < N; i++) {
      const [q, v] = [servo.q[i], servo.v[i]];
      const inside =
        q >= limits.position_lower[i] && q <= limits.position_upper[i] && Math.abs(v) <= limits.velocity[i];
      // Only an end stop takes speed away at once.
      const smooth = v === 0 || Math.abs(v - last_v[i]) <= 1.5 * limits.acceleration[i] * H + 1e-12;
      if (wrong === '' && !(inside && smooth))
        wrong = `round ${round}, ${what}, joint ${i}: q ${q} v ${v} before ${last_v[i]}`;
      last_v[i] = v;
    }
  };
  for (let k = 0; k < 300; k++) {
    sequence += rng.int(4) - 1;
    const scale = 10 ** rng.range(-3, 1);
    const p = servo.q.map((q) => q + 0.01 * scale * rng.normal());
    const v = p.map(() => scale * rng.normal());
    const a = p.map(() => 10 * scale * rng.normal());
    const spoilt = record(rng.int(10) === 0 ? 2 : 1, sequence, p, v, a);
    if (rng.int(20) === 0) spoilt[rng.int(spoilt.length)] = [Number.NaN, 1e308, -1e308][rng.int(3)];
    servo.receive(spoilt);
    step('sent');
  }
  let cycles = 0;
  for (; servo.phase !== 'holding' && cycles < 1000; cycles++) step('silent');
  expect(wrong).toBe('');
  expect(servo.phase, `round ${round}`).toBe('holding');
}
