import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readExamples } from '../datasets/index.ts';
import { askHttp, type OpenedSession, TeleopClient } from '../test/support/teleop_client.ts';
import { TeleopProcess } from '../test/support/teleop_process.ts';
import { initTls, teleopConfigFolder, Users } from './index.ts';

const HOST = 'cell-3.example.org';
const PASSWORDS = { ada: 'correct horse battery staple', bob: 'a viewer of few words' } as const;

let teleop: TeleopProcess;
let ca = '';
/** Listens everywhere, so the name of this machine's own will do here. */
let base = '';

/** As somebody sets a cell up: an authority, a certificate, users; gives the options that go with them. */
async function prepared(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const folder = teleopConfigFolder(env);
  const users = new Users({ folder });
  const added = new Date().toISOString();
  await users.add('ada', 'operator', PASSWORDS.ada, added);
  await users.add('bob', 'viewer', PASSWORDS.bob, added);
  const tls = { hosts: [HOST], folder: join(folder, 'tls'), force: false };
  const made = await initTls({ ...tls, now: () => Date.now(), random: randomBytes });
  ca = readFileSync(made.ca, 'utf8');
  return ['--host', '0.0.0.0', '--cert', made.cert, '--key', made.key];
}

beforeAll(async () => {
  teleop = await TeleopProcess.start([], 0, {}, prepared);
  base = `https://127.0.0.1:${new URL(teleop.url).port}`;
});
afterAll(async () => {
  expect(await teleop?.stop()).toBe(130);
});

async function loggedIn(user: keyof typeof PASSWORDS): Promise<OpenedSession> {
  const { status, body } = await askHttp(base, 'POST', '/api/login', { body: { user, password: PASSWORDS[user] }, ca });
  expect(status, body).toBe(200);
  const { token, session } = JSON.parse(body) as { token: string; session: { id: string } };
  return { base, token, id: session.id, ca };
}

/** A machine that is busy may be late with the first message; then the server hangs up. */
async function connected(session: OpenedSession): Promise<TeleopClient> {
  for (let tries = 1; ; tries++) {
    try {
      return await TeleopClient.connect(session);
    } catch (error) {
      if (tries === 5 || !String(error).includes('say who you are')) throw error;
    }
  }
}

describe('over a network', () => {
  it('is opened under the name of the certificate, by no code', () => {
    expect(teleop.url).toMatch(new RegExp(`^https://${HOST.replaceAll('.', '\\.')}:\\d+/$`));
  });

  it('named users log in, see the state over TLS, and may do what their role may', async () => {
    const body = { user: 'ada', password: PASSWORDS.bob };
    expect((await askHttp(base, 'POST', '/api/login', { body, ca })).status).toBe(401);
    const ada = await connected(await loggedIn('ada'));
    const bob = await connected(await loggedIn('bob'));
    expect(ada.welcome?.session).toMatchObject({ user: 'ada', role: 'operator' });
    expect(ada.welcome?.world.kind).toBe('simulation');
    const seen = ada.frames;
    await ada.until(() => ada.frames > seen + 10, 'states');
    expect(await bob.ask({ type: 'lease', want: 'take' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('viewer'),
    });
    const alive = setInterval(() => ada.alive(), 250);
    await ada.takeControl();
    clearInterval(alive);
    await bob.until(() => bob.frame?.lease.holder?.user === 'ada', 'who is in control');
    expect((await bob.armStop()).readyState).toBe(1);
    for (const client of [ada, bob]) client.close();
  });

  it('an outline that one of them rejects lies beside the cell as an example of that picture, under name and model', async () => {
    const ada = await connected(await loggedIn('ada'));
    let reason = 'nothing is seen';
    for (let tries = 0; reason !== '' && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const scene = ada.newest.get('scene');
      const [outline] = scene?.type === 'scene' ? scene.outlines.filter(({ boxes }) => boxes.length > 0) : [];
      if (outline === undefined) continue;
      const { camera, stamp_ms, boxes } = outline;
      const about = { kind: 'outline', camera, stamp_ms, object: boxes[0].id } as const;
      ({ reason } = await ada.ask({ type: 'correct', about, verdict: { mistake: 'not_object' } }));
    }
    expect(reason).toBe('');
    const examples = () => readExamples(join(teleop.folder, 'out', 'examples'));
    await vi.waitFor(() => expect(examples()).toHaveLength(1), { timeout: 20_000, interval: 200 });
    const [{ example }] = examples();
    expect(example).toMatchObject({ label: null, by: 'ada', correction: { mistake: 'not_object' } });
    expect(`${example.model} ${example.frame.sha256}`).toMatch(/^[\w.-]+@[\w.-]+ [0-9a-f]{64}$/);
    ada.close();
  });

  it('nobody gets in who does not trust the authority, or comes under another name', async () => {
    const session = await loggedIn('ada');
    const untrusted = { base, token: session.token, id: session.id };
    await expect(TeleopClient.connect(untrusted)).rejects.toThrow(/certificate/);
    await expect(askHttp(base, 'GET', '/')).rejects.toThrow(/certificate/);
    const page = await askHttp(base, 'GET', '/', { ca });
    expect(page.status).toBe(200);
    expect(page.headers['strict-transport-security']).toBeUndefined();
    const { port } = new URL(base);
    const named = await askHttp(base, 'GET', '/', { ca, headers: { host: `${HOST}:${port}` } });
    expect([named.status, named.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
    const foreign = await askHttp(base, 'GET', '/', { ca, headers: { host: `evil.example.org:${port}` } });
    expect(foreign.status).toBeGreaterThanOrEqual(400);
  });

  it('plain HTTP gets nothing', async () => {
    const { port } = new URL(base);
    const answered = await new Promise<string>((resolve) => {
      let bytes = '';
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`),
      );
      socket.on('data', (data) => {
        bytes += data.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(bytes));
    });
    expect(answered).not.toMatch(/HTTP|html/i);
  });
});
