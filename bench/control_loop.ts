import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { JointTrajectory } from '../contracts/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import {
  ChannelReader,
  ChannelWriter,
  type ControlState,
  closeChannel,
  LATENESS_BYTES,
  LatenessHistogram,
  openChannel,
  RealTimeControl,
  SimulatedArmProcess,
} from '../runtime/index.ts';
import type { BareLoopSetup } from './bare_loop_worker.ts';
import { type Benchmark, type BenchmarkRow, medianSeconds, row } from './benchmark.ts';

const RATES_HZ = [500, 1000];
/** Bare, whole, whole, bare: what changes on the machine meanwhile falls on both. */
const SECONDS = 2.5;
const LATE_S = [0.0005, 0.001, 0.005];
/** Why the arm is stopped on a machine that is too busy for it. */
const TOO_LATE: readonly string[] = ['late_cycle', 'lease_lost', 'stop_requested_1'];

interface Whole {
  readonly lateness: LatenessHistogram;
  readonly states: readonly ControlState[];
}

/** The control thread with supervisor and arm in processes of their own, on the wall clock, beside an empty loop. */
export const controlLoop: Benchmark = {
  name: 'control-loop',
  claim: 'how late the cycles of controller, gate and driver begin on the wall clock, beside a loop that does nothing',
  async run(progress) {
    const rows: BenchmarkRow[] = [];
    const states: ControlState[] = [];
    const robot = loadRobot('panda');
    for (const hz of RATES_HZ) {
      progress(`${hz} Hz, alternating with an empty loop`);
      const bare = await bareLoop(hz);
      const whole = await wholeLoop(robot, hz);
      const again = await wholeLoop(robot, hz);
      whole.lateness.merge(again.lateness);
      bare.merge(await bareLoop(hz));
      states.push(...whole.states, ...again.states);
      rows.push(...compare(hz, whole.lateness, bare));
    }
    progress('one record through a channel');
    rows.push(...channelCost());
    const done = states.filter(({ follower_outcome }) => follower_outcome === 'done').length;
    const stopped = states.filter(({ latched_reasons }) => latched_reasons.some((reason) => TOO_LATE.includes(reason)));
    const detail = `${done} done, ${stopped.length} stopped for lateness, of ${states.length}`;
    const dropped = states.reduce((sum, state) => sum + state.records_dropped, 0);
    return {
      rows,
      checks: [
        {
          name: 'every motion was done, or stopped for lateness',
          pass: done + stopped.length === states.length,
          detail,
        },
        { name: 'no record was torn or foreign', pass: dropped === 0, detail: `${dropped} dropped` },
      ],
    };
  },
};

function compare(hz: number, whole: LatenessHistogram, bare: LatenessHistogram): BenchmarkRow[] {
  const beside = (name: string, value: number, unit: string, reference: number): BenchmarkRow => {
    const result = row(`${hz} Hz: ${name}`, value, unit, { name: 'empty loop', value: reference });
    return reference === 0 ? { ...result, ratio: null } : result;
  };
  return [
    beside('cycles', whole.total, 'cycles', bare.total),
    ...LATE_S.map((limit_s) =>
      beside(`later than ${1000 * limit_s} ms`, whole.countOver(limit_s), 'cycles', bare.countOver(limit_s)),
    ),
    beside('median lateness', 1e3 * whole.quantile(0.5), 'ms', 1e3 * bare.quantile(0.5)),
    beside('99.99 % are not later than', 1e3 * whole.quantile(0.9999), 'ms', 1e3 * bare.quantile(0.9999)),
  ];
}

async function bareLoop(hz: number): Promise<LatenessHistogram> {
  const lateness = new SharedArrayBuffer(LATENESS_BYTES);
  const setup: BareLoopSetup = { hz, seconds: SECONDS, lateness };
  const worker = new Worker(fileURLToPath(new URL('./bare_loop_worker.js', import.meta.url)), { workerData: setup });
  await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  return new LatenessHistogram(lateness);
}

/** The arm swings out and back while the lateness is counted. */
async function wholeLoop(robot: Robot, hz: number): Promise<Whole> {
  const arm = await SimulatedArmProcess.start({ robot, hz, log_file: null });
  try {
    const control = await RealTimeControl.start({ robot: robot.name, hz, arm: arm.link });
    try {
      for (let i = 0; control.state().mode !== 'automatic' && i < 500; i++) await sleep(2);
      control.lateness.clear();
      await control.startTrajectory(swing(robot, control.state().reference, SECONDS - 0.5));
      await sleep(1000 * SECONDS);
      const lateness = new LatenessHistogram();
      lateness.merge(control.lateness);
      return { lateness, states: [control.state()] };
    } finally {
      await control.close();
    }
  } finally {
    await arm.close();
  }
}

/** Out and back along sin⁴, at rest at both ends. */
function swing(robot: Robot, from: Float64Array, duration_s: number): JointTrajectory {
  const n = robot.arm_joints;
  const samples = Math.round(100 * duration_s) + 1;
  const trajectory = {
    joint_names: robot.model.joint_names.slice(0, n),
    time_s: Float64Array.from({ length: samples }, (_, k) => (duration_s * k) / (samples - 1)),
    position: new Float64Array(n * samples),
    velocity: new Float64Array(n * samples),
    acceleration: new Float64Array(n * samples),
  };
  const w = Math.PI / duration_s;
  trajectory.time_s.forEach((t, k) => {
    const [s, c] = [Math.sin(w * t), Math.cos(w * t)];
    for (let i = 0; i < n; i++) {
      const amplitude = 0.3 / (1 + i);
      trajectory.position[n * k + i] = from[i] + amplitude * s ** 4;
      trajectory.velocity[n * k + i] = amplitude * 4 * w * s ** 3 * c;
      trajectory.acceleration[n * k + i] = amplitude * 4 * w * w * s * s * (3 * c * c - s * s);
    }
  });
  return trajectory;
}

/** Time to write and to read one record of the arm's state, sealed and checked. */
function channelCost(): BenchmarkRow[] {
  const channel = openChannel(35);
  try {
    const writer = new ChannelWriter(channel);
    const reader = new ChannelReader(channel);
    const calls = 5000;
    const each = (work: () => void) => {
      const repeat = () => {
        for (let i = 0; i < calls; i++) work();
      };
      return (1e6 * medianSeconds(repeat, 9, 2)) / calls;
    };
    return [
      row(
        'write of a record of 304 bytes',
        each(() => writer.send()),
        'us',
      ),
      row(
        'read of it',
        each(() => reader.poll()),
        'us',
      ),
    ];
  } finally {
    closeChannel(channel);
  }
}
