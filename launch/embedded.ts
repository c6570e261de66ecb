import { setImmediate as turn } from 'node:timers/promises';
import { InputError, SERVICES } from '../contracts/index.ts';
import { StopSocket } from '../runtime/index.ts';
import { Pacer } from '../stack/index.ts';
import { EmbeddedCell, type EmbeddedOptions } from './embedded_cell.ts';
import type { Graph } from './graph.ts';
import type { LaunchEvents, LaunchSummary, NodeSummary } from './launch_events.ts';

/** Steps between looks at signals and the pace where time goes faster than the clock. */
const SLICE_STEPS = 10;
/** What a realtime cell catches up with; of a longer stall an operator must not see the arm jump (s). */
const MOST_BEHIND_S = 0.05;

export interface EmbeddedLaunchOptions extends Omit<EmbeddedOptions, 'onLine' | 'report' | 'onError'> {
  /** Simulated seconds per wall second. */
  readonly pace: number;
  /** Simulated time after which it ends by itself (s). */
  readonly duration_s: number;
  /** Done with every cell when it is up; what it gives is done before the cell ends. */
  readonly attach?: (cell: EmbeddedCell) => Promise<() => Promise<void>>;
}

/** Runs every cell of a graph in this process until the signal, the duration or the end of all missions. */
export async function runEmbedded(
  graph: Graph,
  options: EmbeddedLaunchOptions,
  events: LaunchEvents,
  signal: AbortSignal,
): Promise<LaunchSummary> {
  for (const { programs } of graph.cells) {
    if (programs.length > 0) throw new InputError(`${graph.file}: programs`, 'run beside ROS nodes only: --bus ros');
  }
  const states = new Map<string, string>();
  const note = (node: string, state: string) => {
    states.set(node, state);
    events.onState(node, state);
  };
  const missions = new Set(
    graph.cells.flatMap((cell) =>
      cell.nodes.filter(({ kind }) => kind === 'mission').map(({ name }) => `${cell.namespace}/${name}`),
    ),
  );
  const cells: EmbeddedCell[] = [];
  const sockets: StopSocket[] = [];
  const detach: (() => Promise<void>)[] = [];
  let errors = 0;
  let reached = 0;
  const report = (node: string, fields: object) => {
    events.onReport(node, fields);
    if ('done' in fields) reached++;
  };
  const onError = (error: unknown, where: string) => {
    errors++;
    events.onError(where, error);
  };
  let interrupted = false;
  try {
    for (const cell of graph.cells)
      cells.push(await EmbeddedCell.create(cell, { ...options, report, onError, onLine: events.onLine }));
    for (const cell of cells) await cell.start(note);
    for (const cell of cells) sockets.push(...(await stopSocketOf(cell, events)));
    for (const cell of cells) if (options.attach !== undefined) detach.push(await options.attach(cell));
    const tell = (node: string, fields: object) => {
      for (const cell of cells) cell.tell(node, fields);
    };
    events.onReady(tell, () => process.pid);
    const pacer = new Pacer(options.pace, MOST_BEHIND_S);
    const slice_steps = options.pace <= 1 ? 1 : SLICE_STEPS;
    const [first] = cells;
    for (let step = 0; first.simulated.time_s < options.duration_s - 1e-9; step++) {
      if (missions.size > 0 && reached >= missions.size) break;
      if (step % slice_steps === 0) {
        await turn();
        interrupted = signal.aborted;
        if (interrupted) break;
        await pacer.until(first.simulated.time_s);
      }
      for (const cell of cells) await cell.step();
    }
  } finally {
    for (const leave of detach) await leave();
    for (const socket of sockets) await socket.close();
    for (const cell of [...cells].reverse()) await cell.stop(note);
  }
  const nodes: NodeSummary[] = [...states].map(([name, state]) => ({ name, state, restarts: 0 }));
  return { interrupted, errors, nodes, failure: '' };
}

/** By which `surepick safety stop` stops the cell, whose bus nobody else reaches; none where it cannot be opened, which is told. */
async function stopSocketOf({ bus, cell }: EmbeddedCell, events: LaunchEvents): Promise<readonly StopSocket[]> {
  const stop = async () => (await bus.call(SERVICES.safety_stop, {})).message;
  try {
    return [await StopSocket.open({ robot: cell.robot, namespace: cell.namespace, stop })];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const message = `surepick safety stop does not reach it: ${error.message}`;
    events.onLine({ time_ms: Date.now(), level: 'warn', node: 'launch', message, fields: {} });
    return [];
  }
}
