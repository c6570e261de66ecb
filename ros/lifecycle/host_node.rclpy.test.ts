import { describe, expect, it, type TestContext } from 'vitest';
import { changeState, hostedNodes, parameterValue, setParameters, stateOf } from '../../test/support/hosted_nodes.ts';
import type { RosProcess } from '../../test/support/ros.ts';
import type { RosPeer } from '../../test/support/ros_peer.ts';

const CHANGE = 'lifecycle_msgs/srv/ChangeState';
const STATES = 'lifecycle_msgs/srv/GetAvailableStates';
const TRANSITIONS = 'lifecycle_msgs/srv/GetAvailableTransitions';
const EVENT = 'lifecycle_msgs/msg/TransitionEvent';

const ready = hostedNodes('lifecycle_program');
const { text } = parameterValue;
const NAMES = ['walker', 'refuser', 'slow', 'early', 'middle', 'late'];
const TROUBLED = Array.from({ length: 9 }, (_, i) => `trouble_${i}`);

let running: Promise<RosProcess> | undefined;
/** All nodes are in one process. */
async function nodes(ctx: TestContext) {
  const { peer, start } = await ready(ctx);
  running ??= start(...NAMES, ...TROUBLED, '--ros-args', '-p', 'slow:configure_s:=1.0');
  return { peer, process: await running };
}

describe('a hosted node, asked by rclpy', () => {
  it('has the states, transitions and events of rclpy itself, by number and by name', async (ctx) => {
    const { peer } = await nodes(ctx);
    await peer.startOracle('oracle');
    const both = async <T>(ask: (node: string) => Promise<T>): Promise<T> => {
      const [ours, theirs] = [await ask('/walker'), await ask('/oracle')];
      expect(ours).toEqual(theirs);
      return ours;
    };
    for (const topic of ['/walker/transition_event', '/oracle/transition_event']) {
      await peer.subscribe(EVENT, topic);
      await peer.matched(topic);
    }
    await both(async (node) => ids((await peer.call(STATES, `${node}/get_available_states`, {})).available_states));
    await both(async (node) => arrows(await peer.call(TRANSITIONS, `${node}/get_transition_graph`, {})));
    const requests = [
      { id: 1 },
      { id: 3 },
      { label: 'deactivate' },
      { id: 99, label: 'cleanup' },
      { label: 'configure' },
      { id: 6 },
    ];
    for (const request of requests) {
      await both(async (node) => arrows(await peer.call(TRANSITIONS, `${node}/get_available_transitions`, {})));
      expect(await both((node) => changeState(peer, node, request))).toBe(true);
      await both((node) => stateOf(peer, node));
    }
    const heard: Record<string, Record<string, unknown>[]> = {};
    const events = await both(async (node) => {
      heard[node] = await peer.collect(`${node}/transition_event`, ({ length }) => length >= 2 * requests.length);
      return heard[node].map(({ start_state, goal_state }) => [start_state, goal_state]);
    });
    expect(events).toHaveLength(2 * requests.length);
    // rclpy's events leave the transition empty, which is in the table that both have.
    const graph = arrows(await peer.call(TRANSITIONS, '/oracle/get_transition_graph', {}));
    for (const event of heard['/walker']) expect(graph).toContain(arrow(event as unknown as Described));
    expect(await stateOf(peer, '/walker')).toBe('finalized');
  });

  it('refuses what its state does not allow, and is none the worse', async (ctx) => {
    const { peer } = await nodes(ctx);
    for (const request of [{ id: 3 }, { id: 10 }, { label: 'fly' }, { label: 'transition_success' }, { id: 255 }]) {
      expect(await changeState(peer, '/refuser', request), JSON.stringify(request)).toBe(false);
    }
    expect(await stateOf(peer, '/refuser')).toBe('unconfigured');
    expect(await changeState(peer, '/refuser', { id: 1 })).toBe(true);
  });

  it('answers a slow configure when it is done, and says what it does meanwhile', async (ctx) => {
    const { peer } = await nodes(ctx);
    await peer.subscribe(EVENT, '/slow/transition_event');
    await peer.matched('/slow/transition_event');
    expect(await stateOf(peer, '/slow')).toBe('unconfigured');
    await peer.begin(CHANGE, '/slow/change_state', { transition: { id: 1 } });
    await peer.collect('/slow/transition_event', ({ length }) => length > 0);
    expect(await stateOf(peer, '/slow')).toBe('configuring');
    expect(await changeState(peer, '/slow', { label: 'shutdown' })).toBe(false);
    expect(await peer.finish('/slow/change_state')).toEqual({ success: true });
    expect(await stateOf(peer, '/slow')).toBe('inactive');
  });

  it('shuts down from each state', async (ctx) => {
    const { peer } = await nodes(ctx);
    for (const node of ['/middle', '/late']) await changeState(peer, node, { id: 1 });
    await changeState(peer, '/late', { id: 3 });
    for (const [node, id] of [
      ['/early', 5],
      ['/middle', 6],
      ['/late', 7],
    ] as const) {
      expect(await changeState(peer, node, { id: 1 })).toBe(node === '/early');
      if (node === '/early') await changeState(peer, node, { label: 'cleanup' });
      expect(await changeState(peer, node, { id })).toBe(true);
      expect(await stateOf(peer, node)).toBe('finalized');
      expect((await peer.call(TRANSITIONS, `${node}/get_available_transitions`, {})).available_transitions).toEqual([]);
    }
  });

  it.for([
    ['configure', 'input', 'unconfigured'],
    ['configure', 'error', 'unconfigured'],
    ['activate', 'input', 'inactive'],
    ['activate', 'error', 'unconfigured'],
    ['deactivate', 'input', 'active'],
    ['deactivate', 'error', 'finalized'],
    ['cleanup', 'input', 'inactive'],
    ['cleanup', 'error', 'finalized'],
  ])('an exception in %s (%s) leads to %s and leaves the process alive', async ([place, as, state], ctx) => {
    await troubled(ctx, async (peer, node) => {
      for (const request of ['configure', 'activate', 'deactivate', 'cleanup']) {
        if (request === place) await setParameters(peer, node, { fail_in: text(place), fail_as: text(as) });
        expect(await changeState(peer, node, { label: request })).toBe(request !== place);
        if (request === place) break;
      }
      expect(await stateOf(peer, node)).toBe(state);
      if (state === 'finalized') return;
      await setParameters(peer, node, { fail_in: text('nowhere') });
      expect(await changeState(peer, node, { label: state === 'unconfigured' ? 'configure' : 'shutdown' })).toBe(true);
    });
  });

  let count = 0;
  /** Each time another of nine nodes in one process, which all of their failures must leave alive. */
  async function troubled(ctx: TestContext, work: (peer: RosPeer, node: string) => Promise<void>): Promise<void> {
    const { peer, process: running } = await nodes(ctx);
    await work(peer, `/trouble_${count++}`);
    expect(running.child.exitCode).toBeNull();
  }

  it('an exception in a handler or timer is told in /diagnostics and changes nothing else', async (ctx) => {
    await troubled(ctx, async (peer, node) => {
      await peer.subscribe('diagnostic_msgs/msg/DiagnosticArray', '/diagnostics');
      await changeState(peer, node, { id: 1 });
      await changeState(peer, node, { id: 3 });
      await setParameters(peer, node, { fail_in: text('handler') });
      const wrench = { header: { frame_id: 'tool' } };
      for (let i = 0; i < 10; i++) await peer.publish('geometry_msgs/msg/WrenchStamped', '/ft_sensor/wrench', wrench);
      // A busy machine makes the node warn of other things, too.
      const ofHandler = (one: Record<string, unknown>) =>
        statusOf(one, node).message.includes('handler was asked to fail');
      const told = await peer.collect('/diagnostics', (all) => all.some(ofHandler));
      const status = told.filter(ofHandler).map((one) => statusOf(one, node))[0];
      expect(status.level).toBe(1);
      expect(status.values.state).toBe('active');
      expect(status.values.speed_share).toBe('0.5');
      const rate = (one: Record<string, unknown>) => Number(statusOf(one, node).values['/joint_states rate_Hz']);
      await peer.collect('/diagnostics', (all) => all.some((one) => rate(one) > 5));
      await peer.subscribe('sensor_msgs/msg/JointState', '/joint_states');
      for (const [place, message] of [
        ['callback', 'a callback outside the bus: callback was asked to fail'],
        ['promise', 'a promise that nobody waited for: promise was asked to fail'],
        ['timer', 'timer: timer was asked to fail'],
      ]) {
        await setParameters(peer, node, { fail_in: text(place) });
        const failed = (one: Record<string, unknown>) => statusOf(one, node).values.last_error === message;
        await peer.collect('/diagnostics', (all) => all.some(failed));
        if (place === 'timer') break;
        await peer.take('/joint_states');
        await peer.collect('/joint_states', ({ length }) => length > 5);
      }
      expect(await stateOf(peer, node)).toBe('active');
    });
  });

  it('beats on /heartbeats and logs on /rosout, also for who comes late', async (ctx) => {
    const { peer } = await nodes(ctx);
    await peer.subscribe('surepick_msgs/msg/Heartbeat', '/heartbeats', { reliability: 'best_effort' });
    await peer.subscribe('rcl_interfaces/msg/Log', '/rosout', { durability: 'transient_local', depth: 1000 });
    const own = (heard: readonly Record<string, unknown>[]) => heard.filter(({ node }) => node === '/refuser');
    const beats = own(await peer.collect('/heartbeats', (heard) => own(heard).length >= 20));
    const sequence = beats.map((beat) => Number(beat.sequence));
    expect(sequence.every((value, i) => i === 0 || value > sequence[i - 1])).toBe(true);
    expect(beats[0].timeout_s).toBeCloseTo(0.2);
    const said = (heard: readonly Record<string, unknown>[], name: string, level: number, msg: string) =>
      heard.some((log) => log.name === name && log.level === level && String(log.msg).includes(msg));
    await peer.collect('/rosout', (heard) =>
      [
        said(heard, 'refuser', 20, 'inactive'),
        said(heard, 'refuser', 30, 'fly: not from unconfigured'),
        said(heard, 'trouble_1', 40, 'configure was asked to fail'),
      ].every((each) => each),
    );
  });

  it('leaves the graph and ends with 0 when it is asked to, every node finalized', async (ctx) => {
    const { child, ended } = (await nodes(ctx)).process;
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n').at(-1)).toBe(`ended${' finalized'.repeat(NAMES.length + TROUBLED.length)}`);
  });
});

function ids(states: readonly { id: number; label: string }[]): string[] {
  return states.map(({ id, label }) => `${id} ${label}`).sort();
}

interface Described {
  readonly transition: { readonly id: number; readonly label: string };
  readonly start_state: { readonly label: string };
  readonly goal_state: { readonly label: string };
}

function arrows(answer: { available_transitions?: readonly Described[] }): string[] {
  const { available_transitions = [] } = answer;
  return available_transitions.map(arrow).sort();
}

function arrow({ transition: { id, label }, start_state, goal_state }: Described): string {
  return `${id} ${label} ${start_state.label} ${goal_state.label}`;
}

function statusOf(message: Record<string, unknown>, node: string) {
  const status = (
    message.status as { name: string; level: number; message: string; values: { key: string; value: string }[] }[]
  ).find(({ name }) => name.startsWith(`${node}:`));
  const values = Object.fromEntries((status?.values ?? []).map(({ key, value }) => [key, value]));
  return { level: status?.level, message: status?.message ?? '', values };
}
