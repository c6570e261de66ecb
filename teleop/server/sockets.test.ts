import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createRng } from '../../contracts/index.ts';
import { wallClock_ms } from '../../test/support/wall_clock.ts';
import { LOOPBACK_NAMES, originsOf, Sessions, SIZE_LIMITS, systemRandom } from '../access/index.ts';
import { Sockets } from './sockets.ts';

let server: Server;
let sockets: Sockets;
let sessions: Sessions;
let port = 0;
let heard: string[] = [];
let opened = 0;
let refused: string[] = [];
const clients: WebSocket[] = [];

beforeEach(async () => {
  [heard, opened, refused] = [[], 0, []];
  server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  sessions = new Sessions({ now: () => Date.now(), random: systemRandom });
  const handler = {
    open: () => {
      opened++;
      return { message: (text: string) => void heard.push(text), closed: () => {} };
    },
  };
  sockets = new Sockets(server, {
    origins: () => originsOf({ scheme: 'http', port, names: LOOPBACK_NAMES }),
    sessions,
    now_ms: wallClock_ms,
    handlers: { control: handler, pictures: handler, stop: handler },
    onRefusal: (_, reason) => void refused.push(reason),
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  sockets.close();
  await new Promise((resolve) => server.close(resolve));
});

const tokenOf = () => sessions.open({ user: 'ann', role: 'operator', serial: '' })?.token ?? '';

/** How a socket ends, or what state it is in after a moment. */
async function tried(
  path: string,
  headers: Readonly<Record<string, string>>,
  first: string | Buffer | null,
): Promise<string> {
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  clients.push(client);
  return new Promise((resolve) => {
    client.on('unexpected-response', (_, response) => resolve(String(response.statusCode)));
    client.on('error', (error) => resolve(error.message));
    client.on('close', (code) => resolve(String(code)));
    client.on('open', () => {
      if (first !== null) client.send(first);
      setTimeout(() => resolve('open'), 150);
    });
  });
}

const own = () => ({ host: `localhost:${port}`, origin: `http://localhost:${port}` });
const auth = (token: string) => JSON.stringify({ type: 'auth', token, tab: 'tab-12345678' });

it('a page of the server with a session is let in', async () => {
  expect(await tried('/ws/control', own(), auth(tokenOf()))).toBe('open');
  expect([opened, refused]).toEqual([1, []]);
});

it('foreign origins, other ports, names bound to the address and tokens in URLs are turned away before the upgrade', async () => {
  const token = tokenOf();
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['/ws/control', { ...own(), origin: 'https://evil.org' }, '403'],
    ['/ws/control', { ...own(), origin: `http://localhost:${port + 1}` }, '403'],
    ['/ws/control', { host: own().host }, '403'],
    ['/ws/control', { host: `evil.org:${port}`, origin: `http://evil.org:${port}` }, '421'],
    [`/ws/control?token=${token}`, own(), '400'],
    ['/ws/other', own(), '404'],
    ['/', own(), '404'],
  ];
  for (const [path, headers, expected] of cases)
    expect(await tried(path, headers, auth(token)), JSON.stringify([path, headers])).toBe(expected);
  expect(opened).toBe(0);
  expect(refused).toHaveLength(cases.length);
  expect(refused.join()).not.toContain(token);
});

it('who does not say who they are, says it wrongly, or in binary is closed', async () => {
  const token = tokenOf();
  for (const first of [
    auth(`${token.slice(1)}x`),
    auth(''),
    '{}',
    'null',
    '[]',
    '{"type":"auth"}',
    Buffer.from(auth(token)),
    JSON.stringify({ ...JSON.parse(auth(token)), more: 1 }),
  ])
    expect(await tried('/ws/control', own(), first), String(first)).toBe('1008');
  expect(opened).toBe(0);
});

it('messages over their size close the socket, and nothing of them is heard', async () => {
  for (const [name, bytes] of [
    ['control', SIZE_LIMITS.control_message],
    ['stop', SIZE_LIMITS.stop_message],
  ] as const) {
    const client = new WebSocket(`ws://127.0.0.1:${port}/ws/${name}`, { headers: own() });
    clients.push(client);
    await new Promise((resolve) => client.once('open', resolve));
    client.send(auth(tokenOf()));
    client.send('x'.repeat(bytes + 1));
    const code = await new Promise((resolve) => client.once('close', resolve));
    expect([code, heard]).toEqual([1009, []]);
  }
});

it('a flood on the control socket is thinned; stops are all heard', async () => {
  const token = tokenOf();
  for (const name of ['control', 'stop'] as const) {
    heard = [];
    const client = new WebSocket(`ws://127.0.0.1:${port}/ws/${name}`, { headers: own() });
    clients.push(client);
    await new Promise((resolve) => client.once('open', resolve));
    client.send(auth(token));
    for (let k = 0; k < 1000; k++) client.send('{}');
    await expect.poll(() => heard.length, { timeout: 5000 }).toBeGreaterThan(name === 'stop' ? 999 : 200);
    if (name === 'control') expect(heard.length).toBeLessThan(700);
  }
  expect(refused).toEqual(['rate']);
});

it('a session that ends takes its sockets along', async () => {
  const opened_session = sessions.open({ user: 'ann', role: 'operator', serial: '' });
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws/control`, { headers: own() });
  clients.push(client);
  await new Promise((resolve) => client.once('open', resolve));
  client.send(auth(opened_session?.token ?? ''));
  await expect.poll(() => opened).toBe(1);
  sockets.end(opened_session?.session.id ?? '', 'revoked');
  expect(await new Promise((resolve) => client.once('close', resolve))).toBe(1008);
});

it('bytes that are no frames leave the server up', async () => {
  const rng = createRng(3);
  for (let trial = 0; trial < 30; trial++) {
    const client = new WebSocket(`ws://127.0.0.1:${port}/ws/stop`, { headers: own() });
    clients.push(client);
    const ended = new Promise((resolve) => client.once('close', resolve));
    client.on('error', () => {});
    await new Promise((resolve) => client.once('open', resolve));
    const raw = (client as unknown as { readonly _socket: { write(bytes: Uint8Array): void } })._socket;
    raw.write(Uint8Array.from({ length: 64 + rng.int(500) }, () => rng.int(256)));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  expect(await tried('/ws/control', own(), auth(tokenOf()))).toBe('open');
});
