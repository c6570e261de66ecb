import { removeDeadSegments, withoutSharedMemory } from '../ros/index.ts';
import { type Channel, closeChannel } from '../runtime/index.ts';
import { openCellChannels } from './cell_channels.ts';
import { type Cell, fullName, type GraphNode } from './graph.ts';
import { kindOf } from './kinds/index.ts';
import type { NodeSummary } from './launch_events.ts';
import { ManagedProcess, type ProcessEvents } from './managed_process.ts';
import type { ProcessSetup } from './messages.ts';

export interface RosCellOptions {
  readonly script: string;
  readonly setup: Pick<ProcessSetup, 'domain_id' | 'log_level' | 'out_dir'>;
  /** Of a process that uses ROS 2, with shared memory. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The processes of one cell, and the shared memory between them. */
export class RosCell {
  readonly cell: Cell;
  readonly processes: readonly ManagedProcess[];
  private readonly channels: Readonly<Record<string, Channel>>;

  constructor(cell: Cell, options: RosCellOptions, events: ProcessEvents) {
    this.cell = cell;
    this.channels = openCellChannels(cell);
    const names = [...new Set(cell.nodes.map(({ process }) => process))];
    const { script, setup, env } = options;
    const processes: ManagedProcess[] = [];
    // The supervisor hears all others: it is made last.
    const is_safety = (name: string) => cell.nodes.some(({ process, kind }) => process === name && kind === 'safety');
    for (const name of [...names].sort((a, b) => Number(is_safety(a)) - Number(is_safety(b)))) {
      const nodes = cell.nodes.filter(({ process }) => process === name);
      const wanted = new Set<string>(nodes.flatMap(({ kind }) => kindOf(kind).channels));
      const channels = Object.entries(this.channels).filter(([channel]) => wanted.has(channel));
      const hearts = is_safety(name)
        ? processes.map((other) => [`heartbeat/${other.options.name}`, other.heartbeat])
        : [];
      processes.push(
        new ManagedProcess(
          {
            ...{ cell, name, nodes, script, ...transportOf(nodes, env) },
            setup: { ...setup, cell, process: name },
            channels: { ...Object.fromEntries(channels), ...Object.fromEntries(hearts) },
          },
          events,
        ),
      );
    }
    this.processes = names.flatMap((name) => processes.filter(({ options: o }) => o.name === name));
  }

  processOf(node: GraphNode): ManagedProcess {
    const found = this.processes.find(({ options }) => options.name === node.process);
    if (found === undefined) throw new Error(`no process ${node.process}`);
    return found;
  }

  /** The process that can stop the arm; undefined where nothing moves. */
  get safety(): ManagedProcess | undefined {
    const node = this.cell.nodes.find(({ kind }) => kind === 'safety');
    return node === undefined ? undefined : this.processOf(node);
  }

  summary(): NodeSummary[] {
    return this.cell.nodes.map((node) => {
      const process = this.processOf(node);
      return { name: fullName(this.cell, node), state: process.stateOf(node.name), restarts: process.restarts };
    });
  }

  close(): void {
    for (const process of this.processes) process.close();
    for (const channel of Object.values(this.channels)) closeChannel(channel);
  }
}

/** Shared memory is for pictures alone, and what a process that was killed leaves in it is removed before it comes back. */
function transportOf(nodes: readonly GraphNode[], env: RosCellOptions['env']) {
  if (!nodes.some(({ kind }) => kindOf(kind).pictures)) return { env: withoutSharedMemory(env), tidy: async () => {} };
  return { env, tidy: () => removeDeadSegments(env) };
}
