import { InputError } from '../contracts/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import {
  fromPlain,
  type ParameterOverride,
  parameterSpecs,
  type RosNode,
  shutdownRos,
  startRosNode,
} from '../ros/index.ts';
import { type HeardProcess, Heartbeat } from '../runtime/index.ts';
import { createLog } from '../stack/index.ts';
import { type Cell, fullName, type GraphNode } from './graph.ts';
import { kindOf, type NodeKind } from './kinds/index.ts';
import { type Order, orderSchema, type ProcessSetup, processSetup, type Word } from './messages.ts';
import { ownParameters, parametersOfKind, usesSimTime } from './parameters.ts';
import { atNiceness, NICENESS, trySessionNiceness } from './priority.ts';

/** Its word to a launcher that is gone is lost, and no error. */
function tell(word: Word): void {
  if (process.connected) process.send?.(word, undefined, undefined, () => {});
}

/** The nodes of one process, each with a ROS node of its own, and what the launcher asks of them. */
class NodeProcess {
  private readonly setup: ProcessSetup;
  private readonly heartbeat: Heartbeat;
  private readonly nodes = new Map<string, RosNode>();
  private readonly listeners = new Map<string, (fields: object) => void>();
  private stopArm: (() => Promise<void>) | null = null;
  private ending: Promise<void> | null = null;

  constructor(setup: ProcessSetup) {
    this.setup = setup;
    this.heartbeat = atNiceness(NICENESS.heartbeat, () => new Heartbeat(setup.channels.heartbeat));
  }

  /** Puts every node into the graph, unconfigured. Throws InputError for what cannot be. */
  async start(): Promise<void> {
    const { cell, process: name } = this.setup;
    const robot = loadRobot(cell.robot);
    for (const entry of cell.nodes.filter((node) => node.process === name)) await this.host(entry, robot);
    tell({ kind: 'loaded' });
  }

  private async host(entry: GraphNode, robot: Robot): Promise<void> {
    const { cell, domain_id, log_level, out_dir, channels } = this.setup;
    const { name, remap } = entry;
    const kind = kindOf(entry.kind);
    const started = await startRosNode({
      ...{
        node_name: name,
        namespace: cell.namespace,
        schema: kind.parameters,
        overrides: overridesOf(entry, kind, usesSimTime(cell, entry)),
      },
      ...(domain_id === null ? {} : { domain_id }),
      remap: Object.entries({ ...clockOf(cell), ...remap }).map(([from, to]) => `${from}:=${to}`),
      log: createLog(log_level, { node: fullName(cell, entry) }),
      build: (store) =>
        kind.build({
          ...{ name, namespace: cell.namespace, robot, robot_name: cell.robot, cell, channels, out_dir },
          parameters: () => store.values,
          parametersOf: (of) => parametersOfKind(cell, of),
          heard: heardBy(this.setup),
          stopsArm: (stop) => {
            this.stopArm = stop;
          },
          fail: (reason) => this.fail(reason),
          quit: () => tell({ kind: 'quit' }),
          report: (fields) => tell({ kind: 'report', node: name, fields: { ...fields } }),
          listens: (listener) => void this.listeners.set(name, listener),
        }),
      onState: (state) => tell({ kind: 'state', node: name, state }),
    });
    this.nodes.set(name, started);
  }

  async obey(order: Order): Promise<void> {
    switch (order.kind) {
      case 'change': {
        const node = this.nodes.get(order.node);
        const { success, reason } = (await node?.host.change(order.request)) ?? {
          success: false,
          reason: 'no such node',
        };
        tell({ kind: 'answer', id: order.id, ok: success, reason });
        return;
      }
      case 'stop_arm': {
        const reason = await this.stopMotion();
        tell({ kind: 'answer', id: order.id, ok: reason === '', reason });
        return;
      }
      case 'tell':
        this.listeners.get(order.node)?.(order.fields);
        return;
      case 'end':
        await this.end();
        return;
    }
  }

  /** Brings the nodes down, the last first, leaves the graph and ends the process. */
  end(): Promise<void> {
    this.ending ??= this.close();
    return this.ending;
  }

  private async stopMotion(): Promise<string> {
    try {
      await this.stopArm?.();
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Ends as one that was not asked to. */
  private fail(reason: string): void {
    process.exitCode = 1;
    process.stderr.write(`${this.setup.process}: ${reason}\n`);
    void this.end();
  }

  private async close(): Promise<void> {
    for (const node of [...this.nodes.values()].reverse()) await node.shutDown();
    shutdownRos();
    await this.heartbeat.close();
    process.exit();
  }
}

function overridesOf(entry: GraphNode, kind: NodeKind, use_sim_time: boolean): ParameterOverride[] {
  const { name } = entry;
  const types = new Map(parameterSpecs(kind.parameters).map((spec) => [spec.name, spec.type]));
  const own = Object.entries(ownParameters(entry)).map(([parameter, value]) => {
    const where = `parameter ${parameter} of node ${name}`;
    const given = fromPlain(types.get(parameter) ?? 'not_set', value);
    if (given === null) throw new InputError(`${where} = ${JSON.stringify(value)}`, `must be ${types.get(parameter)}`);
    return { name: parameter, value: given, where, for_all: false };
  });
  const where = `use_sim_time of node ${name}`;
  return [...own, { name: 'use_sim_time', value: { type: 'bool', value: use_sim_time }, where, for_all: false }];
}

/** A simulated cell in a namespace keeps its time to itself: others of the domain have their own, or the system's. */
function clockOf({ namespace, nodes }: Cell): Readonly<Record<string, string>> {
  const simulated = nodes.some(({ kind }) => kind === 'sim');
  return simulated && namespace !== '' ? { '/clock': `${namespace}/clock` } : {};
}

/** The processes whose heartbeat channels this one was given, by their names in the cell. */
function heardBy({ cell, channels }: ProcessSetup): HeardProcess[] {
  return Object.entries(channels).flatMap(([key, channel]) => {
    if (!key.startsWith('heartbeat/')) return [];
    const name = key.slice('heartbeat/'.length);
    const nodes = cell.nodes.filter((node) => node.process === name);
    const required = nodes.some((node) => node.required);
    return { name, channel, required, busy_s: Math.max(...nodes.map(({ busy_s }) => busy_s)) };
  });
}

/** A process of a graph. It ends by itself, its nodes brought down, when its launcher is gone. */
async function main(): Promise<void> {
  trySessionNiceness();
  const nodes = new NodeProcess(processSetup.parse(JSON.parse(process.argv[2])));
  process.on('message', (message) => void nodes.obey(orderSchema.parse(message)));
  process.on('disconnect', () => void nodes.end());
  process.on('SIGTERM', () => void nodes.end());
  // The interrupt key is the launcher's matter.
  process.on('SIGINT', () => {});
  try {
    await nodes.start();
  } catch (error) {
    if (error instanceof InputError) tell({ kind: 'refused', reason: error.message });
    else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    await new Promise((resolve) => setImmediate(resolve));
    shutdownRos();
    process.exit(1);
  }
}

await main();
