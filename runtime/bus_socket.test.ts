import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { BusHost, catalogueOf, InProcessBus, SimClock } from '../contracts/index.ts';
import { busContract, count, double, numberTopic } from '../test/support/bus_contract.ts';
import { BusSocket, connectBusSocket } from './bus_socket.ts';

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
