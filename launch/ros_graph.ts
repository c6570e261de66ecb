import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { removeDeadSegments } from '../ros/index.ts';
import type { LogLevel } from '../stack/index.ts';
import { type Cell, fullName, type Graph, type GraphNode } from './graph.ts';
import type { LaunchEvents, LaunchSummary } from './launch_events.ts';
import type { ManagedProcess, ProcessEvents } from './managed_process.ts';
import { ProgramProcess } from './program_process.ts';
import { RosCell } from './ros_cell.ts';

export interface RosLaunchOptions {
  readonly log_level: LogLevel;
  readonly out_dir: string;
  /** Null for that of the environment. */
  readonly domain_id: number | null;
  /** Variables of a process that uses ROS 2, over this process's own. */
  readonly ros_env: Readonly<Record<string, string>>;
  /** Time after which it ends by itself (s). */
  readonly duration_s: number;
}

/** Why a graph ends: asked to, by itself, or because it could not go on. */
interface Ending {
  readonly failure: string;
  readonly interrupted: boolean;
}

/**
 * Runs a graph as processes of a ROS 2 graph until `stop` is aborted, its duration or missions end, or a required node
 * is lost for good. Ends by stopping the arms first. `hurry` cuts the waits at the end short.
 */
export async function runRos(
  graph: Graph,
  options: RosLaunchOptions,
  events: LaunchEvents,
  stop: AbortSignal,
  hurry: AbortSignal,
): Promise<LaunchSummary> {
  const run = new RosGraph(graph, options, events);
  // Whatever ends this process by an error of its own must not leave the others behind.
  const onExit = () => run.kill();
  process.once('exit', onExit);
  try {
    const ending = await run.play(stop);
    return { ...ending, errors: run.errors, nodes: run.summary() };
  } finally {
    await run.end(hurry);
    process.off('exit', onExit);
  }
}

class RosGraph {
  errors = 0;
  private readonly graph: Graph;
  private readonly options: RosLaunchOptions;
  private readonly events: LaunchEvents;
  private readonly cells: RosCell[] = [];
  private readonly programs: ProgramProcess[] = [];
  private readonly finish: (ending: Ending) => void;
  private readonly finished: Promise<Ending>;
  private missions: number;

  constructor(graph: Graph, options: RosLaunchOptions, events: LaunchEvents) {
    this.graph = graph;
    this.options = options;
    this.events = events;
    this.missions = graph.cells.flatMap(({ nodes }) => nodes.filter(({ kind }) => kind === 'mission')).length;
    let finish = (_ending: Ending) => {};
    this.finished = new Promise((resolve) => {
      finish = resolve;
    });
    this.finish = finish;
  }

  /** Variables of every process of the graph. */
  private get env(): Record<string, string | undefined> {
    const { domain_id, ros_env } = this.options;
    const { NODE_OPTIONS: _options, ...inherited } = process.env;
    const domain = domain_id === null ? {} : { ROS_DOMAIN_ID: String(domain_id) };
    return { ...inherited, ...ros_env, ...domain };
  }

  /** Brings everything up and waits for the end of it. */
  async play(stop: AbortSignal): Promise<Ending> {
    const interrupted = () => this.finish({ failure: '', interrupted: true });
    stop.addEventListener('abort', interrupted, { once: true });
    if (stop.aborted) interrupted();
    void this.bringUp().catch((error: unknown) => {
      this.finish({ failure: error instanceof Error ? error.message : String(error), interrupted: false });
    });
    return this.finished;
  }

  private async bringUp(): Promise<void> {
    const { domain_id, log_level, out_dir } = this.options;
    const { env } = this;
    const setup = { domain_id, log_level, out_dir };
    const script = fileURLToPath(new URL('./node_process.js', import.meta.url));
    for (const cell of this.graph.cells) {
      this.startPrograms(cell, env);
      this.cells.push(new RosCell(cell, { script, setup, env }, this.processEvents(cell)));
    }
    await Promise.all(this.cells.flatMap(({ processes }) => processes.map((process) => process.start())));
    for (const goal of ['inactive', 'active'] as const) {
      for (const one of this.cells) await bringCell(one, goal);
    }
    for (const { processes } of this.cells) for (const process of processes) process.settle();
    this.events.onReady(
      (node, fields) => this.tell(node, fields),
      (node) => this.processOf(node)?.pid ?? -1,
    );
    const { duration_s } = this.options;
    if (!Number.isFinite(duration_s)) return;
    await sleep(1000 * duration_s, undefined, { ref: false });
    this.finish({ failure: '', interrupted: false });
  }

  private startPrograms(cell: Cell, env: Readonly<Record<string, string | undefined>>): void {
    const events = this.processEvents(cell);
    for (const program of cell.programs) {
      const name = cell.namespace === '' ? program.name : `${cell.namespace}/${program.name}`;
      const process = new ProgramProcess({ program, name, env }, events);
      this.programs.push(process);
      process.start();
    }
  }

  private processEvents(cell: Cell): ProcessEvents {
    const { events } = this;
    return {
      onLine: (line) => events.onLine(line),
      onState: (node, state) => events.onState(node, state),
      onReport: (node, fields) => {
        events.onReport(node, fields);
        if ('done' in fields && --this.missions === 0) this.finish({ failure: '', interrupted: false });
      },
      onQuit: () => this.finish({ failure: '', interrupted: false }),
      onTrouble: (what) => {
        this.errors++;
        events.onError('launch', what);
      },
      onLost: (name, reason) => {
        this.errors++;
        const required = this.cells.find((one) => one.cell === cell)?.processes.find((p) => p.name === name)?.required;
        if (required === true) this.finish({ failure: reason, interrupted: false });
        else events.onError('launch', reason);
      },
    };
  }

  private tell(full_name: string, fields: object): void {
    this.processOf(full_name)?.tell(full_name.slice(full_name.lastIndexOf('/') + 1), fields);
  }

  private processOf(full_name: string): ManagedProcess | undefined {
    for (const one of this.cells) {
      const node = one.cell.nodes.find((entry) => fullName(one.cell, entry) === full_name);
      if (node !== undefined) return one.processOf(node);
    }
    return undefined;
  }

  /** The arms first; then the nodes in reverse order; then the processes. */
  async end(hurry: AbortSignal): Promise<void> {
    const hurried = new Promise<void>((resolve) => {
      if (hurry.aborted) resolve();
      hurry.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.bringDown(), hurried]);
    const quick = hurry.aborted;
    const processes = this.cells.flatMap((one) => one.processes);
    await Promise.all(processes.map((process) => process.end(quick)));
    await Promise.all(this.programs.map((program) => program.end(quick)));
    for (const one of this.cells) one.close();
    // Processes that were killed leave their shared memory behind.
    if (this.errors > 0 && !quick) await removeDeadSegments(this.env);
  }

  private async bringDown(): Promise<void> {
    const stops = this.cells.flatMap(({ safety }) => (safety === undefined ? [] : [safety]));
    await Promise.all(
      stops.map(async (safety) => {
        const { ok, reason } = await safety.stopArm();
        if (!ok) this.events.onError('launch', `stopping the arm: ${reason}`);
      }),
    );
    for (const one of [...this.cells].reverse()) {
      for (const node of [...one.cell.nodes].reverse()) await one.processOf(node).deactivate(node.name);
    }
  }

  kill(): void {
    for (const { processes } of this.cells) for (const process of processes) process.kill();
    for (const program of this.programs) program.kill();
  }

  summary(): LaunchSummary['nodes'] {
    return this.cells.flatMap((one) => one.summary());
  }
}

/** All but the supervisor come first, so that nothing moves before everything is up; missions send their goals after it. */
const LAST: Readonly<Record<string, number>> = { safety: 1, mission: 2 };

async function bringCell(one: RosCell, goal: 'inactive' | 'active'): Promise<void> {
  const rank = ({ kind }: GraphNode) => (goal === 'active' ? (LAST[kind] ?? 0) : 0);
  for (const node of [...one.cell.nodes].sort((a, b) => rank(a) - rank(b))) {
    if (node.state === 'unconfigured' || (goal === 'active' && node.state !== 'active')) continue;
    const { ok, reason } = await one.processOf(node).bring(node.name, goal);
    if (!ok) throw new Error(reason);
  }
}
