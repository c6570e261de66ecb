import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { parseMessage } from '../contracts/index.ts';
import { ownFolder, stopFolders } from './stop_folder.ts';

/** What is asked over such a socket: one line of JSON. */
export const stopRequest = z.strictObject({
  stop: z.string().max(200).describe('Who asks, or why.'),
  /** Null for whatever the socket stops. */
  namespace: z.string().max(200).nullable(),
});
export type StopRequest = z.infer<typeof stopRequest>;

/** One line in return. */
export const stopAnswer = z.strictObject({
  stopped: z.boolean(),
  robot: z.string(),
  namespace: z.string(),
  pid: z.int(),
  message: z.string(),
});
export type StopAnswer = z.infer<typeof stopAnswer>;

export interface StoppedThing {
  readonly robot: string;
  /** Of the graph it belongs to, empty for none. */
  readonly namespace: string;
  /** Begins the stop; is told who asked. What it resolves with or throws is the answer's message. */
  readonly stop: (reason: string) => string | Promise<string>;
}

/** Longest request, bytes, and how long a peer may take to send it, ms. */
const MOST_BYTES = 4096;
const PATIENCE_MS = 2000;
let opened = 0;

/**
 * A Unix socket (mode 0600, in a folder of mode 0700) by which this user stops an arm without ROS: a line of JSON in, the
 * stop, a line of JSON out. It can do nothing else. Sockets of processes that are gone are removed.
 */
export class StopSocket {
  readonly path: string;
  private readonly server: Server;
  private readonly thing: StoppedThing;
  private readonly peers = new Set<Socket>();

  private constructor(path: string, thing: StoppedThing) {
    this.path = path;
    this.thing = thing;
    this.server = createServer((peer) => this.hear(peer));
  }

  /** In the first of the folders that is this user's alone; throws InputError where none is. */
  static async open(thing: StoppedThing, folders = stopFolders(process.env)): Promise<StopSocket> {
    const folder = ownFolder(folders);
    removeDead(folder, 'stop');
    const path = join(folder, `stop-${process.pid}-${++opened}.sock`);
    rmSync(path, { force: true });
    const socket = new StopSocket(path, thing);
    await new Promise<void>((resolve, reject) => {
      socket.server.once('error', reject);
      socket.server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    return socket;
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    rmSync(this.path, { force: true });
  }

  private hear(peer: Socket): void {
    let text = '';
    this.peers.add(peer);
    peer.setTimeout(PATIENCE_MS, () => peer.destroy());
    peer.setEncoding('utf8');
    peer.on('error', () => peer.destroy());
    peer.on('close', () => this.peers.delete(peer));
    peer.on('data', (more: string) => {
      text += more;
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= MOST_BYTES) return;
      peer.removeAllListeners('data');
      void this.answer(text.slice(0, end < 0 ? 0 : end)).then((answer) => peer.end(`${JSON.stringify(answer)}\n`));
    });
  }

  private async answer(line: string): Promise<StopAnswer> {
    const { robot, namespace, stop } = this.thing;
    const own = { robot, namespace, pid: process.pid };
    try {
      const asked = parseMessage(stopRequest, JSON.parse(line), 'stop request');
      if (asked.namespace !== null && bare(asked.namespace) !== bare(namespace))
        return { ...own, stopped: false, message: 'another namespace' };
      return { ...own, stopped: true, message: await stop(asked.stop) };
    } catch (error) {
      return { ...own, stopped: false, message: error instanceof Error ? error.message : String(error) };
    }
  }
}

const bare = (namespace: string) => namespace.replace(/^\//, '');

/** Sockets of a kind that processes have left which are gone: process numbers in the names tell whose they are. */
export function removeDead(folder: string, kind: 'stop' | 'bus'): void {
  for (const name of readdirSync(folder)) {
    const [, of, pid] = /^(\w+)-(\d+)-\d+\.sock$/.exec(name) ?? [];
    if (of === kind && !runs(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
