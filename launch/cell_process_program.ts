import { InputError } from '../contracts/index.ts';
import { BusSocket } from '../runtime/index.ts';
import { type CellWord, cellProcessSetup } from './cell_process_messages.ts';
import { runEmbedded } from './embedded.ts';
import type { LaunchEvents } from './launch_events.ts';
import { loadGraph, parseOverride } from './load_graph.ts';
import { trySessionNiceness } from './priority.ts';

/** Its word to a parent that is gone is lost, and no error. */
function say(word: CellWord): void {
  if (process.connected) process.send?.(word, undefined, undefined, () => {});
}

/** Ends whatever was begun by then: threads would keep the process. */
function refuse(reason: string): void {
  if (process.send === undefined || !process.connected) process.exit(2);
  process.send({ kind: 'refused', reason } satisfies CellWord, undefined, undefined, () => process.exit(2));
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** A simulated cell in a process of its own, which ends, its arm stopped, when it is told to or its parent is gone. */
async function main(): Promise<void> {
  trySessionNiceness();
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  process.on('disconnect', () => stop.abort());
  // The interrupt key is the parent's matter.
  process.on('SIGINT', () => {});
  const { file, set, namespace, ...options } = cellProcessSetup.parse(JSON.parse(process.argv[2]));
  const graph = loadGraph(file, { namespace, overrides: set.map((text) => parseOverride(text)) });
  const [cell] = graph.cells;
  if (graph.cells.length !== 1) throw new InputError(`${file}: ${graph.cells.length} cells`, 'one cell a process');
  let socket = '';
  const events: LaunchEvents = {
    onState: (node, state) => say({ kind: 'state', node, state }),
    onLine: (line) => say({ kind: 'line', line }),
    onReady: () => say({ kind: 'ready', socket, robot: cell.robot, namespace: cell.namespace }),
    onReport: (node, fields) => say({ kind: 'report', node, fields: { ...fields } }),
    onError: (where, error) => say({ kind: 'error', where, message: messageOf(error) }),
  };
  const onPeer = (change: string) =>
    events.onLine({ time_ms: Date.now(), level: 'info', node: 'bus', message: `peer: ${change}`, fields: {} });
  const run = {
    ...{ ...options, duration_s: Number.POSITIVE_INFINITY },
    attach: async ({ host }: Parameters<NonNullable<Parameters<typeof runEmbedded>[1]['attach']>>[0]) => {
      const open = await BusSocket.open(host, undefined, onPeer);
      socket = open.path;
      return () => open.close();
    },
  };
  await runEmbedded(graph, run, events, stop.signal);
}

try {
  await main();
} catch (error) {
  if (error instanceof InputError) refuse(error.message);
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
if (process.connected && process.exitCode !== 2) process.disconnect();
