import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { changeState, hostedNodes, parameterValue, setParameters, stateOf } from '../../test/support/hosted_nodes.ts';
import type { RosProcess } from '../../test/support/ros.ts';
import type { RosPeer } from '../../test/support/ros_peer.ts';

const GET = 'rcl_interfaces/srv/GetParameters';
const TYPES = 'rcl_interfaces/srv/GetParameterTypes';
const DESCRIBE = 'rcl_interfaces/srv/DescribeParameters';
const LIST = 'rcl_interfaces/srv/ListParameters';
const ATOMICALLY = 'rcl_interfaces/srv/SetParametersAtomically';
const { bool, bytes, double, doubles, integer, notSet, text, texts } = parameterValue;

const ready = hostedNodes('lifecycle_program');
/** Of the program's schema, as rclpy would declare them. */
const DEFAULTS = { fail_in: 'nowhere', fail_as: 'error', configure_s: 0.5, speed: 0.5, count: 3, robot: 'panda' };
const NESTED = { gains: [1.5, 2.5], names: ['a'], 'limits.low': 0.5, 'limits.deep.on': true };

const FILE = `
/**:
  ros__parameters: {count: 4, foreign: 1}
/cell/renamed:
  ros__parameters:
    speed: 0.125
    limits: {low: 7}
/cell/*:
  ros__parameters: {gains: [4, 5, 6.5]}
timed:
  ros__parameters: {use_sim_time: true}
listed:
  ros__parameters: {count: 3}
`;
const folder = mkdtempSync(join(tmpdir(), 'surepick-parameters-'));
afterAll(() => rmSync(folder, { recursive: true }));

let running: Promise<RosProcess> | undefined;
/** All nodes are in one process, and heard from the start. */
async function nodes(ctx: TestContext): Promise<RosPeer> {
  const { peer, start } = await ready(ctx);
  running ??= (async () => {
    await peer.subscribe('lifecycle_msgs/msg/TransitionEvent', '/told');
    for (const name of ['/cell/arm/joints', '/joint_states']) await peer.subscribe('sensor_msgs/msg/JointState', name);
    const file = join(folder, 'file.yaml');
    writeFileSync(file, FILE);
    return start(
      ...['listed', 'given', 'timed', '--ros-args', '--params-file', file],
      ...['-r', 'renamed:__ns:=/cell', '-r', 'given:__node:=renamed', '-r', 'renamed:~/transition_event:=/told'],
      ...['-r', 'renamed:joint_states:=arm/joints'],
      ...['-p', 'renamed:robot:=ur5', '-p', 'renamed:count:=5'],
    );
  })();
  await running;
  return peer;
}

describe('parameters of a hosted node, asked by rclpy', () => {
  it('are listed as rclpy lists its own, under any prefixes to any depth', async (ctx) => {
    const peer = await nodes(ctx);
    await peer.startOracle('lister', { ...DEFAULTS, ...NESTED });
    for (const prefixes of [[], ['limits'], ['limits.deep', 'speed'], ['lim'], ['nothing', 'limits.low']]) {
      for (const depth of [0, 1, 2, 3]) {
        const [ours, theirs] = [
          (await peer.call(LIST, '/listed/list_parameters', { prefixes, depth })).result,
          (await peer.call(LIST, '/lister/list_parameters', { prefixes, depth })).result,
        ];
        // rclpy declares parameters of its own: those that begin with the name of a service it has.
        const own = theirs.names.filter((name: string) => !name.startsWith('start_type'));
        expect(sorted(ours.names), `${prefixes} to ${depth}`).toEqual(sorted(own));
        expect(sorted(ours.prefixes), `${prefixes} to ${depth}`).toEqual(sorted(theirs.prefixes));
      }
    }
  });

  it('have values, types and descriptions with their ranges; unknown names are answered as rclpy does', async (ctx) => {
    const peer = await nodes(ctx);
    const names = ['speed', 'count', 'robot', 'gains', 'names', 'limits.deep.on', 'fail_in'];
    const { values } = await peer.call(GET, '/listed/get_parameters', { names });
    expect(values.map(({ type }: { type: number }) => type)).toEqual([3, 2, 4, 8, 9, 1, 4]);
    expect([values[0].double_value, values[1].integer_value, values[3].double_array_value]).toEqual([
      0.5,
      3,
      [1, 2, 3],
    ]);
    expect((await peer.call(TYPES, '/listed/get_parameter_types', { names })).types).toEqual([3, 2, 4, 8, 9, 1, 4]);
    const { descriptors } = await peer.call(DESCRIBE, '/listed/describe_parameters', { names });
    expect(descriptors[0]).toMatchObject({
      ...{ name: 'speed', type: 3, description: 'Share of full speed', read_only: false },
      floating_point_range: [{ from_value: 0, to_value: 1, step: 0 }],
    });
    expect(descriptors[1].integer_range).toEqual([{ from_value: 1, to_value: 9, step: 0 }]);
    expect(descriptors[2]).toMatchObject({ read_only: true, description: 'Name of the robot' });
    expect(descriptors[6].additional_constraints).toContain('one of nowhere, configure');
    for (const [type, service, field] of [
      [GET, 'get_parameters', 'values'],
      [TYPES, 'get_parameter_types', 'types'],
      [DESCRIBE, 'describe_parameters', 'descriptors'],
    ]) {
      const request = { names: ['speed', 'unknown'] };
      const ours = await peer.call(type, `/listed/${service}`, request);
      expect(ours).toEqual(await peer.call(type, `/lister/${service}`, request));
      expect(ours[field]).toEqual([]);
    }
  });

  it('refuse each bad value with a reason that names value and limit, and keep what they had', async (ctx) => {
    const peer = await nodes(ctx);
    const before = (await peer.call(GET, '/listed/get_parameters', { names: Object.keys(DEFAULTS) })).values;
    const refused: [string, object, string][] = [
      ['speed', double(1.5), 'speed = 1.5: Too big: expected number to be <=1'],
      ['speed', double('nan'), 'speed = NaN: must be a finite number'],
      ['speed', double('-inf'), 'speed = -Infinity: must be a finite number'],
      ['speed', notSet(), 'speed = not set: must have a value of type double'],
      ['speed', text('fast'), 'speed = fast: is of type string, must be of type double'],
      ['speed', bytes([1, 255]), 'speed = [1, 255]: is of type byte_array, must be of type double'],
      ['count', integer('4611686018427387904'), 'count = 4611686018427387904: Too big'],
      ['count', integer(0), 'count = 0: Too small: expected number to be >=1'],
      ['robot', text('ur5'), 'parameter robot: is read-only; give it at the start'],
      ['gains', doubles([1, 'nan', 2]), 'gains[1] = NaN: must be a finite number'],
      ['gains', doubles([1, 2]), 'gains = [1, 2]: Too small: expected array to have exactly 3 items'],
      ['fail_in', text('nirvana'), 'fail_in = nirvana: Invalid option'],
      ['flaps', double(1), 'parameter flaps: is not declared'],
    ];
    for (const [name, value, reason] of refused) {
      expect((await setParameters(peer, '/listed', { [name]: value }))[0], name).toContain(reason);
    }
    expect((await peer.call(GET, '/listed/get_parameters', { names: Object.keys(DEFAULTS) })).values).toEqual(before);
  });

  it('change one by one, or all or none, and tell of it on /parameter_events', async (ctx) => {
    const peer = await nodes(ctx);
    await peer.subscribe('rcl_interfaces/msg/ParameterEvent', '/parameter_events');
    // The peer has nodes of its own that publish there: it is ours that has to be heard.
    await peer.collect('/parameter_events', (heard) => {
      void setParameters(peer, '/listed', { speed: double(0.5) });
      return heard.some((one) => isListed(one));
    });
    const three = { speed: double(0.25), count: integer(99), names: texts(['ä', '箱']) };
    const [first, second, third] = await setParameters(peer, '/listed', three);
    expect([first, third]).toEqual(['', '']);
    expect(second).toContain('count = 99');
    const together = async (...parameters: { name: string; value: object }[]) =>
      (await peer.call(ATOMICALLY, '/listed/set_parameters_atomically', { parameters })).result;
    const none = await together({ name: 'speed', value: double(0.95) }, { name: 'count', value: integer(8) });
    expect(none).toEqual({ successful: false, reason: 'speed = 0.95: at most 0.9 with count over 5' });
    const all = await together({ name: 'speed', value: double(0.75) }, { name: 'count', value: integer(8) });
    expect(all).toEqual({ successful: true, reason: '' });
    const events = await peer.collect('/parameter_events', (heard) => heard.some((one) => isListed(one, 2)));
    const told = events
      .filter((one) => isListed(one))
      .slice(-3)
      .map(({ changed_parameters }) =>
        changed_parameters.map(({ name, value }: { name: string; value: Record<string, unknown> }) => [
          name,
          value.type,
        ]),
      );
    expect(told).toEqual([
      [['speed', 3]],
      [['names', 9]],
      [
        ['speed', 3],
        ['count', 2],
      ],
    ]);
  });

  it('that are taken up at configure can change only before it', async (ctx) => {
    const peer = await nodes(ctx);
    expect(await setParameters(peer, '/listed', { configure_s: double(0.01), 'limits.deep.on': bool(false) })).toEqual([
      '',
      '',
    ]);
    await changeState(peer, '/listed', { id: 1 });
    const [reason] = await setParameters(peer, '/listed', { configure_s: double(0.02) });
    expect(reason).toBe('parameter configure_s: is taken up at configure; clean the node up first, it is inactive');
    expect(await setParameters(peer, '/listed', { speed: integer(1), count: integer(1) })).toEqual([
      'speed = 1: at most 0.9 with count over 5',
      '',
    ]);
    await changeState(peer, '/listed', { label: 'cleanup' });
    expect(await setParameters(peer, '/listed', { configure_s: double(0.02) })).toEqual(['']);
  });

  it('come from files and the command line, for names, namespaces and rules that stand there', async (ctx) => {
    const peer = await nodes(ctx);
    const names = ['count', 'speed', 'limits.low', 'gains', 'robot'];
    const { values } = await peer.call(GET, '/cell/renamed/get_parameters', { names });
    expect([values[0].integer_value, values[1].double_value, values[2].double_value]).toEqual([5, 0.125, 7]);
    expect([values[3].double_array_value, values[4].string_value]).toEqual([[4, 5, 6.5], 'ur5']);
    await peer.matched('/told');
    await changeState(peer, '/cell/renamed', { id: 1 });
    await changeState(peer, '/cell/renamed', { id: 3 });
    await peer.collect('/told', ({ length }) => length >= 4);
    await peer.collect('/cell/arm/joints', ({ length }) => length >= 3);
  });

  it('switch a running node to the time of /clock and back', async (ctx) => {
    const peer = await nodes(ctx);
    for (const id of [1, 3]) await changeState(peer, '/timed', { id });
    await peer.take('/joint_states');
    const CLOCK = 'rosgraph_msgs/msg/Clock';
    let sec = 100;
    const stamps = await peer.collect('/joint_states', (heard) => {
      void peer.publish(CLOCK, '/clock', { clock: { sec: sec++ } });
      return heard.filter(({ header }) => header.stamp.sec > 100).length >= 3;
    });
    expect(stamps.every(({ header }) => header.stamp.sec <= sec)).toBe(true);
    expect(await setParameters(peer, '/timed', { use_sim_time: bool(false) })).toEqual(['']);
    await peer.collect('/joint_states', (heard) => heard.some(({ header }) => header.stamp.sec > 1e9));
    expect(await stateOf(peer, '/timed')).toBe('active');
  });
});

const sorted = (names: readonly string[]): string[] => [...names].sort();
const isListed = ({ node, changed_parameters }: Record<string, unknown>, least = 1): boolean =>
  node === '/listed' && (changed_parameters as unknown[]).length >= least;
