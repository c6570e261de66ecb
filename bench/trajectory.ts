import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder, PACKAGE_ROOT } from '../contracts/index.ts';
import { TrajectoryGenerator, TrajectoryInput } from '../trajectory/index.ts';
import { type Benchmark, type BenchmarkResult, type BenchmarkRow, row } from './benchmark.ts';

const RUCKIG = '0.19.4';
const CASES = 10_000;
const ROUNDS = 3;
const SAME_DURATION_S = 1e-6;
/** Ruckig may miss its target by about 1e-8; a motion that does so by more than this is no bound on ours. */
const RUCKIG_MISS = 1e-10;
const MOST_TIMES = 4;

const list = z.array(z.number());
const measured = z.object({
  sets: z.array(
    z.object({
      name: z.string(),
      velocity: z.boolean(),
      limits: z.object({ vmax: list, amax: list, jmax: list }),
      cases: z.array(z.object({ p0: list, v0: list, a0: list, p1: list, v1: list, a1: list })),
      durations: z.array(z.number().nullable()),
      end_errors: z.array(z.number().nullable()),
      timing: z.object({
        mean_us: z.number(),
        median_us: z.number(),
        p999_us: z.number(),
        max_us: z.number(),
        call_overhead_us: z.number(),
      }),
    }),
  ),
});
type MeasuredSet = z.infer<typeof measured>['sets'][number];

/** Time to plan motions of 7 joints under the Panda's limits, beside Ruckig called from Python on the same motions. */
export const trajectory: Benchmark = {
  name: 'trajectory',
  claim: `a plan for 7 joints in at most ${MOST_TIMES} times Ruckig's time, with its durations`,
  async run(progress) {
    const python = pythonWithRuckig();
    if (python === null) {
      progress(`skipped: no Python with ruckig ${RUCKIG}: let npm test fetch it, or pip install ruckig==${RUCKIG}`);
      return { rows: [], checks: [] };
    }
    const folder = mkdtempSync(join(tmpdir(), 'surepick-trajectory-'));
    try {
      const script = join(PACKAGE_ROOT, 'trajectory', 'golden', 'make_golden.py');
      const rows: BenchmarkRow[] = [];
      const checks: BenchmarkResult['checks'][number][] = [];
      for (const name of ['full', 'jerk20', 'short', 'rest', 'velocity']) {
        progress(`${name}, ${CASES} motions`);
        const out = join(folder, `${name}.json`);
        const options = ['--sets', name, '--cases', String(CASES), '--timing', '--out', out];
        execFileSync(python, ['-B', script, ...options]);
        const [set] = measured.parse(JSON.parse(readFileSync(out, 'utf8'))).sets;
        const ours = measure(set);
        rows.push(...rowsOf(set, ours));
        checks.push(compareDurations(set, ours.durations));
        const ratio = ours.mean_us / (set.timing.mean_us - set.timing.call_overhead_us);
        const detail = `${ratio.toPrecision(3)} times, calling overhead of ${set.timing.call_overhead_us.toPrecision(2)} µs taken off`;
        checks.push({ name: `${name}: mean at most ${MOST_TIMES} times Ruckig's`, pass: ratio <= MOST_TIMES, detail });
      }
      return { rows, checks };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Measurement {
  readonly durations: (number | null)[];
  readonly mean_us: number;
  readonly median_us: number;
  readonly p999_us: number;
  readonly max_us: number;
}

function measure(set: MeasuredSet): Measurement {
  const generator = new TrajectoryGenerator(set.limits.vmax.length);
  const inputs = set.cases.map((given) => {
    const input = new TrajectoryInput(generator.n);
    for (const field of ['vmax', 'amax', 'jmax'] as const) input[field].set(set.limits[field]);
    for (const field of ['p0', 'v0', 'a0', 'p1', 'v1', 'a1'] as const) input[field].set(given[field]);
    input.free_position = set.velocity;
    return input;
  });
  const durations = inputs.map((input) => (generator.plan(input, 'time') ? generator.duration : null));
  const all = () => {
    const started = performance.now();
    for (const input of inputs) generator.plan(input, 'time');
    return ((performance.now() - started) * 1000) / inputs.length;
  };
  const mean_us = Math.min(...Array.from({ length: ROUNDS }, all));
  const each = new Float64Array(inputs.length);
  inputs.forEach((input, i) => {
    const started = process.hrtime.bigint();
    generator.plan(input, 'time');
    each[i] = Number(process.hrtime.bigint() - started) / 1000;
  });
  each.sort();
  const at = (part: number) => each[Math.floor(part * each.length)];
  return { durations, mean_us, median_us: at(0.5), p999_us: at(0.999), max_us: each[each.length - 1] };
}

function rowsOf({ name, timing }: MeasuredSet, ours: Measurement): BenchmarkRow[] {
  const beside = (value: number) => ({ name: `Ruckig ${RUCKIG} in Python`, value });
  return [
    row(`${name}: mean`, ours.mean_us, 'µs', beside(timing.mean_us)),
    row(`${name}: median`, ours.median_us, 'µs', beside(timing.median_us)),
    row(`${name}: 99.9 %`, ours.p999_us, 'µs', beside(timing.p999_us)),
    row(`${name}: longest`, ours.max_us, 'µs', beside(timing.max_us)),
  ];
}

function compareDurations(set: MeasuredSet, ours: readonly (number | null)[]): BenchmarkResult['checks'][number] {
  let worse = 0;
  let shorter = 0;
  set.durations.forEach((theirs, i) => {
    if (theirs === null || (set.end_errors[i] ?? 1) > RUCKIG_MISS) return;
    const mine = ours[i] ?? Number.POSITIVE_INFINITY;
    if (mine > theirs + SAME_DURATION_S) worse++;
    else if (mine < theirs - SAME_DURATION_S) shorter++;
  });
  return {
    name: `${set.name}: no duration longer than Ruckig's`,
    pass: worse === 0,
    detail: `${set.durations.length} motions, ${worse} longer, ${shorter} shorter`,
  };
}

/** The interpreter that the tests have made, or one of the system's with the package; null without either. */
function pythonWithRuckig(): string | null {
  const cache = cacheFolder('python');
  const bin = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
  let made: string[] = [];
  try {
    made = readdirSync(cache).filter((name) => /^ruckig-[0-9a-f]+$/.test(name));
  } catch {
    // the tests have not run here
  }
  for (const python of [...made.map((name) => join(cache, name, bin)), 'python3', 'python']) {
    try {
      const version = execFileSync(python, ['-c', 'import ruckig; print(ruckig.__version__)'], { stdio: 'pipe' });
      if (String(version).trim() === RUCKIG) return python;
    } catch {
      // the next may have it
    }
  }
  return null;
}
