import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { BusHost, catalogueOf, createRng, InProcessBus, SimClock } from '../contracts/index.ts';
import { busContract, count, double, numberTopic } from '../test/support/bus_contract.ts';
import { BusSocket, connectBusSocket, MOST_FRAME_BYTES } from './bus_socket.ts';

let folder = '';
const undo: (() => void | Promise<void>)[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bus-socket-'));
});
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});
afterAll(() => rmSync(folder, { recursive: true }));

const names = ['/numbers', '/sensor', '/commands', '/echo', '/event', '/others'];
const catalogue = catalogueOf({
  topics: [
    ...names.map((name) => numberTopic(name, { kind: name === '/sensor' ? 'latest' : 'queue', depth: 10 })),
    numberTopic('/state', { kind: 'queue', depth: 1 }, true),
  ],
  services: [double],
  actions: [count],
});

/** A bus behind a socket. */
async function hosted() {
  const errors: string[] = [];
  const onError = (error: unknown, where: string) => void errors.push(`${where}: ${error}`);
  const inner = new InProcessBus({ onError });
  const clock = new SimClock();
  const host = new BusHost(inner, clock, { onError, catalogue });
  const socket = await BusSocket.open(host, [folder]);
  undo.push(async () => {
    host.close();
    await socket.close();
  });
  return { inner, clock, host, socket, errors, onError };
}

describe('a remote bus over a socket', () => {
  busContract(async () => {
    const { socket, errors, onError } = await hosted();
    const bus = await connectBusSocket(socket.path, { onError });
    return { bus, errors, settle: () => bus.roundTrip() };
  });
});

describe('the socket of a bus', () => {
  it('is open to this user alone, and gone when it is closed', async () => {
    const { socket } = await hosted();
    expect(statSync(socket.path).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await socket.close();
    expect(existsSync(socket.path)).toBe(false);
    await expect(connectBusSocket(socket.path)).rejects.toThrow(/bus socket/);
  });

  it('refuses a folder that others may write to', async () => {
    const open = join(folder, 'open');
    mkdirSync(open, { mode: 0o755 });
    chmodSync(open, 0o755);
    await expect(connectBusSocket(join(open, 'bus.sock'))).rejects.toThrow(/chmod 700/);
  });

  it('takes from another process only what contracts declare', async () => {
    const { inner, socket, errors } = await hosted();
    const bus = await connectBusSocket(socket.path, { onError: (error) => void errors.push(String(error)) });
    const seen: unknown[] = [];
    const numbers = numberTopic('/numbers', { kind: 'queue', depth: 10 });
    inner.subscribe(numbers, 'inner', (message) => void seen.push(message));
    const loose = { ...numbers, schema: z.custom<{ n: number }>(() => true) };
    const wrong: unknown = { n: 'one' };
    bus.publish(loose, wrong as { n: number });
    bus.publish(numberTopic('/nobody', { kind: 'latest' }), { n: 1 });
    bus.subscribe(numberTopic('/nowhere', { kind: 'latest' }), 'a', () => {});
    bus.publish(numbers, { n: 2 });
    await bus.roundTrip();
    expect(seen).toEqual([{ n: 2 }]);
    expect(errors.map((error) => /\/numbers: n|\/nobody|\/nowhere/.exec(error)?.[0])).toEqual([
      '/numbers: n',
      '/nobody',
      '/nowhere',
    ]);
    const unknown = { ...double, name: '/unknown' };
    await expect(bus.call(unknown, { n: 1 })).rejects.toThrow(/no service of contracts/);
  });

  it('cuts off whoever sends what no bus sends, and serves the others', async () => {
    const { socket, host } = await hosted();
    const good = await connectBusSocket(socket.path);
    const frame = (body: Buffer, length = body.length) => {
      const header = Buffer.alloc(4);
      header.writeUInt32LE(length);
      return Buffer.concat([header, body]);
    };
    const rng = createRng(5, 'bus socket');
    const noise = () => Buffer.from(Array.from({ length: 1 + rng.int(400) }, () => rng.int(256)));
    const hostile = [
      frame(serialize({ kind: 'subscribe' })),
      frame(serialize('text')),
      frame(serialize({ kind: 'publish', topic: null, lost: 0, message: 1 })),
      frame(Buffer.alloc(0), MOST_FRAME_BYTES + 1),
      ...Array.from({ length: 40 }, () => frame(noise())),
    ];
    for (const [k, bytes] of hostile.entries()) {
      const peer = connect(socket.path);
      peer.on('error', () => {});
      peer.resume();
      peer.write(bytes);
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`hostile ${k} is not cut off`)), 20_000);
        peer.once('close', () => {
          clearTimeout(late);
          resolve();
        });
      });
    }
    await good.roundTrip();
    expect(host.ports).toBe(1);
  });

  it('holds bounded memory for a peer that does not read, and gives it the newest when it does', async () => {
    const { inner, host, socket } = await hosted();
    const sensor = numberTopic('/sensor', { kind: 'latest' });
    const peer = connect(socket.path);
    await new Promise<void>((resolve) => peer.once('connect', resolve));
    const header = Buffer.alloc(4);
    const hello = serialize({
      ...{ kind: 'subscribe', id: 1, subscriber: 'frozen' },
      topic: { name: '/sensor', durability: 'volatile', backpressure: { kind: 'latest' } },
    });
    header.writeUInt32LE(hello.length);
    peer.write(Buffer.concat([header, hello]));
    await vi.waitFor(() => expect(inner.subscribers(sensor)).toBe(1), { timeout: 10_000 });
    peer.pause();
    for (let n = 0; n < 20_000; n++) inner.publish(sensor, { n });
    expect(host.dropped).toBeGreaterThan(19_000);
    peer.destroy();
    await vi.waitFor(() => expect(inner.subscribers(sensor)).toBe(0), { timeout: 10_000 });
  });

  it('tells its peers that it has ended', async () => {
    const { host, socket } = await hosted();
    const bus = await connectBusSocket(socket.path);
    const lost = new Promise<string>((resolve) => bus.onLost(resolve));
    host.close();
    expect(await lost).toMatch(/closed/);
  });
});
