import { createRng, type Rng } from '../contracts/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import {
  type CommandSourceKind,
  createCommandRequest,
  envelopeForRobot,
  type Obstacle,
  OutputMonitor,
  SafetyGate,
} from '../safety/index.ts';
import { type Benchmark, type BenchmarkRow, row } from './benchmark.ts';

const HZ = 500;
const WARM_UP = 20_000;
const CYCLES = 100_000;
/** Cycles after which the commands change. */
const HOLD = 60;

interface Scenario {
  readonly name: string;
  readonly obstacles: number;
  readonly reduced: boolean;
  readonly commands: 'hostile' | 'smooth';
  readonly source?: CommandSourceKind;
  /** Quantiles of the cycle times that are bounded, and their bounds in µs. */
  readonly limits_us: readonly (readonly [quantile: number, limit_us: number])[];
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'feasible commands', obstacles: 0, reduced: false, commands: 'smooth', limits_us: [[0.5, 5]] },
  { name: 'hostile, no obstacles', obstacles: 0, reduced: false, commands: 'hostile', limits_us: [[0.5, 8]] },
  {
    name: 'hostile, 20 obstacles, reduced speed',
    obstacles: 20,
    reduced: true,
    commands: 'hostile',
    limits_us: [[0.99, 60]],
  },
  {
    name: 'hostile, 20 obstacles, full speed',
    obstacles: 20,
    reduced: false,
    commands: 'hostile',
    limits_us: [[0.99, 130]],
  },
  {
    name: 'hostile servo, 20 obstacles, full speed',
    obstacles: 20,
    reduced: false,
    commands: 'hostile',
    source: 'servo',
    limits_us: [
      [0.99, 150],
      [0.9999, 400],
    ],
  },
];

export const gateBenchmark: Benchmark = {
  name: 'gate',
  claim:
    'the gate costs under 5 µs (median; 8 under hostile commands) without obstacles, under 60 and 130 µs (99 %) among 20, and 150 (99 %) and 400 (99.99 %) where it changes commands as little as can be',
  async run(progress) {
    const robot = loadRobot('panda');
    const rows: BenchmarkRow[] = [];
    const checks: { name: string; pass: boolean; detail: string }[] = [];
    for (const scenario of SCENARIOS) {
      progress(scenario.name);
      const { times, violations, refused } = measure(robot, scenario);
      const bare = bareLoop(times.length);
      const at = (sorted: Float64Array, q: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
      for (const [label, q] of [
        ['median', 0.5],
        ['99 %', 0.99],
        ['99.99 %', 0.9999],
      ] as const) {
        rows.push(row(`${scenario.name}: ${label}`, at(times, q), 'µs', { name: 'bare loop', value: at(bare, q) }));
      }
      for (const [quantile, limit_us] of scenario.limits_us) {
        const bounded = at(times, quantile);
        checks.push({
          name: `${scenario.name}: cost`,
          pass: bounded < limit_us,
          detail: `${100 * quantile} % ${bounded.toFixed(1)} µs, at most ${limit_us}`,
        });
      }
      checks.push({
        name: `${scenario.name}: limits`,
        pass: violations === 0,
        detail: `${violations} violations in ${times.length} cycles, ${refused} of them limited`,
      });
    }
    return { rows, checks };
  },
};

/** Cycle times in µs, sorted. */
function measure(robot: Robot, scenario: Scenario): { times: Float64Array; violations: number; refused: number } {
  const envelope = envelopeForRobot(robot);
  const gate = new SafetyGate(envelope, robot, HZ);
  gate.reset(robot.home_q, 0.08);
  gate.lease.extend(Number.POSITIVE_INFINITY);
  gate.setEnabled(true);
  if (scenario.reduced) gate.selectMode('reduced');
  const rng = createRng(1, scenario.name);
  if (scenario.obstacles > 0) gate.setObstacles(around(gate, robot, rng, scenario.obstacles), 0);
  const n = robot.arm_joints;
  const monitor = new OutputMonitor(envelope, robot, HZ, robot.home_q, new Float64Array(n));
  const request = createCommandRequest(n);
  request.source = scenario.source ?? 'trajectory';
  const times = new Float64Array(CYCLES);
  for (let k = 0; k < WARM_UP + CYCLES; k++) {
    const t = (k + 1) / HZ;
    request.stamp_s = t;
    if (scenario.commands === 'smooth') {
      request.kind = 'position';
      for (let i = 0; i < n; i++) {
        request.values[i] = robot.home_q[i] + 0.2 * (1 - Math.cos(0.002 * k)) * Math.sin(0.0007 * (i + 1) * k);
      }
    } else if (k % HOLD === 0) {
      request.kind = 'velocity';
      for (let i = 0; i < n; i++) {
        // On the whole back towards home, so that the arm does not end in a corner.
        const back = robot.home_q[i] - gate.lastCommand.position[i];
        request.values[i] =
          envelope.joints[i].velocity_rad_per_s * Math.max(-1, Math.min(1, 0.7 * rng.normal() + back));
      }
    }
    const started = performance.now();
    const command = gate.step(t, request);
    const ended = performance.now();
    if (k >= WARM_UP) times[k - WARM_UP] = 1000 * (ended - started);
    monitor.look(command, false);
  }
  return { times: times.sort(), violations: monitor.violations, refused: gate.limited };
}

/** What the same loop takes without a gate: the clock's own cost and the machine's interruptions. */
function bareLoop(cycles: number): Float64Array {
  const times = new Float64Array(cycles);
  for (let k = 0; k < cycles; k++) {
    const started = performance.now();
    const ended = performance.now();
    times[k] = 1000 * (ended - started);
  }
  return times.sort();
}

/** Obstacles about the arm at home, some near, none in its way there. */
function around(gate: SafetyGate, robot: Robot, rng: Rng, count: number): Obstacle[] {
  const obstacles: Obstacle[] = [];
  gate.setObstacles([], 0);
  const own = gate.clearanceOf(robot.home_q);
  for (let tries = 0; obstacles.length < count && tries < 100 * count; tries++) {
    const kind = rng.int(3);
    const obstacle: Obstacle = {
      id: `obstacle ${obstacles.length}`,
      shape:
        kind === 0
          ? { type: 'sphere', radius: rng.range(0.03, 0.1) }
          : kind === 1
            ? { type: 'box', size: [rng.range(0.05, 0.3), rng.range(0.05, 0.3), rng.range(0.05, 0.3)] }
            : { type: 'cylinder', radius: rng.range(0.02, 0.06), length: rng.range(0.1, 0.5) },
      pose: { position: [rng.range(-0.7, 0.9), rng.range(-0.8, 0.8), rng.range(0, 1.1)], orientation: [0, 0, 0, 1] },
      velocity_m_per_s: [0, 0, 0],
    };
    gate.setObstacles([...obstacles, obstacle], 0);
    if (gate.clearanceOf(robot.home_q) >= Math.min(own, 0.03)) obstacles.push(obstacle);
  }
  gate.setObstacles(obstacles, 0);
  return obstacles;
}
