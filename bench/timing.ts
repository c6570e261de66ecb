import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import {
  ProblemPlanner,
  problemFile,
  readProblem,
  reportMotion,
  type SampledTrajectory,
  type TimedProblem,
} from '../planning/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { type Benchmark, type BenchmarkResult, type BenchmarkRow, row } from './benchmark.ts';
import { planningEnvironment, type UpstreamRobot, upstreamRobots } from './planning_environment.ts';
import { TOPPRA, timeWithToppra, timingEnvironment } from './timing_peer.ts';

const GOLDEN = join(PACKAGE_ROOT, 'planning', 'golden');
const MEDIAN_RATIO = 1.15;
const P95_RATIO = 1.4;
const SLACK = 1e-6;
const INTEGRATION_RAD = 1e-9;
const OFF_PATH_RAD = 1e-3;
const DT_S = 0.001;
const WARM_UP = 60;

const verdicts = z.array(z.object({ set: z.string(), index: z.number(), valid: z.boolean(), why: z.string() }));

interface Timed extends TimedProblem {
  readonly set: string;
  readonly index: number;
  readonly ms: number;
}

/**
 * Motions at 1 kHz within jerk limits along planned paths with rounded corners, beside TOPP-RA without jerk limits on the
 * same paths; SUREPICK_PLANNING_PROBLEMS names another file of problems for the upstream Panda.
 */
export const timing: Benchmark = {
  name: 'timing',
  claim: `within jerk limits at most ${MEDIAN_RATIO} times the time of TOPP-RA without, in the median`,
  async run(progress) {
    const [robots, peer] = [await planningEnvironment(), await timingEnvironment()];
    if ('missing' in robots || 'missing' in peer) {
      progress(`skipped: ${'missing' in robots ? robots.missing : ''} ${'missing' in peer ? peer.missing : ''}`.trim());
      return { rows: [], checks: [] };
    }
    const { panda, ur5 } = upstreamRobots(robots.python);
    const panda_problems = process.env.SUREPICK_PLANNING_PROBLEMS ?? join(GOLDEN, 'mbm_panda.json');
    const rows: BenchmarkRow[] = [];
    const checks: BenchmarkResult['checks'][number][] = [];
    for (const [name, upstream, problems] of [
      ['Panda', panda, panda_problems],
      ['UR5', ur5, join(GOLDEN, 'ur5_problems.json')],
    ] as const) {
      const { urdf, srdf, package_dir } = upstream;
      const robot = loadRobot(urdf, { srdf, packageDir: package_dir, visualMeshes: false });
      progress(`${name}: planning and timing`);
      const timed = timeAll(robot, problems);
      progress(`${name}: an independent check of ${timed.length} paths`);
      const rejected = checkPaths(robots.python, upstream, problems, timed);
      checks.push({
        name: `${name}: every rounded path valid for the collision meshes`,
        pass: timed.length > 0 && rejected.length === 0,
        detail: `${timed.length} paths, ${rejected.length} rejected${rejected.length > 0 ? `: ${rejected[0]}` : ''}`,
      });
      progress(`${name}: TOPP-RA`);
      const theirs = await timeWithToppra(
        peer.python,
        robot.limits,
        timed.map(({ path }) => path),
      );
      const their_s = theirs.flatMap(({ duration_s }) => (duration_s === null ? [] : [duration_s]));
      const durations = timed.map(({ trajectory }) => (trajectory.position.length - 1) * DT_S);
      const ratios = theirs.flatMap(({ duration_s }, i) => (duration_s === null ? [] : [durations[i] / duration_s]));
      const [median, p95] = [quantile(ratios, 0.5), quantile(ratios, 0.95)];
      const beside = (value: number) => ({ name: TOPPRA, value });
      rows.push(
        row(`${name}: duration, median`, quantile(durations, 0.5), 's', beside(quantile(their_s, 0.5))),
        row(`${name}: duration beside TOPP-RA, median`, median, 'times'),
        row(`${name}: duration beside TOPP-RA, 95 %`, p95, 'times'),
        row(
          `${name}: timing a path, median`,
          quantile(
            timed.map(({ ms }) => ms),
            0.5,
          ),
          'ms',
          beside(
            quantile(
              theirs.map(({ ms }) => ms),
              0.5,
            ),
          ),
        ),
      );
      checks.push(
        {
          name: `${name}: at most ${MEDIAN_RATIO} times TOPP-RA's duration in the median, ${P95_RATIO} at 95 %`,
          pass: ratios.length === timed.length && median <= MEDIAN_RATIO && p95 <= P95_RATIO,
          detail: `${ratios.length} paths, ${median.toFixed(3)} and ${p95.toFixed(3)}, at most ${quantile(ratios, 1).toFixed(3)}`,
        },
        lawsHold(name, robot, timed),
      );
    }
    return { rows, checks };
  },
};

function timeAll(robot: Robot, problems: string): Timed[] {
  const file = problemFile.parse(JSON.parse(readFileSync(problems, 'utf8')));
  const planner = new ProblemPlanner(robot, {
    rounded: true,
    ...(file.joints === undefined ? {} : { joints: file.joints }),
  });
  const read = file.problems.map(readProblem);
  for (let i = 0; i < WARM_UP; i++) {
    const { path } = planner.plan(read[i % read.length]);
    if (path !== null) planner.time(path, DT_S);
  }
  return read.flatMap((problem) => {
    const { set, index, path } = planner.plan(problem);
    if (path === null) return [];
    const started = performance.now();
    const timed = planner.time(path, DT_S);
    return [{ ...timed, set, index, ms: performance.now() - started }];
  });
}

/** What Pinocchio and Coal say against the paths. */
function checkPaths(
  python: string,
  { urdf, srdf, package_dir }: UpstreamRobot,
  problems: string,
  timed: readonly Timed[],
): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-timing-'));
  try {
    const [paths, out] = [join(folder, 'paths.json'), join(folder, 'out.json')];
    writeFileSync(paths, JSON.stringify(timed.map(({ set, index, path }) => ({ set, index, path }))));
    const script = join(PACKAGE_ROOT, 'bench', 'planning_check.py');
    execFileSync(python, ['-B', script, urdf, srdf, package_dir, problems, paths, out], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const checked = verdicts.parse(JSON.parse(readFileSync(out, 'utf8')));
    return checked.filter(({ valid }) => !valid).map(({ set, index, why }) => `${set} ${index} ${why}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lawsHold(name: string, { limits }: Robot, timed: readonly Timed[]): BenchmarkResult['checks'][number] {
  const worst = { share: 0, integration_rad: 0, off_path_rad: 0 };
  for (const { path, trajectory } of timed) {
    const samples = asSamples(trajectory);
    const report = reportMotion(
      samples,
      limits,
      path.map((q) => Float64Array.from(q)),
    );
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

function asSamples({ dt, position, velocity, acceleration, jerk }: SampledTrajectory) {
  const table = (rows: readonly (readonly number[])[]) => Float64Array.from(rows.flat());
  return {
    dt_s: dt,
    rows: position.length,
    position: table(position),
    velocity: table(velocity),
    acceleration: table(acceleration),
    jerk: table(jerk),
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}
