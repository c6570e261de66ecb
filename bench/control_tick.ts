import type { JointTrajectory } from '../contracts/index.ts';
import {
  ArmDynamics,
  CartesianImpedance,
  ContactDetector,
  GravityCompensation,
  JointImpedance,
  OperationalSpace,
  type RobotState,
  type TorqueController,
  TrajectoryFollower,
} from '../control/index.ts';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { createCommandRequest, envelopeForRobot, type SafetyMode } from '../safety/index.ts';
import { type Benchmark, type BenchmarkRow, row } from './benchmark.ts';

const HZ = 1000;
const WARM_UP = 30_000;
const CYCLES = 100_000;
const MEDIAN_US = 10;
const P9999_US = 500;
/** Share of cycles that a busy machine may interrupt before nothing can be said. */
const MOST_INTERRUPTED = 0.05;

/** One controller: a cycle of it at time t for a state that it is given, and the numbers it wrote. */
interface Subject {
  readonly name: string;
  readonly output: Float64Array;
  tick(t_s: number, state: RobotState): void;
}

/** What one cycle of each controller costs, without gate, driver and arm, beside the inverse dynamics of the arm alone. */
export const controlTick: Benchmark = {
  name: 'control-tick',
  claim: `one cycle of every controller costs under ${MEDIAN_US} µs (median) and under ${P9999_US} µs (99.99 %) for 7 joints`,
  async run(progress) {
    const robot = loadRobot('panda');
    const rows: BenchmarkRow[] = [];
    const checks: { name: string; pass: boolean; detail: string }[] = [];
    const reference = measure(inverseDynamics(robot), robot);
    for (const subject of subjects(robot)) {
      progress(subject.name);
      const times = measure(subject, robot);
      const figures: readonly (readonly [string, number, number])[] = [
        ['median', quantile(times.own, 0.5), quantile(reference.own, 0.5)],
        ['99 %', quantile(times.own, 0.99), quantile(reference.own, 0.99)],
        ['99.99 %', quantile(times.own, 0.9999), quantile(reference.own, 0.9999)],
        ['99.99 %, interruptions too', quantile(times.all, 0.9999), quantile(reference.all, 0.9999)],
      ];
      for (const [label, value, bare] of figures) {
        rows.push(row(`${subject.name}: ${label}`, value, 'µs', { name: 'inverse dynamics', value: bare }));
      }
      const interrupted = times.all.length - times.own.length;
      checks.push({
        name: `${subject.name}: cost`,
        pass: figures[0][1] < MEDIAN_US && figures[2][1] < P9999_US && interrupted < MOST_INTERRUPTED * CYCLES,
        detail: `median ${figures[0][1].toFixed(2)} µs, 99.99 % ${figures[2][1].toFixed(1)} µs, ${interrupted} of ${CYCLES} interrupted`,
      });
      checks.push({
        name: `${subject.name}: result`,
        pass: subject.output.every(Number.isFinite) && subject.output.some((value) => value !== 0),
        detail: [...subject.output].map((value) => value.toFixed(2)).join(' '),
      });
    }
    return { rows, checks };
  },
};

/** Cycle times in µs, sorted: of all cycles, and of those in which the system left the processor to the controller. */
interface Times {
  readonly all: Float64Array;
  readonly own: Float64Array;
}

const quantile = (sorted: Float64Array, q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

/** Of an arm that swings about home. */
function measure(subject: Subject, robot: Robot): Times {
  const { nq } = robot.model;
  const state: RobotState = {
    position: robot.home_q.slice(),
    velocity: new Float64Array(nq),
    effort: new Float64Array(nq),
    wrench: new Float64Array(6),
  };
  const all = new Float64Array(CYCLES);
  const own: number[] = [];
  for (let k = 0; k < WARM_UP + CYCLES; k++) {
    const t = k / HZ;
    for (let i = 0; i < robot.arm_joints; i++) {
      const rate = 1 + 0.2 * i;
      state.position[i] = robot.home_q[i] + 0.02 * (1 - Math.cos(rate * t));
      state.velocity[i] = 0.02 * rate * Math.sin(rate * t);
    }
    const switches = process.resourceUsage().involuntaryContextSwitches;
    const started = performance.now();
    subject.tick(t, state);
    const took_us = 1000 * (performance.now() - started);
    if (k < WARM_UP) continue;
    all[k - WARM_UP] = took_us;
    if (process.resourceUsage().involuntaryContextSwitches === switches) own.push(took_us);
  }
  return { all: all.sort(), own: Float64Array.from(own).sort() };
}

function inverseDynamics({ model }: Robot): Subject {
  const data = new RobotData(model);
  const output = new Float64Array(model.nq);
  return {
    name: 'inverse dynamics',
    output,
    tick(_t, { position, velocity }) {
      forwardKinematics(model, data, position);
      rnea(model, data, velocity, null, output);
    },
  };
}

function subjects(robot: Robot): Subject[] {
  const controllers: readonly [string, TorqueController][] = [
    ['joint impedance', new JointImpedance(new ArmDynamics(robot))],
    ['Cartesian impedance', new CartesianImpedance(new ArmDynamics(robot), { frame: 'tool' })],
    ['operational space', new OperationalSpace(new ArmDynamics(robot))],
    ['weight compensation', new GravityCompensation(new ArmDynamics(robot))],
  ];
  const torques = controllers.map(([name, controller]): Subject => {
    const output = new Float64Array(robot.arm_joints);
    let begun = false;
    return {
      name,
      output,
      tick(_t, state) {
        if (!begun) controller.begin(state);
        begun = true;
        controller.torque(state, output);
      },
    };
  });
  const detector = new ContactDetector(robot, HZ);
  const contact: Subject = {
    name: 'contact detection',
    output: detector.threshold,
    tick: (_t, state) => detector.update(state),
  };
  return [follower(robot, 1), follower(robot, 0.7), ...torques, contact];
}

/** Joint trajectory control of a slow swing, whose speed is changed again and again if it is not all of it. */
function follower(robot: Robot, speed: number): Subject {
  const n = robot.arm_joints;
  const gate = {
    pace: 1,
    paceOf: () => 1,
    speedShareOf: () => 1,
    mode: 'automatic' as SafetyMode,
    atRest: true,
    hz: HZ,
    envelope: envelopeForRobot(robot),
    lastCommand: {
      position: robot.home_q.slice(0, n),
      velocity: new Float64Array(n),
      acceleration: new Float64Array(n),
    },
  };
  // The state is an arm's that swings by 0.04 rad; so are the tolerances.
  const controller = new TrajectoryFollower(robot, HZ, { path_tolerance_rad: 1 });
  const request = createCommandRequest(n);
  controller.start(slow(robot), gate);
  let cycles = 0;
  return {
    name: speed === 1 ? 'joint trajectory' : 'joint trajectory, changing speed',
    output: request.values,
    tick(t, { position, velocity }) {
      if (speed !== 1 && cycles % 400 === 0) controller.setSpeed(cycles % 800 === 0 ? speed : 1);
      cycles++;
      controller.update(t, position, velocity, gate, request);
    },
  };
}

/** Half a turn of a cosine, sampled at the control rate, longer than the measurement. */
function slow(robot: Robot): JointTrajectory {
  const n = robot.arm_joints;
  const samples = WARM_UP + CYCLES + 1000;
  const w = Math.PI / ((samples - 1) / HZ);
  const table = (f: (t: number) => number) =>
    Float64Array.from({ length: n * samples }, (_, k) => f(Math.floor(k / n) / HZ));
  const rest = (values: Float64Array<ArrayBuffer>) => values.fill(0, n * (samples - 1));
  return {
    joint_names: robot.model.joint_names.slice(0, n),
    time_s: Float64Array.from({ length: samples }, (_, k) => k / HZ),
    position: table((t) => 0.15 * (1 - Math.cos(w * t))).map((x, k) => x + robot.home_q[k % n]),
    velocity: rest(table((t) => 0.15 * w * Math.sin(w * t))),
    acceleration: rest(table((t) => 0.15 * w * w * Math.cos(w * t))),
  };
}
