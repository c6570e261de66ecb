import {
  ACTIONS,
  CAMERAS,
  correction,
  createRng,
  detections,
  hardwareTopics,
  NO_TOLERANCE,
  operatorJog,
  type Pose,
  pose,
  quaternion,
  type Rng,
  shape,
  TOPICS,
  TRAJECTORY_ERRORS,
  trajectoryTolerances,
  transform,
} from '../../contracts/index.ts';
import { ContractValues } from './random_contract.ts';

/** Where every camera of these samples stands: a third of a turn about x = y = z, whose matrix is exact. */
export const CAMERA_POSE: Pose = { position: [1, 2, 3], orientation: [0.5, 0.5, 0.5, 0.5] };
const T_WORLD_CAMERA = [0, 0, 1, 1, 1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 0, 1];
const K = [500, 0, 320, 0, 501, 240, 0, 0, 1];

const hardware = hardwareTopics('/controller');
const row = (rng: Rng, n: number) => Float64Array.from({ length: n }, () => rng.normal());
const names = (n: number) => Array.from({ length: n }, (_, i) => `joint_${i + 1}`);
const stamp = (rng: Rng) => BigInt(rng.int(2 ** 30)) * 1_000_000_007n + 1n;
const often = (rng: Rng) => rng.int(3) > 0;

function unit(rng: Rng): number[] {
  const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const scale = (q[3] < 0 ? -1 : 1) / Math.hypot(...q);
  return q.map((value) => value * scale);
}

/** Rows of n joints at times that a Duration holds exactly; speeds are missing now and then. */
function trajectory(rng: Rng) {
  const [n, count] = [1 + rng.int(3), 1 + rng.int(4)];
  let t_ns = rng.int(1e9);
  const time_s = Float64Array.from({ length: count }, () => {
    t_ns += 1 + rng.int(2e9);
    return Math.floor(t_ns / 1e9) + (t_ns % 1e9) / 1e9;
  });
  const optional = () => (often(rng) ? row(rng, n * count) : new Float64Array(0));
  const position = row(rng, n * count);
  return { joint_names: names(n), time_s, position, velocity: optional(), acceleration: optional() };
}

function image(rng: Rng, fill: (size: number) => unknown) {
  const [width, height] = [1 + rng.int(5), 1 + rng.int(5)];
  return { stamp_ns: stamp(rng), frame_id: 'camera_optical', width, height, data: fill(width * height) };
}

const shapes = (rng: Rng) => {
  const [a, b, c] = [rng.uniform() + 0.01, rng.uniform() + 0.01, rng.uniform() + 0.01];
  const kinds = [
    { type: 'box', size: [a, b, c] },
    { type: 'cylinder', radius: a, length: b },
    { type: 'sphere', radius: c },
  ];
  return kinds[rng.int(3)];
};

function tolerances(rng: Rng) {
  const some = () =>
    Object.fromEntries(names(1 + rng.int(3)).map((name) => [name, often(rng) ? rng.uniform() + 1e-3 : NO_TOLERANCE]));
  const all = { path_rad: some(), goal_rad: some(), goal_time_s: [0.5, 1.25, NO_TOLERANCE][rng.int(3)] };
  const kept = Object.entries(all).filter(() => often(rng));
  return kept.length === 0 ? { goal_time_s: 2 } : Object.fromEntries(kept);
}

function feedback(rng: Rng) {
  const n = 1 + rng.int(3);
  const [desired, actual] = [row(rng, n), row(rng, n)];
  const max_error_rad = Math.max(...desired.map((value, i) => Math.abs(value - actual[i])));
  return { time_s: 1 + rng.int(256) / 256, max_error_rad, joints: { names: names(n), desired, actual } };
}

const jogWithoutJoints = operatorJog.omit({ joint_names: true, joint_velocity: true });

/** By schema: messages whose fields depend on each other, and values that ROS can tell from what is missing. */
const special = new Map<unknown, (rng: Rng, values: ContractValues) => unknown>([
  [quaternion, unit],
  [shape, shapes],
  [trajectoryTolerances, tolerances],
  [ACTIONS.follow_joint_trajectory.goal.shape.label, () => 'lift'],
  [ACTIONS.follow_joint_trajectory.goal.shape.trajectory, trajectory],
  [ACTIONS.follow_joint_trajectory.feedback, feedback],
  [ACTIONS.gripper.goal, (rng) => ({ width_m: rng.uniform(), force_N: rng.uniform() + 1 })],
  [
    ACTIONS.follow_joint_trajectory.result,
    (rng) => {
      const error = TRAJECTORY_ERRORS[rng.int(TRAJECTORY_ERRORS.length)];
      const failed = error !== 'successful' && often(rng);
      return {
        ok: !failed,
        reason: failed ? 'because' : '',
        final_error_rad: Number.NaN,
        ...(failed ? { error } : {}),
      };
    },
  ],
  [
    TOPICS.joint_states.schema,
    (rng) => {
      const n = rng.int(4);
      return {
        stamp_ns: stamp(rng),
        names: names(n),
        position: row(rng, n),
        velocity: row(rng, n),
        effort: row(rng, n),
      };
    },
  ],
  [CAMERAS.overview.colour.schema, (rng) => image(rng, (n) => Uint8Array.from({ length: 3 * n }, () => rng.int(256)))],
  [
    CAMERAS.overview.depth.schema,
    (rng) => image(rng, (n) => Float32Array.from({ length: n }, () => (often(rng) ? rng.uniform() + 0.1 : 0))),
  ],
  [
    CAMERAS.overview.info.schema,
    (rng) => ({
      ...{ stamp_ns: stamp(rng), frame_id: 'camera_optical', name: 'overview', width: 640, height: 480, K },
      ...{ D: [...row(rng, 5)], distortion_model: 'plumb_bob', T_world_camera_optical: T_WORLD_CAMERA },
    }),
  ],
  [
    TOPICS.tf.schema,
    (rng, values) => ({
      stamp_ns: stamp(rng),
      transforms: Array.from({ length: 1 + rng.int(3) }, () => values.draw(transform)),
    }),
  ],
  [
    TOPICS.markers.schema,
    (rng, values) => ({
      stamp_ns: stamp(rng),
      markers: ['line_strip', 'sphere_list', 'cube', 'delete_all'].map((kind, id) => ({
        ...{ namespace: 'plan', id, frame_id: 'world', kind, pose: values.draw(pose), scale: [0.1, 0.2, 0.3] },
        ...{ colour: [1, 0.5, 0.25, 0.75], points: Array.from({ length: rng.int(3) }, () => [...row(rng, 3)]) },
      })),
    }),
  ],
  [
    correction.shape.seen,
    (_rng, values) => {
      const seen = values.draw(detections);
      return { ...seen, detections: [seen.detections[0] ?? values.draw(detections.shape.detections.unwrap().element)] };
    },
  ],
  [TOPICS.servo_jog.schema, (rng) => ({ stamp_ns: stamp(rng), names: names(2), velocity: row(rng, 2) })],
  [
    TOPICS.operator_jog.schema,
    (rng, values) => {
      const joint_names = names(rng.int(3));
      return { ...values.draw(jogWithoutJoints), joint_names, joint_velocity: row(rng, joint_names.length) };
    },
  ],
  [hardware.trajectory.schema, (rng) => ({ stamp_ns: stamp(rng), ...trajectory(rng) })],
  [
    hardware.state.schema,
    (rng) => {
      const side = () => ({ position: row(rng, 3), velocity: row(rng, 3) });
      return { stamp_ns: stamp(rng), joint_names: names(3), reference: side(), feedback: side(), error: side() };
    },
  ],
]);
/** Drawn messages of all topics, services and actions, such as come back from ROS as they went. */
export const rosSamples = (seed: number): ContractValues => new ContractValues(createRng(seed, 'ros samples'), special);
