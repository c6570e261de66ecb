import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type BusHost, InputError, type Port, RemoteBus, type RemoteBusOptions } from '../contracts/index.ts';
import { FrameCutter } from './frame_cutter.ts';
import { foreign, ownFolder, stopFolders } from './stop_folder.ts';
import { removeDead } from './stop_socket.ts';

/** Longest frame: some of the largest pictures (bytes). */
export const MOST_FRAME_BYTES = 32 * 2 ** 20;
/** What may wait for a peer that does not read, beyond which it is given up (bytes). */
const MOST_WAITING_BYTES = 2 * MOST_FRAME_BYTES;
const HEADER = 4;
let opened = 0;

/**
 * A Unix socket (mode 0600, in a folder of mode 0700) over which other processes of this user take part in a bus. Frames
 * are structured clones with their length before them; a peer that sends what is none, or a longer one, is cut off.
 */
export class BusSocket {
  readonly path: string;
  private readonly server: Server;
  private readonly peers = new Set<Port>();

  private constructor(path: string, bus: BusHost, onPeer: (change: string) => void) {
    this.path = path;
    this.server = createServer((socket) => {
      const peer = socketPort(socket);
      this.peers.add(peer);
      onPeer('connected');
      bus.attach(peer, false, (reason) => {
        this.peers.delete(peer);
        onPeer(reason);
      });
    });
  }

  /**
   * In the first of the folders that is this user's alone; throws InputError where none is.
   *
   * @param onPeer  told `connected` for every peer, and later why it is gone
   */
  static async open(
    bus: BusHost,
    folders: readonly string[] = stopFolders(process.env),
    onPeer: (change: string) => void = () => {},
  ): Promise<BusSocket> {
    const folder = ownFolder(folders);
    removeDead(folder, 'bus');
    const path = join(folder, `bus-${process.pid}-${++opened}.sock`);
    rmSync(path, { force: true });
    const socket = new BusSocket(path, bus, onPeer);
    await new Promise<void>((resolve, reject) => {
      socket.server.once('error', reject);
      socket.server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    return socket;
  }

  async close(reason = 'the bus has ended'): Promise<void> {
    for (const peer of this.peers) peer.close(reason);
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    rmSync(this.path, { force: true });
  }
}

/** The bus at a socket of this user. Throws InputError where there is none; to connect again is the caller's affair. */
export async function connectBusSocket(path: string, options: RemoteBusOptions = {}): Promise<RemoteBus> {
  const refusal = foreign(dirname(path));
  if (refusal !== '') throw new InputError(dirname(path), refusal);
  const socket = new Socket();
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(new InputError(`bus socket ${path}`, error.message, { cause: error })));
    socket.connect(path, resolve);
  });
  socket.removeAllListeners('error');
  return RemoteBus.open(socketPort(socket), options);
}

function socketPort(socket: Socket): Port {
  let why = '';
  const cutter = new FrameCutter(MOST_FRAME_BYTES);
  const close = (reason = 'it was closed') => {
    if (why === '') why = reason;
    socket.destroy();
  };
  socket.on('error', (error) => close(error.message));
  // What comes before there is somebody to hear it waits in the kernel.
  socket.pause();
  return {
    send: (message) => {
      if (why !== '' || socket.destroyed) return;
      const frame = serialize(message);
      if (frame.length > MOST_FRAME_BYTES)
        throw new InputError(`a message of ${frame.length} bytes`, `at most ${MOST_FRAME_BYTES} over a socket`);
      const header = Buffer.allocUnsafe(HEADER);
      header.writeUInt32LE(frame.length);
      socket.cork();
      socket.write(header);
      socket.write(frame);
      socket.uncork();
      if (socket.writableLength > MOST_WAITING_BYTES) close('it does not read what it is sent');
    },
    onMessage: (handler) => {
      socket.on('data', (chunk: Buffer) => {
        try {
          cutter.push(chunk, (frame) => {
            if (why === '') handler(deserialize(frame));
          });
        } catch (error) {
          close(error instanceof Error ? error.message : String(error));
        }
      });
      socket.resume();
    },
    onClose: (handler) => {
      socket.once('close', () => handler(why === '' ? 'the other end has closed it' : why));
    },
    close,
  };
}
