import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { forwardKinematics, framePose, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { Launched } from './support/launched.ts';
import { requirePeer } from './support/peer.ts';
import { freshDomain, type RosTestbed, rosForTests } from './support/ros.ts';
import { RosPeer } from './support/ros_peer.ts';

const GRAPH = {
  nodes: {
    sim: { kind: 'sim', parameters: { seed: 1, joint_states: true } },
    robot_state_publisher: { kind: 'robot_state_publisher' },
  },
};
const stamp = z.object({ sec: z.number(), nanosec: z.number() });
const header = z.object({ stamp, frame_id: z.string() });
const xyz = z.object({ x: z.number(), y: z.number(), z: z.number() });
const rotation = xyz.extend({ w: z.number() });
const transforms = z.object({
  transforms: z.array(
    z.object({ header, child_frame_id: z.string(), transform: z.object({ translation: xyz, rotation }) }),
  ),
});
type Edge = z.infer<typeof transforms>['transforms'][number];
const joints = z.object({ header, name: z.array(z.string()), position: z.array(z.number()) });
const entityState = z.object({
  result: z.object({ result: z.number() }),
  state: z.object({ header, pose: z.object({ position: xyz, orientation: rotation }) }),
});

const time_s = ({ sec, nanosec }: z.infer<typeof stamp>) => sec + nanosec / 1e9;

/** T_root_link along the edges, rotation row-major 9 and position 3. */
function chain(link: string, edges: readonly Edge[]): number[] | null {
  let [R, p] = [
    [1, 0, 0, 0, 1, 0, 0, 0, 1],
    [0, 0, 0],
  ];
  for (let at = link, k = 0; at !== 'world'; k++) {
    const above = edges.filter(({ child_frame_id }) => child_frame_id === at);
    if (above.length !== 1 || k > 30) return null;
    const { rotation: q, translation: t } = above[0].transform;
    const A = [
      ...[1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y - q.z * q.w), 2 * (q.x * q.z + q.y * q.w)],
      ...[2 * (q.x * q.y + q.z * q.w), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z - q.x * q.w)],
      ...[2 * (q.x * q.z - q.y * q.w), 2 * (q.y * q.z + q.x * q.w), 1 - 2 * (q.x * q.x + q.y * q.y)],
    ];
    const row = (r: number, v: readonly number[]) => A[3 * r] * v[0] + A[3 * r + 1] * v[1] + A[3 * r + 2] * v[2];
    const turned = R;
    R = [0, 1, 2].flatMap((r) => [0, 1, 2].map((c) => row(r, [turned[c], turned[3 + c], turned[6 + c]])));
    const moved = p;
    p = [t.x, t.y, t.z].map((shift, r) => row(r, moved) + shift);
    at = above[0].header.frame_id;
  }
  return [...R, ...p];
}

describe('a simulated cell, asked by rclpy', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'surepick-simulation-'));
  let ros: RosTestbed | null = null;
  let missing = '';
  let launched: Launched | null = null;
  let peer: RosPeer;

  beforeAll(async () => {
    const found = await rosForTests();
    if (!('env' in found)) {
      missing = found.missing;
      return;
    }
    ros = found;
    const domain = freshDomain();
    launched = Launched.start(ros, scratch, domain, GRAPH);
    peer = await RosPeer.start(ros, domain);
    await launched.running.said(/up; Ctrl-C/);
  }, 300_000);
  afterAll(async () => {
    await peer?.stop();
    launched?.killAll();
    rmSync(scratch, { recursive: true });
  });

  const call = (type: string, name: string, request: object = {}) =>
    peer.call(`simulation_interfaces/srv/${type}`, `/${name}`, request);
  const code = async (type: string, name: string, request: object = {}): Promise<number> => {
    const { result } = await call(type, name, request);
    return result.result;
  };
  const setState = (state: number) => code('SetSimulationState', 'set_simulation_state', { state: { state } });

  it('has one tree of frames, which agrees with the joint states', async (ctx) => {
    if (ros === null) return requirePeer(ctx, 'ros', missing, false);
    const latched = { durability: 'transient_local', reliability: 'reliable', depth: 10 } as const;
    await peer.subscribe('tf2_msgs/msg/TFMessage', '/tf_static', latched);
    await peer.subscribe('tf2_msgs/msg/TFMessage', '/tf');
    await peer.subscribe('sensor_msgs/msg/JointState', '/joint_states');
    await peer.subscribe('std_msgs/msg/String', '/robot_description', latched);
    // A publisher of frames that was held up skips joint states: pairs of one stamp are waited for, not messages.
    const [states, moving] = [new Map<number, z.infer<typeof joints>>(), new Map<number, Edge[]>()];
    const pairs = () =>
      [...moving].flatMap(([stamp_s, moved]) => {
        const state = states.get(stamp_s);
        return state === undefined ? [] : [{ state, moved }];
      });
    while (pairs().length <= 50) {
      for (const state of z.array(joints).parse(await peer.collect('/joint_states', (all) => all.length > 0)))
        states.set(time_s(state.header.stamp), state);
      for (const { transforms: edges } of z.array(transforms).parse(await peer.collect('/tf', (all) => all.length > 0)))
        moving.set(time_s(edges[0].header.stamp), edges);
    }
    const fixed = z.array(transforms).parse(await peer.collect('/tf_static', (all) => all.length >= 2));
    const description = await peer.collect('/robot_description', (all) => all.length >= 1);
    expect(description[0].data).toContain('<robot name="panda">');

    const { model } = loadRobot('panda', { visualMeshes: false });
    const data = new RobotData(model);
    const pose = new Float64Array(12);
    let worst = 0;
    for (const { state, moved } of pairs()) {
      const { name, position } = state;
      const edges = [...fixed.flatMap((message) => message.transforms), ...moved];
      forwardKinematics(
        model,
        data,
        Float64Array.from(model.joint_names, (joint) => position[name.indexOf(joint)]),
      );
      model.frames.forEach((frame, k) => {
        framePose(model, data, k, pose);
        const T = chain(frame.name, edges);
        expect(T, frame.name).not.toBeNull();
        worst = Math.max(worst, ...pose.map((x, i) => Math.abs(x - (T?.[i] ?? Number.NaN))));
      });
      expect(chain('camera_color_optical_frame', edges)).not.toBeNull();
    }
    expect(worst).toBeLessThan(1e-6);
  });

  it('pauses, steps, resets and plays', async (ctx) => {
    if (ros === null) return requirePeer(ctx, 'ros', missing, false);
    const features = await call('GetSimulatorFeatures', 'get_simulator_features');
    expect(features.features.features).toEqual(expect.arrayContaining([0, 1, 10, 11, 14, 20, 24, 25, 26, 32]));
    expect(await code('StepSimulation', 'step_simulation', { steps: 1 })).toBe(3);
    expect(await setState(2)).toBe(1);
    expect(await setState(2)).toBe(101);
    const stampOf = async () => {
      const answer = await call('GetEntityState', 'get_entity_state', { entity: 'panda' });
      return time_s(entityState.parse(answer).state.header.stamp);
    };
    const paused_s = await stampOf();
    expect(await code('StepSimulation', 'step_simulation', { steps: 250 })).toBe(1);
    expect((await stampOf()) - paused_s).toBeCloseTo(0.5, 6);
    expect(await code('ResetSimulation', 'reset_simulation', { scope: 1 })).toBe(1);
    expect(await stampOf()).toBe(0);
    expect((await call('GetSimulationState', 'get_simulation_state')).state.state).toBe(2);
    await peer.subscribe('rosgraph_msgs/msg/Clock', '/clock');
    expect(await setState(1)).toBe(1);
    const clocks = await peer.collect('/clock', (all) => all.length > 100);
    const times = clocks.map(({ clock }) => time_s(stamp.parse(clock)));
    for (let k = 1; k < times.length; k++) expect(times[k]).toBeGreaterThanOrEqual(times[k - 1]);
    expect(times.at(-1)).toBeLessThan(30);
  });

  it('spawns, moves, finds and deletes', async (ctx) => {
    if (ros === null) return requirePeer(ctx, 'ros', missing, false);
    const { spawnables } = await call('GetSpawnables', 'get_spawnables');
    const [{ uri }] = spawnables;
    const pose = { position: { x: 0.3, y: -0.4, z: 0.1 }, orientation: { x: 0, y: 0, z: 0, w: 1 } };
    const request = { name: 'extra', uri, initial_pose: { header: { frame_id: 'world' }, pose } };
    const spawned = await call('SpawnEntity', 'spawn_entity', request);
    expect(spawned).toMatchObject({ result: { result: 1 }, entity_name: 'extra' });
    expect(await code('SpawnEntity', 'spawn_entity', request)).toBe(101);
    expect(await code('SpawnEntity', 'spawn_entity', { ...request, name: 'x', uri: 'surepick://box/pink' })).toBe(106);
    const found = await call('GetEntities', 'get_entities', { filters: { filter: '^ext' } });
    expect(found.entities).toEqual(['extra']);
    const there = { ...pose, position: { x: 0.35, y: -0.35, z: 0.0225 } };
    const moved = { entity: 'extra', state: { header: { frame_id: 'world' }, pose: there } };
    expect(await code('SetEntityState', 'set_entity_state', moved)).toBe(1);
    const { state } = entityState.parse(await call('GetEntityState', 'get_entity_state', { entity: 'extra' }));
    expect(state.pose.position.x).toBeCloseTo(0.35, 3);
    expect(await code('DeleteEntity', 'delete_entity', { entity: 'extra' })).toBe(1);
    expect(await code('DeleteEntity', 'delete_entity', { entity: 'extra' })).toBe(2);
  });

  it('quits when it is asked to', async (ctx) => {
    if (ros === null || launched === null) return requirePeer(ctx, 'ros', missing, false);
    expect(await setState(3)).toBe(1);
    const { code: ended, stderr } = await launched.running.ended;
    expect(ended, stderr).toBe(0);
    await launched.untilNoneIsLeft(1000);
  });
});
