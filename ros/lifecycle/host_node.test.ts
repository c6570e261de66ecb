import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  type Diagnostics,
  type Heartbeat,
  InputError,
  type JointState,
  type Node,
  type NodeContext,
  SERVICES,
  SILENT_LOG,
  TOPICS,
  updated,
} from '../../contracts/index.ts';
import { InProcessHostBus } from '../../test/support/host_bus.ts';
import { type ParameterOverride, ParameterStore } from '../parameters/index.ts';
import { hostNode } from './host_node.ts';
import { NodeErrors } from './node_errors.ts';

const schema = z.strictObject({
  size: z.int().min(1).default(2),
  speed: updated('live', z.number().max(1).default(0.5)),
});
const zero = new Float64Array(1);
const STATE: JointState = { stamp_ns: 0n, names: ['j'], position: zero, velocity: zero, effort: zero };

/** Does what a test writes down for it, and keeps its context. */
class ScriptedNode implements Node {
  readonly name = 'scripted';
  readonly calls: string[] = [];
  readonly script: Partial<Record<'configure' | 'activate' | 'deactivate' | 'cleanup', () => void>> = {};
  context: NodeContext | null = null;

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.act('configure');
  }

  activate(): void {
    this.act('activate');
  }

  deactivate(): void {
    this.act('deactivate');
  }

  async cleanup(): Promise<void> {
    this.act('cleanup');
  }

  diagnostics() {
    return { grip_N: 35 };
  }

  get bus() {
    if (this.context === null) throw new Error('not configured');
    return this.context.bus;
  }

  private act(what: keyof ScriptedNode['script']): void {
    this.calls.push(what);
    this.script[what]?.();
  }
}

const open: { shutDown(): Promise<void> }[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const host of open.splice(0)) await host.shutDown();
});

function setUp(overrides: readonly ParameterOverride[] = []) {
  const bus = new InProcessHostBus('/cell/scripted');
  const node = new ScriptedNode();
  const errors = new NodeErrors(SILENT_LOG);
  const parameters = new ParameterStore(schema, overrides);
  const host = hostNode(bus, node, { log: SILENT_LOG, errors, parameters, hardware_id: 'arm 7' });
  open.push(host);
  return { bus, node, errors, parameters, host };
}

const failing = (error: Error) => () => {
  throw error;
};

describe('host of a node', () => {
  it('serves lifecycle and parameters, and nothing after the end', async () => {
    const { bus, host } = setUp();
    expect([...bus.answers.keys()].sort()).toEqual(
      [
        ...['~/change_state', '~/describe_parameters', '~/get_available_states', '~/get_available_transitions'],
        ...['~/get_parameter_types', '~/get_parameters', '~/get_state', '~/get_transition_graph', '~/list_parameters'],
        ...['~/set_parameters', '~/set_parameters_atomically'],
      ].sort(),
    );
    expect(await bus.ask('~/change_state', { transition: { id: 1, label: '' } })).toEqual({ success: true });
    expect(await bus.ask('~/get_state')).toEqual({ current_state: { id: 2, label: 'inactive' } });
    await host.shutDown();
    expect([bus.answers.size, bus.open.size, host.state]).toEqual([0, 0, 'finalized']);
  });

  it('sends only while active, but latched topics always', async () => {
    const { bus, node, host } = setUp();
    const heard: string[] = [];
    for (const topic of [TOPICS.joint_states, TOPICS.robot_description]) {
      bus.subscribe<unknown>(topic, 'test', () => void heard.push(topic.name));
    }
    const publish = () => {
      node.bus.publish(TOPICS.joint_states, STATE);
      node.bus.publish(TOPICS.robot_description, { data: '' });
      return heard.splice(0);
    };
    node.script.activate = () => node.bus.publish(TOPICS.joint_states, STATE);
    await host.change('configure');
    expect(publish()).toEqual(['/robot_description']);
    await host.change('activate');
    expect(heard.splice(0)).toEqual(['/joint_states']);
    expect(publish()).toEqual(['/joint_states', '/robot_description']);
    await host.change('deactivate');
    expect(publish()).toEqual(['/robot_description']);
  });

  it('ends what a node leaves open: subscriptions, servers and timers', async () => {
    const { bus, node, host } = setUp();
    let called = 0;
    node.script.activate = () => {
      const { clock } = node.context as NodeContext;
      node.bus.subscribe(TOPICS.wrench, 'scripted', () => void called++);
      node.bus.serve(SERVICES.safety_stop, () => ({ success: true, message: '' }));
      clock.schedule(clock.now_ns() + 10n, () => void called++);
    };
    for (const request of ['configure', 'activate', 'deactivate', 'cleanup'] as const) await host.change(request);
    expect(bus.subscribers(TOPICS.wrench)).toBe(0);
    bus.clock.advance(1000n);
    expect(called).toBe(0);
    await expect(bus.call(SERVICES.safety_stop, {})).rejects.toThrow('has no server');
    for (const request of ['configure', 'activate'] as const) {
      expect(await host.change(request)).toEqual({ success: true, reason: '' });
    }
  });

  it.each([
    ['configure', new InputError('file', 'is missing'), 'unconfigured', ['configure', 'cleanup']],
    ['configure', new Error('broken'), 'unconfigured', ['configure', 'cleanup']],
    ['activate', new InputError('file', 'is missing'), 'inactive', ['activate', 'deactivate']],
    ['activate', new Error('broken'), 'unconfigured', ['activate', 'deactivate', 'cleanup']],
    ['deactivate', new InputError('file', 'is missing'), 'active', ['deactivate']],
    ['deactivate', new Error('broken'), 'finalized', ['deactivate', 'deactivate', 'cleanup']],
    ['cleanup', new Error('broken'), 'finalized', ['cleanup', 'cleanup']],
  ] as const)('after %s fails with %s the node is %s, with the reason told', async (place, error, state, calls) => {
    const { node, host, errors } = setUp();
    for (const request of ['configure', 'activate', 'deactivate', 'cleanup'] as const) {
      if (request !== place) {
        await host.change(request);
        continue;
      }
      node.script[place] = failing(error);
      node.calls.length = 0;
      expect(await host.change(request)).toEqual({ success: false, reason: error.message });
      break;
    }
    expect(host.state).toBe(state);
    expect(node.calls).toEqual(calls);
    expect(errors.last).toContain(error.message);
    expect(errors.count).toBeGreaterThan(0);
  });

  it('can be configured again after an error, and forgets the reason then', async () => {
    const { node, host } = setUp();
    node.script.configure = failing(new Error('broken'));
    await host.change('configure');
    delete node.script.configure;
    expect(await host.change('configure')).toEqual({ success: true, reason: '' });
  });

  it('brings a node down from each state when it is shut down', async () => {
    const expected = { unconfigured: [], inactive: ['cleanup'], active: ['deactivate', 'cleanup'] };
    for (const [state, calls] of Object.entries(expected)) {
      const { node, host } = setUp();
      if (state !== 'unconfigured') await host.change('configure');
      if (state === 'active') await host.change('activate');
      node.calls.length = 0;
      await host.shutDown();
      expect([host.state, node.calls]).toEqual(['finalized', calls]);
    }
  });

  it('answers a transition that a peer asked for while it shuts down, and then ends', async () => {
    const { node, host } = setUp();
    const configured = host.change('configure');
    await host.shutDown();
    expect((await configured).success).toBe(true);
    expect(node.calls).toEqual(['configure', 'cleanup']);
  });

  it('tells of transitions and of parameters', async () => {
    const { bus, host, parameters } = setUp();
    bus.clock.advance(1_500_000_000n);
    await host.change('configure');
    const events = bus.sent.filter(({ name }) => name === '~/transition_event').map(({ fields }) => fields);
    expect(events[1]).toEqual({
      timestamp: 1_500_000_000n,
      transition: { id: 10, label: 'transition_success' },
      start_state: { id: 10, label: 'configuring' },
      goal_state: { id: 2, label: 'inactive' },
    });
    expect(parameters.set([{ name: 'size', value: { type: 'integer', value: 3n } }])).toContain(
      'clean the node up first',
    );
    expect(parameters.set([{ name: 'speed', value: { type: 'double', value: 1 } }])).toBe('');
    const told = bus.sent.filter(({ name }) => name === '/parameter_events').map(({ fields }) => fields);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({ node: '/cell/scripted', changed_parameters: [] });
    expect(told[0].new_parameters).toHaveLength(3);
    expect(told[1]).toMatchObject({
      stamp: { sec: 1, nanosec: 500_000_000 },
      new_parameters: [],
      changed_parameters: [{ name: 'speed', value: { type: 3, double_value: 1 } }],
    });
  });

  it('takes the time of /clock where the parameter says so', () => {
    const where = '-p use_sim_time:=true';
    const { bus, parameters } = setUp([
      { name: 'use_sim_time', value: { type: 'bool', value: true }, where, for_all: true },
    ]);
    expect(bus.simulated).toBe(true);
    parameters.set([{ name: 'use_sim_time', value: { type: 'bool', value: false } }]);
    expect(bus.simulated).toBe(false);
  });

  it('beats 50 times a second in every state, and tells its diagnostics once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { bus, node, host } = setUp();
    const beats: Heartbeat[] = [];
    const told: Diagnostics[] = [];
    bus.subscribe(TOPICS.heartbeats, 'test', (beat) => void beats.push(beat));
    bus.subscribe(TOPICS.diagnostics, 'test', (message) => void told.push(message));
    vi.advanceTimersByTime(1000);
    expect(beats).toHaveLength(50);
    expect(beats[49]).toMatchObject({ node: '/cell/scripted', sequence: 50 });
    await host.change('configure');
    await host.change('activate');
    node.bus.publish(TOPICS.joint_states, STATE);
    const times = { pre_s: 0.001, model_s: 0.02, post_s: 0.004, queue: 1, dropped: 0 };
    node.bus.publish(TOPICS.latency, { stamp_ns: 0n, stage: 'perception', request_id: 'r', model: 'm', ...times });
    vi.advanceTimersByTime(1000);
    expect(told).toHaveLength(2);
    const [status] = told[1].status;
    expect(status).toMatchObject({
      level: 'ok',
      name: '/cell/scripted: node',
      message: 'active',
      hardware_id: 'arm 7',
    });
    const values = Object.fromEntries(status.values.map(({ key, value }) => [key, value]));
    expect(values).toMatchObject({ state: 'active', errors: '0', grip_N: '35', '/joint_states published': '1' });
    expect(values['perception latency']).toBe('25.0 ms (model 20.0 ms), queue 1');
    expect(TOPICS.diagnostics.schema.safeParse(told[1]).success).toBe(true);
    await host.shutDown();
    vi.advanceTimersByTime(5000);
    expect(told).toHaveLength(2);
  });

  it('diagnostics warn of what is new, and of a failed transition until one succeeds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { bus, node, host, errors } = setUp();
    const told: string[] = [];
    bus.subscribe(
      TOPICS.diagnostics,
      'test',
      ({ status: [{ level, message }] }) => void told.push(`${level} ${message}`),
    );
    const next = () => {
      vi.advanceTimersByTime(1000);
      return told.splice(0);
    };
    errors.report(new Error('once'), 'handler');
    expect(next()).toEqual(['warn unconfigured; 1 errors, the last: handler: once']);
    expect(next()).toEqual(['ok unconfigured']);
    node.script.configure = failing(new InputError('file', 'is missing'));
    await host.change('configure');
    expect(next()[0]).toMatch(/^error unconfigured; file: is missing; 1 errors/);
    expect(next()).toEqual(['error unconfigured; file: is missing']);
    delete node.script.configure;
    await host.change('configure');
    expect(next()).toEqual(['ok inactive']);
  });
});
