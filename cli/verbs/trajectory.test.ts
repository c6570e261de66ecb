import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { addTrajectory } from './trajectory.ts';

const list = z.array(z.number());
const outFile = z.strictObject({
  cases: z.array(
    z.strictObject({
      duration: z.number().nullable(),
      reason: z.string().optional(),
      synchronization: z.enum(['time', 'phase', 'none']).optional(),
      joint_durations: list.optional(),
      samples: z.strictObject({ t: list, p: z.array(list), v: z.array(list), a: z.array(list) }).optional(),
    }),
  ),
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trajectory verb '));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the verb on a document; returns the last line of stdout. */
async function trajectory(input: unknown, ...args: string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const program = new Command('surepick').exitOverride().configureOutput({ writeErr: () => {} });
  addTrajectory(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  const file = join(folder, 'in.json');
  writeFileSync(file, typeof input === 'string' ? input : JSON.stringify(input));
  const out = args.includes('--out') ? [] : ['--out', join(folder, 'out.json')];
  await program.parseAsync(['trajectory', '--in', file, ...out, ...args], { from: 'user' });
  return lines.at(-1) ?? '';
}

const written = () => outFile.parse(JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'))).cases;
const move = (n: number, change: Record<string, unknown> = {}) => {
  const all = (x: number) => new Array<number>(n).fill(x);
  const states = { p0: all(0), v0: all(0), a0: all(0), p1: all(1), v1: all(0), a1: all(0) };
  return { ...states, vmax: all(1), amax: all(2), jmax: all(10), ...change };
};

describe('surepick trajectory', () => {
  test('writes a duration or a reason for each case, and samples on request', async () => {
    const cases = [
      move(1),
      move(3, { p1: null, v1: [0.5, 0, 0] }),
      move(2, { pmin: [-1, null], pmax: [0.5, 3] }),
      move(1, { p1: [0] }),
      move(1, { v1: [1.5] }),
      move(30, { v0: new Array<number>(30).fill(3) }),
    ];
    const line = await trajectory({ cases }, '--dt', '0.01', '--json');
    const results = written();
    expect(results[0].duration).toBeCloseTo(1.7, 12);
    expect(results[1].duration).toBeCloseTo(0.45, 12);
    expect(results[2]).toEqual({ duration: null, reason: 'joint 0: target position 1 is beyond its limit 0.5' });
    expect(results[3].duration).toBe(0);
    expect(results[4]).toEqual({ duration: null, reason: 'joint 0: target velocity 1.5 is over its limit 1' });
    for (const { duration, samples } of results) {
      if (duration === null) continue;
      const { t, p, v, a } = samples ?? expect.fail('no samples');
      expect(t.at(-1)).toBe(duration);
      expect(t.slice(0, -1)).toEqual(t.slice(0, -1).map((_, k) => k * 0.01));
      for (const values of [p, v, a]) expect(values).toHaveLength(t.length);
    }
    expect(results[5].samples?.p.at(-1)?.every((x) => Math.abs(x - 1) < 1e-9)).toBe(true);
    expect(results[5].samples?.v[0]).toEqual(cases[5].v0);
    expect(JSON.parse(line)).toMatchObject({
      schema: 'surepick/trajectory',
      cases: 6,
      solved: 4,
      infeasible: 2,
      synchronization: 'time',
      max_duration_s: Math.max(...results.map(({ duration }) => duration ?? 0)),
    });
  });

  test('says how the joints go together', async () => {
    const bent = move(2, { v0: [0.5, 0] });
    const line = await trajectory({ cases: [move(2), bent], synchronization: 'phase' }, '--json');
    expect(written().map(({ synchronization }) => synchronization)).toEqual(['phase', 'time']);
    expect(JSON.parse(line)).toMatchObject({ synchronization: 'phase', not_in_phase: 1 });
    await trajectory({ cases: [move(2, { p1: [1, 0.1] })], synchronization: 'none' });
    const [{ duration, joint_durations }] = written();
    expect(joint_durations?.[0]).toBe(duration);
    expect(joint_durations?.[1]).toBeLessThan(1);
  });

  test('plans thousands of cases at once, the same every time', async () => {
    const cases = Array.from({ length: sweep(2_000, 10_000) }, (_, i) =>
      move(7, { v0: [0, 1, 2, 3, 4, 5, 6].map((k) => Math.sin(i + k)) }),
    );
    await trajectory({ cases });
    const first = readFileSync(join(folder, 'out.json'), 'utf8');
    expect(written()).toHaveLength(cases.length);
    await trajectory({ cases });
    expect(readFileSync(join(folder, 'out.json'), 'utf8')).toBe(first);
  });

  test('what cannot be used is refused in one line with its place, and nothing is written', async () => {
    const bad: [unknown, RegExp, ...string[]][] = [
      ['{', /in\.json.*must be JSON/],
      ['{"cases":[{"p0":[NaN]}]}', /in\.json.*must be JSON/],
      [[], /in\.json/],
      [{ cases: [] }, /at cases: must have at least one case/],
      [{ cases: [{}] }, /at cases\[0\]\.p0: must be a list/],
      [{ cases: [move(0)] }, /at cases\[0\]\.p0: must have at least one joint/],
      [{ cases: [move(2), move(2, { a1: [0] })] }, /at cases\[1\]\.a1 has 1 numbers: p0 has 2/],
      [{ cases: [move(1, { pmin: [0, 0] })] }, /at cases\[0\]\.pmin has 2 numbers/],
      [{ cases: [move(1, { amax: [-1] })] }, /at cases\[0\]\.amax\[0\] = -1: must be above 0/],
      [{ cases: [move(1, { jmax: [0] })] }, /at cases\[0\]\.jmax\[0\] = 0: must be above 0/],
      [{ cases: [move(1, { v0: ['1'] })] }, /at cases\[0\]\.v0\[0\]: must be a finite number/],
      [
        JSON.stringify({ cases: [move(1)] }).replace('"v0":[0]', '"v0":[1e999]'),
        /at cases\[0\]\.v0\[0\]: must be a finite/,
      ],
      [{ cases: [move(1, { pmin: [2], pmax: [1] })] }, /at cases\[0\]\.pmin\[0\] = 2: must be at most pmax\[0\] = 1/],
      [{ cases: [move(1)], synchronization: 'together' }, /at synchronization: must be one of time, phase, none/],
      [{ cases: [move(1)] }, /in\.json at cases\[0\].*raise --dt/, '--dt', '1e-8'],
      [
        { cases: [move(1)] },
        /must be a file that can be written/,
        '--out',
        join(tmpdir(), 'no such folder', 'out.json'),
      ],
    ];
    for (const [input, message, ...args] of bad) {
      const attempt = trajectory(input, ...args);
      await expect(attempt, String(message)).rejects.toThrow(InputError);
      await expect(attempt).rejects.toThrow(message);
      await expect(attempt).rejects.not.toThrow(/\n/);
      expect(readdirSync(folder)).toEqual(['in.json']);
    }
    for (const dt of ['0', '-1', 'x', 'Infinity']) {
      await expect(trajectory({ cases: [move(1)] }, '--dt', dt)).rejects.toThrow(/Allowed: a number/);
    }
  });
});
