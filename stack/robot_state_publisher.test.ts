import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createRng,
  InProcessBus,
  PACKAGE_ROOT,
  type Pose,
  SILENT_LOG,
  SimClock,
  TOPICS,
  type Transforms,
} from '../contracts/index.ts';
import { forwardKinematics, framePose, RobotData } from '../dynamics/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { RobotStatePublisher, type RobotStatePublisherOptions } from './robot_state_publisher.ts';

const GOLDEN = join(PACKAGE_ROOT, 'robots', 'golden');

async function publisher(robot: Robot, options: RobotStatePublisherOptions = {}) {
  const bus = new InProcessBus({ validate: true });
  const moving: Transforms[] = [];
  const node = new RobotStatePublisher(robot, options);
  await node.configure({ bus, clock: new SimClock(), log: SILENT_LOG });
  node.activate();
  let fixed: Transforms | null = null;
  let description = '';
  bus.subscribe(TOPICS.tf, 'test', (message) => void moving.push(message));
  bus.subscribe(TOPICS.tf_static, 'test', (message) => {
    fixed = message;
  });
  bus.subscribe(TOPICS.robot_description, 'test', ({ data }) => {
    description = data;
  });
  const tell = (stamp_ns: bigint, names: readonly string[], position: Float64Array<ArrayBuffer>) => {
    const zero = new Float64Array(names.length);
    bus.publish(TOPICS.joint_states, { stamp_ns, names, position, velocity: zero, effort: zero });
  };
  return { node, moving, tell, fixed: () => fixed as Transforms | null, description: () => description };
}

/** Rotation row-major and position of a pose. */
function matrix({ position, orientation: [x, y, z, w] }: Pose): number[] {
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    ...[2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    ...[2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ...position,
  ];
}

function times(a: number[], b: number[]): number[] {
  const row = (r: number, c: number) => a[3 * r] * b[c] + a[3 * r + 1] * b[3 + c] + a[3 * r + 2] * b[6 + c];
  const R = Array.from({ length: 9 }, (_, i) => row(Math.floor(i / 3), i % 3));
  const p = [0, 1, 2].map((r) => a[3 * r] * b[9] + a[3 * r + 1] * b[10] + a[3 * r + 2] * b[11] + a[9 + r]);
  return [...R, ...p];
}

/** T_world_link by walking up the edges; null if the walk does not end at the world. */
function lookup(link: string, edges: readonly { parent: string; child: string; pose: Pose }[]): number[] | null {
  let T = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
  for (let at = link, k = 0; at !== 'world'; k++) {
    const above = edges.filter(({ child }) => child === at);
    if (above.length !== 1 || k > edges.length) return null;
    T = times(matrix(above[0].pose), T);
    at = above[0].parent;
  }
  return T;
}

describe.each(['panda', ...['ur_like', 'tree_0', 'tree_2'].map((name) => join(GOLDEN, `${name}.urdf`))])(
  'frames of %s',
  (spec) => {
    const robot = loadRobot(spec, { visualMeshes: false });
    const { model } = robot;

    it('are one tree whose edges agree with the joint states', async () => {
      const { moving, tell, fixed } = await publisher(robot, { urdf: spec });
      const rng = createRng(7);
      const data = new RobotData(model);
      const pose = new Float64Array(12);
      for (let trial = 0; trial < 50; trial++) {
        const q = Float64Array.from({ length: model.nq }, () => rng.range(-1.5, 1.5));
        tell(BigInt(trial + 1) * 10_000_000n, model.joint_names, q);
        expect(moving).toHaveLength(trial + 1);
        const edges = [...(fixed()?.transforms ?? []), ...moving[trial].transforms];
        expect(new Set(edges.map(({ child }) => child)).size).toBe(edges.length);
        forwardKinematics(model, data, q);
        model.frames.forEach(({ name }, k) => {
          framePose(model, data, k, pose);
          const T = lookup(name, edges);
          expect(T, `${name} hangs on the world`).not.toBeNull();
          const error = Math.max(...pose.map((x, i) => Math.abs(x - (T?.[i] ?? Number.NaN))));
          expect(error, `trial ${trial}, ${name}`).toBeLessThan(1e-9);
        });
        expect(moving[trial].stamp_ns).toBe(BigInt(trial + 1) * 10_000_000n);
      }
    });
  },
);

describe('the robot state publisher', () => {
  const robot = loadRobot('panda', { visualMeshes: false });
  const names = robot.model.joint_names;

  it('keeps the names of the URDF, which it publishes', async () => {
    const { moving, tell, fixed, description } = await publisher(robot);
    tell(1n, names, robot.home_q.slice());
    expect(description()).toContain('<robot name="panda">');
    expect(moving[0].transforms.map(({ parent, child }) => `${parent} ${child}`)).toContain(
      'panda_hand panda_leftfinger',
    );
    const still = (fixed()?.transforms ?? []).map(({ parent, child }) => `${parent} ${child}`);
    expect(still).toEqual(
      expect.arrayContaining(['world panda_link0', 'panda_link7 panda_link8', 'panda_hand panda_hand_tcp']),
    );
    expect(still).toContain('wrist_camera_link wrist_camera_optical_frame');
    expect(moving[0].transforms).toHaveLength(9);
  });

  it('takes joints in any order and in parts, and waits for the last of them', async () => {
    const { node, moving, tell } = await publisher(robot);
    const reversed = [...names].reverse();
    const q = Float64Array.from(names, (_, i) => 0.1 * i);
    tell(1n, reversed.slice(0, 3), q.slice().reverse().slice(0, 3));
    expect(moving).toHaveLength(0);
    expect(node.diagnostics()).toHaveProperty('joints_unknown');
    tell(2n, reversed.slice(3), q.slice().reverse().slice(3));
    tell(3n, names, q);
    expect(moving).toHaveLength(2);
    expect(moving[0].transforms).toEqual(moving[1].transforms);
    expect(node.diagnostics()).toEqual({});
  });

  it('goes on where time is put back, and no faster than it is told to', async () => {
    const { moving, tell } = await publisher(robot, { period_s: 0.05 });
    const s = 1_000_000_000n;
    for (let k = 0n; k < 100n; k++) tell(60n * s + k * 10_000_000n, names, robot.home_q.slice());
    expect(moving).toHaveLength(20);
    tell(0n, names, robot.home_q.slice());
    expect(moving).toHaveLength(21);
  });
});
