import { createRng } from '../contracts/index.ts';
import { type IkOptions, IkSolver, targetOf } from '../planning/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { type Benchmark, type BenchmarkResult, type BenchmarkRow, row } from './benchmark.ts';
import { type DrawnRobot, drawPoses, judge, solveWithTracIk, TRAC_IK, tracIkEnvironment } from './ik_peers.ts';
import { planningEnvironment } from './planning_environment.ts';

const POSES = 10_000;
const PEER_POSES = 2_000;
const SEED = 11;
const LEAST_SOLVED = 0.999;
const MOST_MEDIAN_US = 100;
const POSITION_M = 1e-5;
const ROTATION_RAD = 1e-4;

/** Reachable random poses of published arms: solved, how well by Pinocchio, and how fast beside TRAC-IK. */
export const ik: Benchmark = {
  name: 'ik',
  claim: `${100 * LEAST_SOLVED} % of ${POSES} reachable poses within ${POSITION_M} m and ${ROTATION_RAD} rad, median under ${MOST_MEDIAN_US} µs`,
  async run(progress) {
    const environment = await planningEnvironment();
    if ('missing' in environment) {
      progress(`skipped: ${environment.missing}`);
      return { rows: [], checks: [] };
    }
    progress(`${POSES} poses an arm`);
    const drawn = await drawPoses(environment.python, POSES, SEED);
    const robots = drawn.map(({ urdf, package: packageDir }) => loadRobot(urdf, { packageDir, visualMeshes: false }));
    const rows: BenchmarkRow[] = [];
    const checks: BenchmarkResult['checks'][number][] = [];
    const peers = await solveWithPeer(drawn, robots, progress);
    for (const [method, options] of METHODS) {
      progress(method);
      const ours = drawn.map((given, i) => solveAll(robots[i], given, options));
      const judged = await judge(
        environment.python,
        drawn.map((given, i) => ({
          ...given,
          joints: robots[i].model.joint_names.slice(0, robots[i].arm_joints),
          solutions: ours[i].solutions,
        })),
      );
      drawn.forEach(({ name }, i) => {
        const { position_m, rotation_rad, beyond_rad } = judged[i];
        const good = position_m.filter((error, k) => {
          const [rotation, beyond] = [rotation_rad[k], beyond_rad[k]];
          if (error === null || rotation === null || beyond === null) return false;
          return error <= POSITION_M && rotation <= ROTATION_RAD && beyond === 0;
        }).length;
        const label = `${name}, ${method}`;
        const peer = peers?.[i];
        const times = ours[i].times_us;
        const beside = (part: number) => (peer ? { name: TRAC_IK, value: at(peer.us, part) } : undefined);
        const share = peer && { name: TRAC_IK, value: peer.solutions.filter((q) => q !== null).length / PEER_POSES };
        rows.push(
          row(`${label}: solved`, good / POSES, 'of 1', share),
          row(`${label}: median`, at(times, 0.5), 'µs', beside(0.5)),
          row(`${label}: 99 %`, at(times, 0.99), 'µs', beside(0.99)),
          row(`${label}: largest position error`, most(position_m), 'm'),
          row(`${label}: largest rotation error`, most(rotation_rad), 'rad'),
        );
        checks.push(
          {
            name: `${label}: at least ${100 * LEAST_SOLVED} % solved by Pinocchio's judgement`,
            pass: good >= LEAST_SOLVED * POSES,
            detail: `${good} of ${POSES}, largest errors ${most(position_m).toExponential(1)} m and ${most(rotation_rad).toExponential(1)} rad`,
          },
          {
            name: `${label}: median under ${MOST_MEDIAN_US} µs`,
            pass: at(times, 0.5) < MOST_MEDIAN_US,
            detail: `${at(times, 0.5).toFixed(1)} µs${peer ? `, ${TRAC_IK} ${at(peer.us, 0.5).toFixed(1)}` : ''}`,
          },
        );
      });
    }
    return { rows, checks };
  },
};

const METHODS: readonly (readonly [string, IkOptions])[] = [
  ['closed form', { first: 'closed_form' }],
  ['descent alone', { closed_form: false }],
];

interface Measured {
  readonly solutions: (number[] | null)[];
  readonly times_us: Float64Array;
}

function solveAll(robot: Robot, { frame, targets }: DrawnRobot, options: IkOptions): Measured {
  const solver = new IkSolver(robot, { frame, limit_margin_rad: 0, home_gain: 0, ...options });
  const poses = targets.map((given) => {
    const target = targetOf({ position: given.slice(0, 3), orientation: given.slice(3) }, robot.arm_joints);
    if ('reason' in target) throw new RangeError(target.reason);
    return target.pose;
  });
  const seed = seedOf(robot);
  const rng = createRng(SEED, 'ik');
  for (const pose of poses.slice(0, 2000)) solver.solve(pose, seed, rng);
  const solutions: (number[] | null)[] = [];
  const times_us = new Float64Array(poses.length);
  poses.forEach((pose, i) => {
    const started = process.hrtime.bigint();
    const { ok, q } = solver.solve(pose, seed, rng);
    times_us[i] = Number(process.hrtime.bigint() - started) / 1000;
    solutions.push(ok ? Array.from(q) : null);
  });
  return { solutions, times_us };
}

/** The middle of the joints' ranges: neither knows where a pose was drawn. */
function seedOf({ limits, arm_joints }: Robot): Float64Array {
  return Float64Array.from({ length: arm_joints }, (_, j) => {
    const middle = (limits.position_lower[j] + limits.position_upper[j]) / 2;
    return Number.isFinite(middle) ? middle : 0;
  });
}

async function solveWithPeer(
  drawn: readonly DrawnRobot[],
  robots: readonly Robot[],
  progress: (line: string) => void,
): Promise<{ readonly solutions: (number[] | null)[]; readonly us: number[] }[] | null> {
  const environment = await tracIkEnvironment();
  if ('missing' in environment) {
    progress(`without ${TRAC_IK}: ${environment.missing}`);
    return null;
  }
  progress(TRAC_IK);
  return solveWithTracIk(
    environment.python,
    drawn.map(({ urdf, frame, targets }, i) => ({
      urdf,
      frame,
      root: robots[i].model.root_link,
      lower: Array.from(robots[i].limits.position_lower),
      upper: Array.from(robots[i].limits.position_upper),
      seed: Array.from(seedOf(robots[i])),
      targets: targets.slice(0, PEER_POSES),
    })),
  );
}

function at(values: Iterable<number>, part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

function most(errors: readonly (number | null)[]): number {
  return errors.reduce<number>((largest, error) => Math.max(largest, error ?? 0), 0);
}
