import { dirname, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { BusHost, InProcessBus, SimClock, TOPICS } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { compiledProgram } from '../test/support/programs.ts';
import { type Cell, nodeSchema } from './graph.ts';
import { ThreadedNode } from './threaded_node.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 5 });

let script = '';
beforeAll(async () => {
  script = join(dirname(await compiledProgram('flood')), '..', '..', 'launch', 'node_thread.js');
});
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0)) await one();
});

/** A node of a kind in a thread, on a bus of its own. */
function threaded(kind: 'robot_state_publisher' | 'planning', parameters: Record<string, unknown> = {}) {
  const entry = { ...nodeSchema.parse({ kind, parameters }), name: 'one', process: 'one', busy_s: 1 };
  const cell: Cell = { namespace: '', robot: 'panda', nodes: [entry], programs: [] };
  const bus = new InProcessBus();
  const clock = new SimClock();
  const lost: string[] = [];
  const lines: string[] = [];
  const errors: string[] = [];
  const node = new ThreadedNode({
    setup: { cell, node: 'one', log_level: 'debug', out_dir: '' },
    ...{ host: new BusHost(bus, clock), script },
    onLine: ({ message }) => lines.push(message),
    onReport: () => {},
    onError: (error, where) => errors.push(`${where}: ${error}`),
    onLost: ({ message }) => lost.push(message),
  });
  undo.push(() => node.cleanup());
  const start = async () => {
    await node.configure();
    node.activate();
    await node.changed();
  };
  return { node, bus, clock, lost, lines, errors, start };
}

describe('a node in a thread of its own', () => {
  it('takes part in the bus while it is active, and not before or after', async () => {
    const { node, bus, start, lost } = threaded('robot_state_publisher');
    expect(bus.subscribers(TOPICS.joint_states)).toBe(0);
    await start();
    expect(bus.isReadBy(TOPICS.joint_states, ['robot_state_publisher'])).toBe(true);
    const frames: string[] = [];
    bus.subscribe(TOPICS.tf, 'test', ({ transforms }) => void frames.push(...transforms.map(({ child }) => child)));
    const position = PANDA.home_q.slice();
    const still = new Float64Array(position.length);
    const names = PANDA.model.joint_names;
    bus.publish(TOPICS.joint_states, { stamp_ns: 5n, names, position, velocity: still, effort: still });
    await eventually(() => expect(frames).toContain('panda_link1'));
    node.deactivate();
    await node.changed();
    expect(bus.subscribers(TOPICS.joint_states)).toBe(0);
    await node.cleanup();
    expect(lost).toEqual([]);
  });

  it('says why it is gone when its thread dies, and leaves nothing on the bus', async () => {
    const { node, bus, start, lost } = threaded('robot_state_publisher');
    await start();
    await node.kill();
    expect(lost).toEqual([expect.stringMatching(/^one is gone: .*code 1/)]);
    await eventually(() => expect(bus.subscribers(TOPICS.joint_states)).toBe(0));
    await expect(node.configure()).rejects.toThrow(/one is gone/);
    node.activate();
    await node.changed();
  });

  it('refuses what its kind refuses, as it would in the loop', async () => {
    const { start, lost } = threaded('planning', { tool_mass_kg: 1 });
    await expect(start()).rejects.toThrow(/tool_mass_kg 1 without a tool/);
    expect(lost).toEqual([]);
  });

  it('ends at its cleanup even if it was never up', async () => {
    const { node, lost } = threaded('robot_state_publisher');
    await node.cleanup();
    expect(lost).toEqual([]);
  });
});
