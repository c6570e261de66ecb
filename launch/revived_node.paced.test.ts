import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import {
  ACTIONS,
  BusHost,
  InProcessBus,
  PACKAGE_ROOT,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
} from '../contracts/index.ts';
import { type Cell, nodeSchema } from './graph.ts';
import { RevivedNode } from './revived_node.ts';
import { ThreadedNode } from './threaded_node.ts';

const SCRIPT = join(PACKAGE_ROOT, 'dist', 'launch', 'node_thread.js');

it('a planning thread that is killed serves its actions again', async () => {
  const entry = { ...nodeSchema.parse({ kind: 'planning' }), name: 'planning', process: 'one', busy_s: 1 };
  const cell: Cell = { namespace: '', robot: 'panda', nodes: [entry], programs: [] };
  const [bus, clock] = [new InProcessBus(), new SimClock()];
  const host = new BusHost(bus, clock);
  const lost: string[] = [];
  const node = new RevivedNode({
    ...{ name: 'planning', full_name: '/planning', policy: entry.restart },
    begin: (onLost) =>
      new ThreadedNode({
        setup: { cell, node: 'planning', log_level: 'warn', out_dir: '' },
        ...{ host, script: SCRIPT, onLost, onLine: () => {}, onReport: () => {}, onError: () => {} },
      }),
    onLost: ({ message }) => lost.push(message),
  });
  const served = async (): Promise<string> =>
    new Promise((resolve) => {
      try {
        bus.sendGoal(ACTIONS.go, { to: 'home' }, { onResult: (_, { reason }) => resolve(`answered: ${reason}`) });
      } catch (error) {
        resolve(String(error));
      }
    });
  await node.configure({ bus, clock, log: SILENT_LOG });
  node.activate();
  await node.changed();
  expect(await served()).toMatch(/^answered/);
  await node.kill();
  expect(lost).toEqual([expect.stringMatching(/^planning is gone/)]);
  await vi.waitFor(
    async () => {
      clock.advance(clock.now_ns() + secondsToStamp(0.05));
      expect(await served()).toMatch(/^answered/);
    },
    { timeout: 100_000, interval: 50 },
  );
  await node.cleanup();
});
