import { CollisionWorld } from '../collision/index.ts';
import { createRng } from '../contracts/index.ts';
import {
  CollisionSlowdown,
  type PolicyInference,
  PolicyRunner,
  parsePolicyManifest,
  type RobotState,
  Servo,
  type ServoGateView,
} from '../control/index.ts';
import { forwardKinematics, frameIndex, frameJacobian, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type CommandRequest, createCommandRequest } from '../safety/index.ts';
import { type Benchmark, row } from './benchmark.ts';

const HZ = 1000;
const WARM_UP = 20_000;
const CYCLES = 100_000;
const NEW_TWIST_EVERY = 250;
const CHUNK = 20;
const TICK_MEDIAN_US = 10;
const TICK_TAIL_US = 500;
/** Where a microsecond's work takes so long, others hold the processor and a tail says nothing. */
const BUSY_US = 100;

/** One cycle of the servo under random twists, without and with a look at distances, beside the kinematics in it. */
export const servo: Benchmark = {
  name: 'servo',
  claim: `a cycle of the servo in a median of ${TICK_MEDIAN_US} µs, p99.99 under ${TICK_TAIL_US} µs; with distances to a cell of ten obstacles every cycle`,
  async run(progress) {
    const robot = loadRobot('panda');
    progress(`${CYCLES} cycles of kinematics and Jacobian alone`);
    const bare = bareKinematics(robot);
    progress('and of the servo');
    const alone = drive(robot, null);
    progress('and of a policy over the servo');
    const policy = drivePolicy(robot);
    progress('and of the servo among obstacles');
    const world = new CollisionWorld(robot);
    world.setObstacles(cell());
    const guarded = drive(robot, new CollisionSlowdown(robot, world));
    const reference = (value: number) => ({ name: 'forward kinematics and Jacobian', value });
    const judge = new CollisionWorld(robot);
    judge.setObstacles(cell());
    return {
      rows: [
        row('servo: median', alone.median_us, 'µs', reference(bare.median_us)),
        row('servo: 99.99 %', alone.tail_us, 'µs', reference(bare.tail_us)),
        row('policy of chunks of 20 over the servo: median', policy.median_us, 'µs', reference(bare.median_us)),
        row('policy of chunks of 20 over the servo: 99.99 %', policy.tail_us, 'µs', reference(bare.tail_us)),
        row('servo among obstacles: median', guarded.median_us, 'µs', reference(bare.median_us)),
        row('servo among obstacles: 99 %', guarded.p99_us, 'µs', reference(bare.p99_us)),
        row('servo among obstacles: 99.99 %', guarded.tail_us, 'µs', reference(bare.tail_us)),
        row('servo among obstacles: part of cycles slowed by contact', guarded.slowed, ''),
      ],
      checks: [
        {
          name: `median of the servo under ${TICK_MEDIAN_US} µs`,
          pass: alone.median_us < TICK_MEDIAN_US,
          detail: `${alone.median_us.toFixed(2)} µs`,
        },
        {
          name: `median of a policy over it under ${TICK_MEDIAN_US} µs`,
          pass: policy.running && policy.travelled > 10 && policy.travelled < 1000 && policy.median_us < TICK_MEDIAN_US,
          detail: `${policy.median_us.toFixed(2)} µs, ${policy.travelled.toFixed(0)} rad travelled`,
        },
        {
          name: `p99.99 of the servo under ${TICK_TAIL_US} µs`,
          pass: alone.tail_us < TICK_TAIL_US || bare.tail_us > BUSY_US,
          detail: `${alone.tail_us.toFixed(1)} µs${bare.tail_us > BUSY_US ? `; the machine is busy: kinematics alone took ${bare.tail_us.toFixed(1)} µs` : ''}`,
        },
        {
          name: 'it moved, was slowed by contact, and never touched',
          pass: guarded.travelled > 10 && guarded.slowed > 0 && judged(judge, guarded.path) > 0,
          detail: `${guarded.travelled.toFixed(0)} rad travelled, least distance ${(1000 * judged(judge, guarded.path)).toFixed(2)} mm`,
        },
      ],
    };
  },
};

/** Walls about the arm, a table under it and posts on it. */
function cell() {
  const box = (name: string, size: readonly [number, number, number], position: readonly [number, number, number]) => ({
    name,
    shape: { type: 'box' as const, size },
    pose: { position, orientation: [0, 0, 0, 1] as const },
  });
  return [
    box('table', [2, 2, 0.1], [0, 0, -0.06]),
    box('front', [0.1, 2, 2], [0.8, 0, 1]),
    box('left', [2, 0.1, 2], [0, 0.75, 1]),
    box('right', [2, 0.1, 2], [0, -0.75, 1]),
    ...[0, 1, 2, 3, 4, 5].map((k) =>
      box(`post ${k}`, [0.04, 0.04, 0.3], [0.35 + 0.15 * (k % 3), k < 3 ? 0.3 : -0.3, 0.15]),
    ),
  ];
}

interface Times {
  readonly median_us: number;
  readonly p99_us: number;
  readonly tail_us: number;
}

function times(samples: Float64Array): Times {
  samples.sort();
  const at = (part: number) => samples[Math.floor(part * samples.length)];
  return { median_us: at(0.5), p99_us: at(0.99), tail_us: at(0.9999) };
}

function bareKinematics(robot: ReturnType<typeof loadRobot>): Times {
  const { model } = robot;
  const data = new RobotData(model);
  const J = new Float64Array(6 * model.nq);
  const frame = frameIndex(model, robot.tcp_frame);
  const q = robot.home_q.slice();
  const samples = new Float64Array(CYCLES);
  for (let k = -WARM_UP; k < CYCLES; k++) {
    q[0] = Math.sin(k / 500);
    const started = performance.now();
    forwardKinematics(model, data, q);
    frameJacobian(model, data, frame, J);
    if (k >= 0) samples[k] = (performance.now() - started) * 1000;
  }
  return times(samples);
}

interface Source {
  update(motion_s: number, state: RobotState, gate: ServoGateView, request: CommandRequest): void;
}

/** A servo under random twists, each for a quarter of a second. */
function drive(robot: ReturnType<typeof loadRobot>, guard: CollisionSlowdown | null) {
  const servo = new Servo(robot, HZ, {}, guard);
  const rng = createRng(7, 'servo benchmark');
  const twist = new Float64Array(6);
  return run(robot, servo, servo, (k) => {
    if (k % NEW_TWIST_EVERY === 0) for (let d = 0; d < 6; d++) twist[d] = rng.range(-1, 1) * (d < 3 ? 0.4 : 1);
    servo.setTwist(twist);
  });
}

/** A policy that answers at once with chunks of positions about home, at 20 Hz. */
function drivePolicy(robot: ReturnType<typeof loadRobot>) {
  const n = robot.arm_joints;
  const manifest = parsePolicyManifest(
    {
      ...{ schema: 'surepick.policy', version: 1, name: 'wave', model: 'wave.onnx', sha256: '0'.repeat(64) },
      ...{ robot: robot.name, rate_hz: 20, input: 'observation', output: 'actions', chunk: CHUNK },
      ...{ observation: ['joint_position'], action: ['joint_position'], ensembling_decay: 0.01 },
      observation_mean: new Array(n).fill(0),
      observation_scale: new Array(n).fill(1),
      action_mean: [...robot.home_q.subarray(0, n)],
      action_scale: new Array(n).fill(0.2),
    },
    'policy of the benchmark',
    n,
  );
  let asked = -1;
  const inference: PolicyInference = {
    failure: '',
    submit(step) {
      asked = step;
      return true;
    },
    take(chunk) {
      const step = asked;
      asked = -1;
      for (let k = 0; step >= 0 && k < chunk.length; k++) chunk[k] = Math.sin((step + Math.floor(k / n)) / 6 + (k % n));
      return step;
    },
  };
  const servo = new Servo(robot, HZ);
  const runner = new PolicyRunner({ robot, hz: HZ, manifest, inference, servo, gripper: null });
  runner.start();
  return { ...run(robot, runner, servo, () => {}), running: runner.phase === 'running' };
}

/** The arm goes exactly where it is sent. */
function run(robot: ReturnType<typeof loadRobot>, source: Source, servo: Servo, before: (k: number) => void) {
  const n = robot.arm_joints;
  const request = createCommandRequest(n);
  const { nq } = robot.model;
  const state: RobotState = {
    position: robot.home_q.slice(),
    velocity: new Float64Array(nq),
    effort: new Float64Array(nq),
    wrench: new Float64Array(6),
  };
  const lastCommand = {
    position: robot.home_q.slice(0, n),
    velocity: new Float64Array(n),
    acceleration: new Float64Array(n),
  };
  const gate = { mode: 'automatic' as const, paceOf: () => 1, speedShareOf: () => 1, lastCommand };
  const samples = new Float64Array(CYCLES);
  const path: Float64Array[] = [];
  let slowed = 0;
  let travelled = 0;
  for (let k = -WARM_UP; k < CYCLES; k++) {
    if (k % NEW_TWIST_EVERY === 0) path.push(lastCommand.position.slice());
    before(k);
    request.kind = 'none';
    const started = performance.now();
    source.update((k + WARM_UP) / HZ, state, gate, request);
    if (k >= 0) samples[k] = (performance.now() - started) * 1000;
    if (servo.status.reason === 'collision') slowed++;
    for (let i = 0; i < n; i++) {
      const p = request.kind === 'none' ? lastCommand.position[i] : request.values[i];
      const v = (p - lastCommand.position[i]) * HZ;
      travelled += Math.abs(p - lastCommand.position[i]);
      lastCommand.acceleration[i] = (v - lastCommand.velocity[i]) * HZ;
      lastCommand.velocity[i] = v;
      lastCommand.position[i] = p;
      state.position[i] = p;
    }
  }
  return { ...times(samples), slowed: slowed / (CYCLES + WARM_UP), travelled, path };
}

/** Least distance to the obstacles over positions (m). */
function judged(world: CollisionWorld, path: readonly Float64Array[]): number {
  const table = world.proximityTable();
  let least = Number.POSITIVE_INFINITY;
  for (const q of path) {
    world.distances(q, 0, 0.1, table);
    least = Math.min(least, ...table.distance_m.slice(0, table.links));
  }
  return least;
}
