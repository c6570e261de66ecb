import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { envelopeForRobot } from '../envelope.ts';
import { GateStream, type StreamCycle, type StreamSummary } from './gate_stream.ts';

const ROBOT = loadRobot('panda');
const ENVELOPE = envelopeForRobot(ROBOT);
const HZ = 500;
const HOME = Array.from(ROBOT.home_q.subarray(0, 7));
const STALE_CYCLES = Math.round(ENVELOPE.stale_s * HZ);

interface Ran {
  readonly cycles: readonly StreamCycle[];
  readonly summary: StreamSummary;
}

function run(lines: readonly (object | string)[], lease_always = true, hz = HZ): Ran {
  const cycles: StreamCycle[] = [];
  const stream = new GateStream(ROBOT, ENVELOPE, { hz, lease_always }, (cycle) => cycles.push(cycle));
  for (const line of lines) stream.feed(typeof line === 'string' ? line : JSON.stringify(line));
  return { cycles, summary: stream.finish() };
}

/** A gentle sine about home at cycle k. */
const sine = (k: number) => HOME.map((q, i) => q + 0.1 * (1 - Math.cos((0.004 + 0.0005 * i) * k)));
const good = (cycles: number, from = 0) =>
  Array.from({ length: cycles }, (_, k) => ({ t: (from + k) / HZ, source: 'policy', position: sine(from + k) }));
const speed = ({ velocity }: StreamCycle) => Math.max(...velocity.map(Math.abs));
const rests = ({ velocity, acceleration }: StreamCycle) => [...velocity, ...acceleration].every((x) => x === 0);

describe('gate over a stream', () => {
  it('lets good commands come out unchanged, in the cycle of their time', () => {
    const { cycles, summary } = run(good(1500));
    for (let k = 0; k < 1500; k++) {
      expect(cycles[k].t).toBe(k / HZ);
      sine(k).forEach((q, i) => {
        expect(Math.abs(cycles[k].position[i] - q)).toBeLessThan(1e-9);
      });
      expect(cycles[k]).toMatchObject({ state: 'automatic', reasons: [], latched: false });
    }
    expect(summary).toMatchObject({ passed: 1500, violations: 0, malformed: 0, resets: 0 });
    expect(summary.max_utilisation.velocity).toBeGreaterThan(0.05);
  });

  it('takes a start in motion, at time zero', () => {
    const velocity = [0.3, -0.2, 0.1, 0.2, -0.3, 0.4, 0.5];
    const lines = Array.from({ length: 200 }, (_, k) => ({
      t: k / HZ,
      position: HOME.map((q, i) => q + (velocity[i] * k) / HZ),
    }));
    const { cycles, summary } = run([{ start: { position: HOME, velocity } }, ...lines]);
    expect(summary.passed).toBe(200);
    HOME.forEach((q, i) => {
      expect(cycles[0].position[i]).toBeCloseTo(q, 12);
    });
  });

  it('is at home and at rest without one, and ends ten cycles after standstill', () => {
    const { cycles, summary } = run([]);
    expect(summary).toMatchObject({ cycles: 11, violations: 0 });
    expect(cycles.every(rests)).toBe(true);
    expect(cycles[0].position).toEqual(HOME);
    const moved = run([{ t: 0, velocity: [1, 0, 0, 0, 0, 0, 0] }]).cycles;
    const last = moved.findLastIndex((cycle) => !rests(cycle));
    expect(moved.length - 1 - last).toBe(11);
  });

  it('refuses a start of the wrong length or not finite', () => {
    expect(() => run([{ start: { position: [0, 1] } }])).toThrow('start.position with 2 values');
    expect(() => run(['{"start":{"position":[0,0,0,0,0,0,NaN]}}'])).toThrow('start');
    expect(() => run(['{"start":{}}'])).toThrow('first line');
  });

  it.each([
    ['NaN', '{"t":0.2,"velocity":[NaN,0,0,0,0,0,0]}', 'non_finite'],
    ['null', '{"t":0.2,"velocity":[null,0,0,0,0,0,0]}', 'non_finite'],
    ['Infinity', '{"t":0.2,"position":[0,0,Infinity,0,0,0,0]}', 'non_finite'],
    ['-Infinity', '{"t":0.2,"torque":[0,0,-Infinity,0,0,0,0]}', 'non_finite'],
    ['1e999', '{"t":0.2,"position":[1e999,0,0,0,0,0,0]}', 'non_finite'],
    ['six values', '{"t":0.2,"position":[0,0,0,0,0,0]}', 'wrong_length'],
    ['no values', '{"t":0.2,"velocity":[]}', 'wrong_length'],
  ])('stops on %s, latched until a reset at rest', (_what, line, reason) => {
    const reset = { t: 0.7, reset: true };
    const { cycles, summary } = run([...good(100), line, ...good(250, 100), reset, ...good(100, 350)]);
    expect(cycles[100]).toMatchObject({ state: 'protective_stop', latched: true, stop_category: 1 });
    expect(cycles[100].reasons).toContain(reason);
    expect(cycles[349]).toMatchObject({ state: 'protective_stop', latched: true, drives_on: false });
    expect(cycles[351].state).toBe('automatic');
    expect(summary).toMatchObject({ resets: 1, malformed: 0, violations: 0 });
  });

  it('does not reset in motion', () => {
    const { cycles, summary } = run([
      ...Array.from({ length: 200 }, (_, k) => ({ t: k / HZ, velocity: [1, 0, 0, 0, 0, 0, 0] })),
      { t: 0.4, stop: 1 },
      { t: 0.41, reset: true },
      { t: 0.9, reset: true },
      { t: 0.902, velocity: [0.5, 0, 0, 0, 0, 0, 0] },
    ]);
    expect(summary).toMatchObject({ resets: 1, resets_refused: 1 });
    expect(cycles[440].state).toBe('protective_stop');
    expect(speed(cycles[453])).toBeGreaterThan(0);
  });

  it.each([0, 1, 2] as const)('stops by category %d, and the drives are as it says', (category) => {
    const { cycles } = run([...good(200), { t: 0.4, stop: category }, ...good(200, 200)]);
    const stopped = cycles[200];
    expect(stopped).toMatchObject({ stop_category: category, latched: true, drives_on: category !== 0 });
    const rest = cycles.findIndex((cycle, k) => k > 200 && rests(cycle));
    expect((rest - 200) / HZ).toBeCloseTo(stopped.stop_time_s, 9);
    expect(cycles[rest].drives_on).toBe(category === 2);
    expect(cycles[399].state).toBe('protective_stop');
  });

  it('stops by category 1 on silence, and goes on by itself with a fresh command', () => {
    const { cycles } = run([...good(200), ...good(400, 400)]);
    const stop = cycles.findIndex(({ state }) => state === 'protective_stop');
    expect(stop).toBe(200 + STALE_CYCLES);
    expect(cycles[stop]).toMatchObject({ reasons: ['stale_command'], latched: false, stop_category: 1 });
    expect(cycles[420].state).toBe('automatic');
  });

  it('counts what is no line as malformed, and takes no notice of it', () => {
    const junk = [
      ...['garbage', '[]', '3', '"x"', '{}', '{"t":0.2}', '{"t":"0.2","stop":1}', '{"t":NaN,"stop":1}'],
      ...[
        '{"t":-1,"stop":1}',
        '{"t":0.1,"stop":1}',
        '{"t":5,"stop":1}',
        '{"t":Infinity,"stop":1}',
        '{"t":0.2,"stop":3}',
      ],
      ...['{"t":0.2,"position":"x"}', '{"t":0.2,"position":["x",0,0,0,0,0,0]}', '{"t":0.2,"reset":1}'],
      ...['{"t":0.2,"lease":{"nonce":1}}', '{"t":0.2,"obstacles":[{"id":"a"}]}', '{"t":0.2,"state":{}}'],
      '{"t":0.2,"position":[0,0,0,0,0,0,0],"velocity":[0,0,0,0,0,0,0]}',
    ];
    const { cycles, summary } = run([...good(101), ...junk, '', '  ', ...good(100, 101)]);
    expect(summary.malformed).toBe(junk.length);
    expect(summary.passed).toBe(201);
    expect(cycles[150].state).toBe('automatic');
  });

  it('moves only while a lease is valid, and takes each nonce once', () => {
    const grant = (k: number, nonce: number) => ({ t: k / HZ, lease: { nonce, valid_s: 0.04 } });
    const leased = (k: number) => (k % 5 === 0 && k < 300 ? [grant(k, k)] : []);
    const commands = Array.from({ length: 400 }, (_, k) => [...leased(k), { t: k / HZ, position: sine(k) }]).flat();
    const { cycles, summary } = run(commands, false);
    expect(cycles[0].state).toBe('automatic');
    const lost = cycles.findIndex(({ state }) => state !== 'automatic');
    // The last grant is of cycle 295 and lasts 20 cycles.
    expect(lost).toBeGreaterThanOrEqual(315);
    expect(lost).toBeLessThanOrEqual(317);
    expect(cycles[lost].reasons).toContain('lease_lost');
    expect(Math.sign(cycles[lost].acceleration[0])).toBe(-Math.sign(cycles[lost - 1].velocity[0]));
    expect(summary.violations).toBe(0);
    const replayed = run([grant(0, 1), ...good(10), grant(10, 1), ...good(40, 10)], false);
    expect(replayed.summary.leases_refused).toBe(1);
    expect(replayed.cycles[22].state).toBe('protective_stop');
    expect(run(good(50), false).cycles.every((cycle) => cycle.state === 'initialising' && rests(cycle))).toBe(true);
  });

  it('faults when the arm is somewhere else than it was sent', () => {
    const pushed = { t: 0.2, state: { position: HOME.map((q) => q + 0.3), velocity: HOME.map(() => 0) } };
    const { cycles, summary } = run([...good(100), pushed, ...good(100, 100)]);
    expect(cycles[100]).toMatchObject({ state: 'fault', latched: true, stop_category: 1 });
    expect(summary.violations).toBe(0);
    const here = { t: 0.2, state: { position: sine(99) } };
    expect(run([...good(100), here, ...good(100, 100)]).summary.passed).toBe(200);
  });

  it('takes an arm whose state tells of neither speed nor torque for one at rest', () => {
    const pressed = (state: object) =>
      run(
        Array.from({ length: 100 }, (_, k) => ({
          t: k / HZ,
          torque: HOME.map((_, i) => (i === 3 ? 3 : 0)),
          state: { position: HOME, ...state },
        })),
      ).cycles;
    const zeros = HOME.map(() => 0);
    const told = pressed({ velocity: zeros, torque: zeros, emergency_stop: false });
    expect(told[50]).toMatchObject({ state: 'automatic' });
    expect(pressed({})).toEqual(told);
    expect(pressed({ velocity: HOME.map(() => 0.2) })).not.toEqual(told);
  });

  it('counts a start outside apart, and brings it to rest', () => {
    const velocity = [2.17, 0, 0, 0, 0, 0, 0];
    const { cycles, summary } = run([{ start: { position: HOME, velocity } }, ...good(100)]);
    expect(cycles[0]).toMatchObject({ state: 'fault', reasons: ['start_outside_envelope'] });
    expect(summary.violations).toBe(0);
    expect(summary.outside_cycles).toBeGreaterThan(0);
    expect(rests(cycles[99])).toBe(true);
  });

  it('stays clear of obstacles in whichever way they are written', () => {
    const wall = [
      { id: 'a', type: 'box', size: [0.1, 2, 2], pose: { position: [0.6, 0, 0.5] } },
      { id: 'a', type: 'box', size: [0.1, 2, 2], pose: [0.6, 0, 0.5, 0, 0, 0, 1], velocity: [0, 0, 0] },
      { id: 7, type: 'box', size: [0.1, 2, 2], position: [0.6, 0, 0.5], orientation: [0, 0, 0, 1] },
    ];
    const forward = Array.from({ length: 1500 }, (_, k) => ({ t: k / HZ, velocity: [0, 0.8, 0, 0, 0, 0, 0] }));
    const free = run(forward).cycles.at(-1);
    const runs = wall.map((obstacle) => run([{ t: 0, obstacles: [obstacle] }, ...forward]));
    for (const { cycles, summary } of runs) {
      expect(cycles.at(-1)?.position[1]).toBeLessThan((free?.position[1] ?? 0) - 0.05);
      expect(cycles.some(({ reasons }) => reasons.includes('obstacle'))).toBe(true);
      expect(summary.malformed).toBe(0);
      expect(cycles).toEqual(runs[0].cycles);
    }
  });

  it.each([
    { type: 'sphere', radius: 0.1 },
    { type: 'sphere', size: [0.1] },
    { type: 'sphere', size: 0.1 },
    { type: 'cylinder', length: 0.3, radius: 0.1 },
    { type: 'cylinder', size: [0.3, 0.1] },
    { type: 'capsule', size: [0.3, 0.1] },
  ])('reads %j', (shape) => {
    const obstacle = { id: 'x', ...shape, pose: { position: [0.6, 0, 0.4], orientation: [0, 0, 0, 1] } };
    const { summary } = run([{ t: 0, obstacles: [obstacle] }, ...good(20)]);
    expect(summary.malformed).toBe(0);
  });

  it('is the same for the same stream, at any number of cycles a second, and never violates a limit on junk', () => {
    const rng = createRng(4);
    const lines = Array.from({ length: 2000 }, (_, k) => {
      const values = HOME.map(() => 3 * rng.normal());
      const t = k / HZ;
      const draw = rng.uniform();
      if (draw < 0.02) return { t, stop: rng.int(3) };
      if (draw < 0.06) return { t, reset: true };
      if (draw < 0.07) return `{"t":${t},"velocity":[NaN]}`;
      if (draw < 0.2) return '{"t":';
      return { t, [(['position', 'velocity', 'torque'] as const)[rng.int(3)]]: values };
    });
    for (const hz of [250, 500, 1000]) {
      const first = run(lines, true, hz);
      expect(first.summary.violations).toBe(0);
      expect(run(lines, true, hz)).toEqual(first);
    }
  });
});
