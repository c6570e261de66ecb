import { Agent, type RequestOptions, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import Fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { countedRandom, TestClock } from '../../test/support/access_clock.ts';
import { accessPlugin, type RefusedRequest, rateLimitOptions } from './guard.ts';
import { RATE_LIMITS } from './limits.ts';
import { LOOPBACK_NAMES, originsOf } from './origins.ts';
import type { Role } from './roles.ts';
import { Sessions } from './sessions.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function served() {
  const app = Fastify();
  closing.push(() => app.close());
  const sessions = new Sessions({ now: new TestClock().now, random: countedRandom() });
  const refused: RefusedRequest[] = [];
  let port = 0;
  const origins = () => originsOf({ scheme: 'http', port, names: LOOPBACK_NAMES });
  await app.register(accessPlugin, { origins, sessions, onRefusal: (one: RefusedRequest) => refused.push(one) });
  // A window that no slow machine outlasts.
  await app.register(rateLimit, { ...rateLimitOptions(), timeWindow: 3_600_000 });
  app.get('/', async () => 'page');
  app.get('/api/who', { config: { access: 'view' } }, async ({ session }) => session);
  app.post('/api/operate', { config: { access: 'operate' } }, async () => 'moved');
  app.post('/api/stop', { config: { access: 'stop' } }, async () => 'stopped');
  app.post('/api/session', { config: { access: 'public' } }, async () => 'token');
  await app.listen({ port: 0, host: '127.0.0.1' });
  port = (app.server.address() as AddressInfo).port;
  const own = `http://localhost:${port}`;
  const tokenOf = (role: Role) => sessions.open({ user: role, role, serial: '' })?.token ?? '';
  const ask = async (method: string, path: string, headers: Readonly<Record<string, string>> = {}) => {
    const lines = Object.entries({ host: `localhost:${port}`, connection: 'close', ...headers });
    const head = [`${method} ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''];
    return raw(port, head.join('\r\n'));
  };
  return { app, port, own, sessions, refused, tokenOf, ask };
}

function statusOf(options: RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', ...options }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    asked.on('error', reject).end();
  });
}

/** The status of what comes back for these bytes, and its body. */
function raw(port: number, text: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head, body = ''] = answer.split('\r\n\r\n');
      resolve({ status: Number(/^HTTP\/1.1 (\d{3})/.exec(head)?.[1] ?? 0), body });
    });
  });
}

describe('a guarded server', () => {
  it('gives the page to whoever reaches it by its name', async () => {
    const { ask } = await served();
    expect(await ask('GET', '/')).toMatchObject({ status: 200, body: 'page' });
  });

  it('answers nothing under a name that was bound to its address, not even that there is nothing', async () => {
    const { ask, refused } = await served();
    for (const path of ['/', '/api/who', '/nothing']) {
      const { status } = await ask('GET', path, { host: 'evil.org' });
      expect(status, path).toBe(421);
    }
    expect(refused.map(({ refusal }) => refusal.reason)).toEqual(['host', 'host', 'host']);
  });

  it('does nothing for a foreign page or one of another port, with the best of tokens', async () => {
    const { ask, own, port, tokenOf } = await served();
    const authorization = `Bearer ${tokenOf('supervisor')}`;
    for (const origin of ['https://evil.org', 'null', `http://localhost:${port + 1}`])
      for (const path of ['/api/operate', '/api/stop', '/api/session'])
        expect((await ask('POST', path, { authorization, origin })).status, `${origin} ${path}`).toBe(403);
    expect((await ask('POST', '/api/operate', { authorization })).status).toBe(403);
    expect((await ask('POST', '/api/operate', { authorization, origin: own })).body).toBe('moved');
  });

  it('lets a viewer look and stop, and refuses a forged command', async () => {
    const { ask, own, tokenOf, refused } = await served();
    const headers = { authorization: `Bearer ${tokenOf('viewer')}`, origin: own };
    expect((await ask('GET', '/api/who', headers)).body).toContain('"user":"viewer"');
    expect((await ask('POST', '/api/stop', headers)).body).toBe('stopped');
    expect((await ask('POST', '/api/operate', headers)).status).toBe(403);
    expect(refused).toMatchObject([{ refusal: { reason: 'permission' }, session: { user: 'viewer' } }]);
  });

  it('does nothing without a session', async () => {
    const { ask, own, sessions, tokenOf } = await served();
    const token = tokenOf('operator');
    for (const authorization of ['', 'Bearer', 'Bearer x', `Basic ${token}`, `Bearer ${token.slice(1)}`])
      expect((await ask('POST', '/api/stop', { origin: own, authorization })).status, authorization).toBe(401);
    sessions.revokeUser('operator');
    expect((await ask('POST', '/api/stop', { origin: own, authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it('refuses a token in a URL and tells nothing of it', async () => {
    const { ask, own, tokenOf, refused } = await served();
    const token = tokenOf('supervisor');
    const { status, body } = await ask('GET', `/api/who?token=${token}`, { origin: own });
    expect([status, body.includes(token)]).toEqual([400, false]);
    expect(refused).toHaveLength(1);
    expect(JSON.stringify(refused)).not.toContain(token);
    expect(refused[0].path).toBe('/api/who');
  });

  it('takes no route under /api that says not what it needs', async () => {
    const other = Fastify();
    closing.push(() => other.close());
    const sessions = new Sessions({ now: new TestClock().now, random: countedRandom() });
    const origins = () => originsOf({ scheme: 'http', port: 1, names: ['localhost'] });
    await other.register(accessPlugin, { origins, sessions });
    expect(() => other.get('/api/open', async () => 'open')).toThrow(InputError);
  });

  it('never counts a stop, with its limit on requests used up', async () => {
    const { own, port, tokenOf } = await served();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const authorization = `Bearer ${tokenOf('viewer')}`;
    const statuses = async (method: string, path: string, count: number) => {
      const seen: number[] = [];
      for (let i = 0; i < count; i++)
        seen.push(await statusOf({ agent, port, method, path, headers: { authorization, origin: own } }));
      return seen;
    };
    expect(new Set(await statuses('GET', '/api/who', RATE_LIMITS.request.burst + 20))).toEqual(new Set([200, 429]));
    expect(new Set(await statuses('POST', '/api/stop', RATE_LIMITS.request.burst + 20))).toEqual(new Set([200]));
    expect(await statuses('GET', '/api/who', 1)).toEqual([429]);
    agent.destroy();
  });

  it('stays up for bytes that are no request', async () => {
    const { port, ask } = await served();
    const heads = [
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      '\0\0\0\0\r\n\r\n',
      'A'.repeat(9),
    ];
    for (const head of heads) {
      const { status } = await raw(port, `${head}\r\n\r\n`);
      expect([0, 400, 421], JSON.stringify(head)).toContain(status);
    }
    expect((await ask('GET', '/')).status).toBe(200);
  });
});
