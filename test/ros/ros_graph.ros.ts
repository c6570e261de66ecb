import { describe, expect, it } from 'vitest';
import {
  ACTIONS,
  CAMERAS,
  type Detections,
  type JointState,
  type SafetyState,
  SERVICES,
  TOPICS,
} from '../../contracts/index.ts';
import { busesForTests, eventually } from '../support/ros_buses.ts';

const { make, errors } = busesForTests();
const RELIABLE = { reliability: 'reliable', durability: 'volatile', depth: 10 } as const;

const state = (stamp_ns: bigint): JointState => ({
  stamp_ns,
  names: ['a', 'b'],
  position: Float64Array.of(0.25, -1),
  velocity: Float64Array.of(0, 1e-3),
  effort: Float64Array.of(3, 4),
});

describe('a guarded callback', () => {
  it('outlives exceptions in a message, a timer, a service, a goal and a cancel', async () => {
    const bus = await make('thrower');
    let states = 0;
    bus.subscribe(TOPICS.joint_states, 'reader', () => {
      states++;
      throw new Error('message');
    });
    bus.clock.schedule(bus.clock.now_ns(), () => {
      throw new Error('timer');
    });
    bus.serve(SERVICES.safety_stop, () => {
      throw new Error('service');
    });
    bus.serve(SERVICES.safety_reset, async () => {
      throw new Error('late service');
    });
    bus.serveAction(ACTIONS.gripper, ({ width_m }, handle) => {
      if (width_m > 0.05) throw new Error('goal');
      handle.onCancel(() => {
        handle.abort({ width_m: 0.01, stalled: false, reached: false });
        throw new Error('cancel');
      });
    });
    bus.publish(TOPICS.joint_states, state(1n));
    await eventually(() => expect(states).toBe(1));
    expect(await bus.call(SERVICES.safety_stop, {})).toEqual({ success: false, message: 'service' });
    expect(await bus.call(SERVICES.safety_reset, {})).toEqual({ success: false, message: 'late service' });
    const ends: string[] = [];
    const send = (width_m: number) =>
      bus.sendGoal(ACTIONS.gripper, { width_m, force_N: 1 }, { onResult: (status) => void ends.push(status) });
    send(0.06);
    await eventually(() => expect(ends).toEqual(['aborted']));
    send(0.02).cancel();
    await eventually(() => expect(ends).toEqual(['aborted', 'canceled']));
    expect([...errors].sort()).toEqual([
      'action /gripper_controller/gripper_cmd: Error: cancel',
      'action /gripper_controller/gripper_cmd: Error: goal',
      'reader on /joint_states: Error: message',
      'service /safety/reset: Error: late service',
      'service /safety/stop: Error: service',
      'timer: Error: timer',
    ]);
    bus.publish(TOPICS.joint_states, state(2n));
    await eventually(() => expect(states).toBe(2));
  });

  it('reports what cannot be read, by topic and field, and hears the next message', async () => {
    const bus = await make('reader');
    const other = await make('writer');
    const seen: bigint[] = [];
    bus.subscribe(TOPICS.joint_states, 'reader', ({ stamp_ns }) => void seen.push(stamp_ns));
    const raw = other.raw.advertise('sensor_msgs/msg/JointState', TOPICS.joint_states.name, RELIABLE);
    await eventually(() => expect(raw.subscribers).toBe(1));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const header = { stamp: { sec: 0, nanosec: 5 }, frame_id: '' };
    raw.publish({ header, name: ['a', 'b'], position: Float64Array.of(1) });
    raw.publish({ header, name: ['a'], position: [1, 2], velocity: [0], effort: [0] });
    raw.publish({ header, name: ['a'], position: [1], velocity: [0], effort: [0] });
    await eventually(() => expect(seen).toEqual([5n]));
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(error).toMatch(/reader on \/joint_states: InputError: .*position/);
  });

  it('aborts the goal of an asynchronous handler that fails, and says why', async () => {
    const bus = await make('late');
    bus.serveAction(ACTIONS.task, async () => {
      await Promise.resolve();
      throw new Error('lost the object');
    });
    const ends: string[] = [];
    const container = { centre: [0, 0, 0], inner: [1, 1, 1] } as const;
    bus.sendGoal(
      ACTIONS.task,
      { task: 'clutter', bin: container, tray: container },
      { onResult: (status, { reason }) => void ends.push(`${status}: ${reason}`) },
    );
    await eventually(() => expect(ends).toEqual(['aborted: lost the object']));
  });
});

describe('names', () => {
  it('keeps robots of two namespaces apart, and lets a remapping join them', async () => {
    const [one, two, third] = await Promise.all([
      make('arm', { namespace: '/robot1' }),
      make('arm', { namespace: '/robot2' }),
      make('watcher', { remap: ['/joint_states:=/robot1/joint_states', '/safety/stop:=/robot2/safety/stop'] }),
    ]);
    expect([one.fullName, two.fullName, third.fullName]).toEqual(['/robot1/arm', '/robot2/arm', '/watcher']);
    const seen: string[] = [];
    one.subscribe(TOPICS.joint_states, 'one', ({ stamp_ns }) => void seen.push(`one ${stamp_ns}`));
    two.subscribe(TOPICS.joint_states, 'two', ({ stamp_ns }) => void seen.push(`two ${stamp_ns}`));
    third.subscribe(TOPICS.joint_states, 'third', ({ stamp_ns }) => void seen.push(`third ${stamp_ns}`));
    one.serve(SERVICES.safety_stop, () => ({ success: true, message: 'one' }));
    two.serve(SERVICES.safety_stop, () => ({ success: true, message: 'two' }));
    one.publish(TOPICS.joint_states, state(1n));
    two.publish(TOPICS.joint_states, state(2n));
    await eventually(() => expect([...seen].sort()).toEqual(['one 1', 'third 1', 'two 2']));
    const answers = await Promise.all([one, two, third].map((bus) => bus.call(SERVICES.safety_stop, {})));
    expect(answers.map(({ message }) => message)).toEqual(['one', 'two', 'two']);
  });

  it('refuses names that ROS 2 refuses, and a second domain in one process', async () => {
    await expect(make('no spaces')).rejects.toThrow(/no spaces/);
    await expect(make('a', { remap: ['nonsense'] })).rejects.toThrow(/nonsense/);
    await make('first');
    await expect(make('second', { domain_id: 232 })).rejects.toThrow(/domain id 232/);
  });
});

describe('messages that need more than themselves', () => {
  const info = (stamp_ns: bigint) => ({
    stamp_ns,
    frame_id: 'wrist_optical',
    name: 'wrist',
    width: 64,
    height: 48,
    K: [50, 0, 32, 0, 50, 24, 0, 0, 1],
    D: [0, 0, 0, 0, 0],
    distortion_model: 'plumb_bob' as const,
    T_world_camera_optical: [1, 0, 0, 9, 0, 1, 0, 9, 0, 0, 1, 9, 0, 0, 0, 1],
  });
  const edge = (parent: string, child: string, x: number) => ({
    parent,
    child,
    pose: { position: [x, 0, 0], orientation: [0, 0, 0, 1] } as const,
  });

  it('gives a camera its pose from the frame tree, between two stamps, once they are there', async () => {
    const camera = await make('camera');
    const reader = await make('perception');
    const seen: number[] = [];
    reader.subscribe(CAMERAS.wrist.info, 'perception', ({ T_world_camera_optical }) => {
      seen.push(T_world_camera_optical[3]);
    });
    camera.publish(TOPICS.tf_static, { stamp_ns: 0n, transforms: [edge('hand', 'wrist_optical', 10)] });
    camera.publish(TOPICS.tf, { stamp_ns: 1_000_000_000n, transforms: [edge('world', 'hand', 1)] });
    await eventually(() => expect(reader.frames.lookup('world', 'wrist_optical', 0n)).not.toBeNull());
    camera.publish(CAMERAS.wrist.info, info(1_010_000_000n));
    await eventually(() => expect(seen.length).toBe(1));
    camera.publish(CAMERAS.wrist.info, info(1_050_000_000n));
    camera.publish(TOPICS.tf, { stamp_ns: 1_100_000_000n, transforms: [edge('world', 'hand', 2)] });
    await eventually(() => expect(seen.length).toBe(2));
    expect(seen[0]).toBeCloseTo(11, 9);
    expect(seen[1]).toBeCloseTo(11.5, 9);
    camera.publish(CAMERAS.wrist.info, info(3_000_000_000n));
    await eventually(() => expect(errors.join()).toMatch(/camera_info: InputError: .*no transform from world/));
    expect(seen.length).toBe(2);
  });

  it('joins detections with their source', async () => {
    const sender = await make('perception');
    const reader = await make('planning');
    const seen: Detections[] = [];
    reader.subscribe(TOPICS.detections, 'planning', (message) => void seen.push(message));
    const sent = (stamp_ns: bigint): Detections => ({
      stamp_ns,
      frame_id: 'world',
      request_id: `overview/${stamp_ns}`,
      source: 'classical',
      degraded_reason: 'no model',
      model: 'none',
      detections: [],
    });
    for (let n = 1n; n <= 3n; n++) sender.publish(TOPICS.detections, sent(n));
    await eventually(() => expect(seen).toEqual([sent(1n), sent(2n), sent(3n)]));
  });
});

describe('simulated time', () => {
  it('follows a /clock that is best effort or reliable, also back', async () => {
    const simulator = await make('simulator', { namespace: '/elsewhere' });
    const node = await make('node', { use_sim_time: true, namespace: '/robot1' });
    const qos = { reliability: 'best_effort', durability: 'volatile', depth: 1 } as const;
    const clock = simulator.raw.advertise('rosgraph_msgs/msg/Clock', '/clock', qos);
    await eventually(() => expect(clock.subscribers).toBe(1));
    const called: bigint[] = [];
    node.clock.schedule(5_000_000_000n, () => called.push(node.clock.now_ns()));
    const tick = (sec: number) =>
      eventually(() => {
        clock.publish({ clock: { sec, nanosec: 0 } });
        expect(node.clock.now_ns()).toBe(BigInt(sec) * 1_000_000_000n);
      });
    await tick(4);
    expect(called).toEqual([]);
    await tick(6);
    expect(called).toEqual([6_000_000_000n]);
    await tick(1);
    node.useSimTime(false);
    expect(node.clock.now_ns()).toBeGreaterThan(1_000_000_000_000_000_000n);
    node.useSimTime(true);
    simulator.publish(TOPICS.clock, { stamp_ns: 9_000_000_000n });
    await eventually(() => expect(node.clock.now_ns()).toBe(9_000_000_000n));
  });
});

describe('servers that go away', () => {
  it('ends calls and goals under way with a reason', async () => {
    const server = await make('server');
    const client = await make('client');
    server.serve(SERVICES.safety_stop, () => new Promise(() => {}));
    server.serveAction(ACTIONS.pick_place, () => {});
    const call = client.call(SERVICES.safety_stop, {}).catch((error: unknown) => String(error));
    const result = new Promise<string>((resolve) => {
      const target = [0.5, 0, 0] as const;
      client.sendGoal(
        ACTIONS.pick_place,
        { object: { class: 'box', colour: 'red' }, target },
        { onFeedback: () => {}, onResult: (status, { reason }) => resolve(`${status}: ${reason}`) },
      );
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await server.shutdown();
    expect(await result).toBe('aborted: the node that served it has ended');
    expect(await call).toMatch(/\/safety\/stop: has no server/);
  });

  it('can be closed twice, and by its own callback', async () => {
    const bus = await make('closer');
    const other = await make('other');
    const closed = new Promise<void>((resolve) => {
      bus.subscribe(TOPICS.robot_description, 'closer', () => bus.shutdown().then(resolve));
    });
    other.publish(TOPICS.robot_description, { data: '<robot/>' });
    await closed;
    await bus.shutdown();
    const seen: SafetyState['mode'][] = [];
    other.subscribe(TOPICS.safety_state, 'still alive', ({ mode }) => void seen.push(mode));
    expect(other.subscribers(TOPICS.safety_state)).toBe(1);
  });
});

describe('who reads a topic', () => {
  it('is known by the names of nodes elsewhere', async () => {
    const here = await make('here');
    const there = await make('planner_there');
    expect(here.isReadBy(TOPICS.detections, ['planner_there'])).toBe(false);
    const reading = there.subscribe(TOPICS.detections, 'planning', () => {});
    await eventually(() => expect(here.isReadBy(TOPICS.detections, ['planner_there'])).toBe(true));
    expect(here.isReadBy(TOPICS.detections, ['planning'])).toBe(false);
    reading.unsubscribe();
    await eventually(() => expect(here.isReadBy(TOPICS.detections, ['planner_there'])).toBe(false));
  });
});

describe('what has no mapping', () => {
  it('is served and called by its fields, with 64 bit integers and strings of any script', async () => {
    const server = await make('server');
    const client = await make('client');
    server.raw.serve('rcl_interfaces/srv/GetParameters', '~/get', ({ names }) => ({
      values: (names as string[]).map((name) => ({
        type: 2,
        integer_value: 2n ** 60n + 1n,
        string_value: `${name} ü日`,
      })),
    }));
    const response = await client.raw.call('rcl_interfaces/srv/GetParameters', '/server/get', { names: ['x', 'y'] });
    const [first, second] = response.values as { integer_value: bigint; string_value: string }[];
    expect(first.integer_value).toBe(2n ** 60n + 1n);
    expect(second.string_value).toBe('y ü日');
  });
});
