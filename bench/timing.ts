import { createRng } from '../contracts/index.ts';
import { blendCorners, type FreeMotion, type MotionLimits, reportMotion, timeFreePath } from '../planning/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type Benchmark, type BenchmarkResult, type BenchmarkRow, row } from './benchmark.ts';
import { TOPPRA, timeWithToppra, timingEnvironment } from './timing_peer.ts';

const PATHS = 120;
const ROUNDS = 3;
const MEDIAN_RATIO = 1.15;
const P95_RATIO = 1.4;
const SLACK = 1e-6;
const INTEGRATION_RAD = 1e-9;
const OFF_PATH_RAD = 1e-3;

interface Arm {
  readonly name: string;
  readonly limits: MotionLimits;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Jerk-limited motions along paths with rounded corners, beside TOPP-RA without jerk limits on the same paths. */
export const timing: Benchmark = {
  name: 'timing',
  claim: `within jerk limits at most ${MEDIAN_RATIO} times the time of TOPP-RA without, in the median`,
  async run(progress) {
    const environment = await timingEnvironment();
    if ('missing' in environment) {
      progress(`skipped: ${environment.missing}`);
      return { rows: [], checks: [] };
    }
    const rows: BenchmarkRow[] = [];
    const checks: BenchmarkResult['checks'][number][] = [];
    for (const arm of arms()) {
      progress(`${arm.name}, ${PATHS} paths`);
      const paths = cornerPaths(arm);
      const { motions, median_ms } = measure(paths, arm.limits);
      const theirs = await timeWithToppra(
        environment.python,
        arm.limits,
        motions.map(({ path }) => path),
      );
      const ratios = theirs.flatMap(({ duration_s }, i) =>
        duration_s === null ? [] : [motions[i].motion.duration_s / duration_s],
      );
      const [median, p95] = [at(ratios, 0.5), at(ratios, 0.95)];
      const durations = motions.map(({ motion }) => motion.duration_s);
      const reference = (value: number) => ({ name: TOPPRA, value });
      const their_s = theirs.flatMap(({ duration_s }) => (duration_s === null ? [] : [duration_s]));
      const their_ms = theirs.map(({ ms }) => ms);
      rows.push(
        row(`${arm.name}: duration, median`, at(durations, 0.5), 's', reference(at(their_s, 0.5))),
        row(`${arm.name}: duration beside TOPP-RA, median`, median, 'times'),
        row(`${arm.name}: duration beside TOPP-RA, 95 %`, p95, 'times'),
        row(`${arm.name}: time to compute, median`, median_ms, 'ms', reference(at(their_ms, 0.5))),
      );
      checks.push(
        {
          name: `${arm.name}: at most ${MEDIAN_RATIO} times TOPP-RA's duration in the median, ${P95_RATIO} at 95 %`,
          pass: ratios.length === PATHS && median <= MEDIAN_RATIO && p95 <= P95_RATIO,
          detail: `${ratios.length} paths, ${median.toFixed(3)} and ${p95.toFixed(3)}, at most ${at(ratios, 1).toFixed(3)}`,
        },
        lawsHold(arm, motions),
      );
    }
    return { rows, checks };
  },
};

/** The Panda with its manufacturer's limits, and an arm whose jerk limits are as low as those assumed for a URDF. */
function arms(): Arm[] {
  const { limits } = loadRobot('panda');
  const panda = { name: 'panda', limits, lower: limits.position_lower, upper: limits.position_upper };
  const joints = 6;
  const all = (value: number) => new Float64Array(joints).fill(value);
  const low = { velocity: all(3.15), acceleration: all(6.3), jerk: all(126) };
  return [panda, { name: 'low jerk', limits: low, lower: all(-2), upper: all(2) }];
}

/** Paths of one to four corners anywhere within an arm's range, rounded. */
function cornerPaths({ lower, upper }: Arm): Float64Array[][] {
  return Array.from({ length: PATHS }, (_, i) => {
    const rng = createRng(i, 'timing');
    const corners = Array.from({ length: 3 + rng.int(4) }, () => lower.map((low, j) => rng.range(low, upper[j])));
    return blendCorners(corners, lower.length, () => true);
  });
}

function measure(paths: readonly Float64Array[][], limits: MotionLimits): { motions: FreeMotion[]; median_ms: number } {
  const motions = paths.map((path) => timeFreePath(path, limits, () => true));
  const each = paths.map((path) => {
    const times = Array.from({ length: ROUNDS }, () => {
      const started = performance.now();
      timeFreePath(path, limits, () => true);
      return performance.now() - started;
    });
    return Math.min(...times);
  });
  return { motions, median_ms: at(each, 0.5) };
}

function lawsHold({ name, limits }: Arm, motions: readonly FreeMotion[]): BenchmarkResult['checks'][number] {
  const worst = { share: 0, integration_rad: 0, off_path_rad: 0 };
  for (const { motion, path } of motions) {
    const report = reportMotion(motion.samples(), limits, path);
    worst.share = Math.max(worst.share, report.velocity, report.acceleration, report.jerk);
    worst.integration_rad = Math.max(worst.integration_rad, report.integration_rad);
    worst.off_path_rad = Math.max(worst.off_path_rad, report.off_path_rad);
  }
  const { share, integration_rad, off_path_rad } = worst;
  return {
    name: `${name}: limits hold, jerks integrate to positions, samples keep to the path`,
    pass: share <= 1 + SLACK && integration_rad < INTEGRATION_RAD && off_path_rad < OFF_PATH_RAD,
    detail: `${share.toFixed(7)} of a limit, ${integration_rad.toExponential(1)} rad, ${off_path_rad.toExponential(1)} rad`,
  };
}

function at(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}
