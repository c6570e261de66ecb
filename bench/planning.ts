import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { type PlannedProblem, ProblemPlanner, problemFile, readProblem } from '../planning/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type Benchmark, type BenchmarkResult, type BenchmarkRow, row } from './benchmark.ts';
import { planningEnvironment, type UpstreamRobot, upstreamRobots } from './planning_environment.ts';

const GOLDEN = join(PACKAGE_ROOT, 'planning', 'golden');
const BENCH = join(PACKAGE_ROOT, 'bench');
const PEER = 'OMPL 2.0.1 RRT-Connect with Coal, from Python';
const WARM_UP = 30;
const LEAST_SOLVED = 0.995;
const MOST_LENGTH = 1.1;
const MOST_TIME = 0.05;

const path = z.array(z.array(z.number()));
const theirs = z.array(
  z.object({
    set: z.string(),
    index: z.number(),
    path: path.nullable(),
    planning_ms: z.number(),
    simplification_ms: z.number(),
  }),
);
const verdicts = z.array(z.object({ set: z.string(), index: z.number(), valid: z.boolean(), why: z.string() }));

/**
 * Collision-free paths for the upstream Panda (MotionBenchMaker; SUREPICK_PLANNING_PROBLEMS names a file with more of them)
 * and the upstream UR5, beside OMPL on the same problems and hulls, checked by Pinocchio and Coal on the meshes.
 */
export const planning: Benchmark = {
  name: 'planning',
  claim: `paths valid on the collision meshes, at most ${MOST_LENGTH} times as long as OMPL's, in ${MOST_TIME} of its time`,
  async run(progress) {
    const environment = await planningEnvironment();
    if ('missing' in environment) {
      progress(`skipped: ${environment.missing}`);
      return { rows: [], checks: [] };
    }
    const { panda, ur5 } = upstreamRobots(environment.python);
    const panda_problems = process.env.SUREPICK_PLANNING_PROBLEMS ?? join(GOLDEN, 'mbm_panda.json');
    const parts = [
      compare('Panda', panda, panda_problems, environment.python, progress),
      compare('UR5', ur5, join(GOLDEN, 'ur5_problems.json'), environment.python, progress),
    ];
    return { rows: parts.flatMap(({ rows }) => rows), checks: parts.flatMap(({ checks }) => checks) };
  },
};

function compare(
  name: string,
  robot: UpstreamRobot,
  problems: string,
  python: string,
  progress: (line: string) => void,
): BenchmarkResult {
  progress(`${name}: ours`);
  const ours = planAll(robot, problems);
  const folder = mkdtempSync(join(tmpdir(), 'surepick-planning-'));
  try {
    const { urdf, srdf, package_dir } = robot;
    progress(`${name}: an independent check of ${ours.length} paths`);
    const paths = join(folder, 'paths.json');
    writeFileSync(paths, JSON.stringify(ours));
    const script = (file: string, ...args: string[]) => {
      const out = join(folder, 'out.json');
      const all = ['-B', join(BENCH, file), urdf, srdf, package_dir, problems, ...args, out];
      execFileSync(python, all, { stdio: ['ignore', 'ignore', 'inherit'] });
      return JSON.parse(readFileSync(out, 'utf8'));
    };
    const checked = verdicts.parse(script('planning_check.py', paths));
    progress(`${name}: OMPL`);
    const peer = theirs.parse(script('planning_peers.py'));
    return report(name, ours, checked, peer);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Timed = PlannedProblem & { readonly planning_ms: number };

function planAll({ urdf, srdf, package_dir }: UpstreamRobot, problems: string): Timed[] {
  const robot = loadRobot(urdf, { srdf, packageDir: package_dir, visualMeshes: false });
  const file = problemFile.parse(JSON.parse(readFileSync(problems, 'utf8')));
  const read = file.problems.map(readProblem);
  const planner = new ProblemPlanner(robot, file.joints === undefined ? {} : { joints: file.joints });
  for (let i = 0; i < WARM_UP; i++) planner.plan(read[i % read.length]);
  return read.map((problem) => {
    const started = performance.now();
    const result = planner.plan(problem);
    return { ...result, planning_ms: performance.now() - started };
  });
}

function report(
  name: string,
  ours: readonly Timed[],
  checked: z.infer<typeof verdicts>,
  peer: z.infer<typeof theirs>,
): BenchmarkResult {
  const key = (each: { set: string; index: number }) => `${each.set} ${each.index}`;
  const their_paths = new Map(peer.map((each) => [key(each), each.path]));
  const both = ours.filter((each) => each.path !== null && their_paths.get(key(each)));
  const solved = ours.filter((each) => each.path !== null).length;
  const their_solved = peer.filter((each) => each.path !== null).length;
  const times = ours.map(({ planning_ms }) => planning_ms);
  const their_times = peer.map((each) => each.planning_ms + each.simplification_ms);
  const length = quantile(
    both.map((each) => lengthL2(each.path ?? [])),
    0.5,
  );
  const their_length = quantile(
    both.map((each) => lengthL2(their_paths.get(key(each)) ?? [])),
    0.5,
  );
  const beside = (value: number) => ({ name: PEER, value });
  const rows: BenchmarkRow[] = [
    row(`${name}: solved of ${ours.length}`, solved, '', beside(their_solved)),
    row(
      `${name}: set-up, planning and simplification, median`,
      quantile(times, 0.5),
      'ms',
      beside(quantile(their_times, 0.5)),
    ),
    row(`${name}: 95 %`, quantile(times, 0.95), 'ms', beside(quantile(their_times, 0.95))),
    row(`${name}: longest`, quantile(times, 1), 'ms', beside(quantile(their_times, 1))),
    row(`${name}: length of a path, median`, length, 'rad', beside(their_length)),
  ];
  const invalid = checked.filter(({ valid }) => !valid);
  const ratio = quantile(times, 0.5) / quantile(their_times, 0.5);
  const checks = [
    {
      name: `${name}: every path valid for the collision meshes`,
      pass: checked.length === solved && invalid.length === 0,
      detail: `${checked.length} paths, ${invalid.length} rejected${invalid[0] === undefined ? '' : `: ${key(invalid[0])} ${invalid[0].why}`}`,
    },
    {
      name: `${name}: at least ${100 * LEAST_SOLVED} % solved`,
      pass: solved >= LEAST_SOLVED * ours.length,
      detail: `${solved} of ${ours.length}`,
    },
    {
      name: `${name}: no longer than ${MOST_LENGTH} times OMPL's paths`,
      pass: length <= MOST_LENGTH * their_length,
      detail: `${(length / their_length).toFixed(3)} times over ${both.length} problems`,
    },
    {
      name: `${name}: at most ${MOST_TIME} of OMPL's time`,
      pass: ratio <= MOST_TIME,
      detail: `${ratio.toPrecision(2)} times in the median`,
    },
  ];
  return { rows, checks };
}

function lengthL2(points: readonly (readonly number[])[]): number {
  return points.slice(1).reduce((sum, q, i) => sum + Math.hypot(...q.map((x, j) => x - points[i][j])), 0);
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
