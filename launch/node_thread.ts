import { getPriority, platform, setPriority } from 'node:os';
import { MessagePort, parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { InputError, messagePort, type Node, RemoteBus } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { createLog } from '../stack/index.ts';
import { fullName } from './graph.ts';
import { kindOf } from './kinds/index.ts';
import { parseLogLine } from './log_line.ts';
import type { Request } from './messages.ts';
import { type ThreadSetup, type ThreadWord, threadOrder, threadSetup } from './node_thread_messages.ts';
import { parametersOf, parametersOfKind } from './parameters.ts';

function say(word: ThreadWord): void {
  parentPort?.postMessage(word);
}

function faultOf(error: unknown): { readonly message: string; readonly input: boolean } {
  return { message: error instanceof Error ? error.message : String(error), input: error instanceof InputError };
}

/** One node in this thread, and what its cell asks of it. */
class NodeThread {
  private readonly setup: ThreadSetup;
  private readonly bus: RemoteBus;
  private readonly node: Node;
  private readonly listener: { hear: (fields: object) => void };

  private constructor(setup: ThreadSetup, bus: RemoteBus, node: Node, listener: NodeThread['listener']) {
    this.setup = setup;
    this.bus = bus;
    this.node = node;
    this.listener = listener;
  }

  static async build(setup: ThreadSetup, bus: RemoteBus): Promise<NodeThread> {
    const { cell, node: name, out_dir } = setup;
    const entry = cell.nodes.find((one) => one.name === name);
    if (entry === undefined) throw new InputError(`node ${name}`, 'is not in its cell');
    const listener: NodeThread['listener'] = { hear: () => {} };
    const parameters = parametersOf(entry);
    const node = await kindOf(entry.kind).build({
      ...{ name, namespace: cell.namespace, robot: loadRobot(cell.robot), robot_name: cell.robot, cell, out_dir },
      ...{ channels: null, heard: [], stopsArm: () => {}, quit: () => {} },
      fail: (reason) => {
        throw new Error(reason);
      },
      parameters: () => parameters,
      parametersOf: (kind) => parametersOfKind(cell, kind),
      report: (fields) => say({ kind: 'report', fields: { ...fields } }),
      listens: (hear) => {
        listener.hear = hear;
      },
    });
    return new NodeThread(setup, bus, node, listener);
  }

  tell(fields: object): void {
    this.listener.hear(fields);
  }

  /** Answers once the host of the bus knows of all that the change brought. */
  async change(id: number, request: Request): Promise<void> {
    try {
      await this.make(request);
      await this.bus.roundTrip();
      say({ kind: 'answer', id, fault: null });
    } catch (error) {
      say({ kind: 'answer', id, fault: faultOf(error) });
    }
  }

  private async make(request: Request): Promise<void> {
    const { node, bus } = this;
    switch (request) {
      case 'configure': {
        const { cell, node: own, log_level } = this.setup;
        const name = fullName(cell, { name: own });
        const log = createLog(log_level, { node: name }, (text) =>
          say({ kind: 'line', line: parseLogLine(text.trimEnd(), name, Date.now(), false) }),
        );
        return node.configure({ bus, clock: bus.clock, log });
      }
      case 'activate':
        node.activate();
        return;
      case 'deactivate':
        node.deactivate();
        return;
      case 'cleanup':
        return node.cleanup();
    }
  }
}

/** Body of the thread of a node. It ends when its cell ends it. */
async function main(): Promise<void> {
  // On Linux niceness is the thread's own: a plan can wait, whatever goes first in this process.
  if (platform() === 'linux' && getPriority() < 0) setPriority(0, 0);
  const { setup, bus: end } = z.object({ setup: threadSetup, bus: z.instanceof(MessagePort) }).parse(workerData);
  const onError = (error: unknown, where: string) => say({ kind: 'error', where, ...faultOf(error) });
  const bus = await RemoteBus.open(messagePort(end), { validate: false, onError });
  const thread = await NodeThread.build(setup, bus);
  parentPort?.on('message', (message) => {
    const order = threadOrder.parse(message);
    if (order.kind === 'tell') thread.tell(order.fields);
    else void thread.change(order.id, order.request);
  });
  say({ kind: 'loaded' });
}

await main();
