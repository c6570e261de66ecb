import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import {
  type Approval,
  ApprovalDesk,
  ApprovalFolder,
  type ApprovalRequest,
  approvalFileName,
  documentOf,
  KeyStore,
  parseRequest,
  signRevocation,
} from '../../safety/index.ts';
import { countedRandom, TestClock } from '../../test/support/access_clock.ts';
import { ARM, approversOf, DAY_MS, NOW_MS, personWithKey, requestOf, signedBy } from '../../test/support/approvals.ts';
import {
  accessPlugin,
  type Deed,
  LOOPBACK_NAMES,
  originsOf,
  type Role,
  Sessions,
  SIZE_LIMITS,
} from '../access/index.ts';
import type { OpenApprovals } from './open_approvals.ts';
import { looksLikePrivateKey } from './private_key.ts';
import { approvalRoutes } from './routes.ts';

const [ADA, BOB, EVE] = ['Ada', 'Bob', 'Eve'].map(personWithKey);
const LIST = approversOf([ADA, BOB]);
const SCRIPTED = documentOf({ schema: 'surepick.autonomy', version: 1, level: 'scripted' });
const HIGHEST = documentOf({ schema: 'surepick.autonomy', version: 1, level: 'unattended' });

let scratch = '';
let folder = '';
let port = 0;
let app: FastifyInstance;
let token: Readonly<Record<Role, string>>;
let deeds: Deed[] = [];

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'surepick-approvals-'));
  folder = join(scratch, 'approvals');
  new ApprovalFolder(folder).prepare();
  const approvers = join(scratch, 'approvers.json');
  writeFileSync(approvers, JSON.stringify(LIST));
  deeds = [];
  const sessions = new Sessions({ now: new TestClock().now, random: countedRandom() });
  const tokenOf = (role: Role) => sessions.open({ user: role, role, serial: '' })?.token ?? '';
  token = { viewer: tokenOf('viewer'), operator: tokenOf('operator'), supervisor: tokenOf('supervisor') };
  app = fastify({ bodyLimit: SIZE_LIMITS.body });
  const origins = () => originsOf({ scheme: 'http', port, names: LOOPBACK_NAMES });
  await app.register(accessPlugin, { origins, sessions });
  const record = (deed: Deed) => void deeds.push(deed);
  await app.register(approvalRoutes, { folder, approvers, record, now_ms: () => NOW_MS });
  await app.listen({ port: 0, host: 'localhost' });
  port = (app.server.address() as AddressInfo).port;
});
afterEach(async () => {
  await app.close();
  rmSync(scratch, { recursive: true });
});

async function ask(path: string, role: Role, init: RequestInit = {}): Promise<{ status: number; body: string }> {
  const origin = `http://localhost:${port}`;
  const headers = { origin, authorization: `Bearer ${token[role]}`, 'content-type': 'application/json' };
  const answer = await fetch(`${origin}/api/approvals${path}`, { headers, ...init });
  return { status: answer.status, body: await answer.text() };
}
const get = (path = '', role: Role = 'supervisor') => ask(path, role);
const handIn = (told: string | object, role: Role = 'supervisor') =>
  ask('', role, { method: 'POST', body: typeof told === 'string' ? told : JSON.stringify(told) });
const open = async () => (JSON.parse((await get()).body) as OpenApprovals).requests;

function asked(proposed = SCRIPTED, more: Partial<Parameters<typeof requestOf>[0]> = {}): ApprovalRequest {
  const request = requestOf({ what: 'autonomy', in_force: null, proposed, ...more });
  new ApprovalFolder(folder).writeRequest(request);
  return request;
}

const files = () => readdirSync(folder).filter((name) => !name.endsWith('.request.json'));

describe('a signed approval', () => {
  it('is put where the supervisor takes it at its next reset', async () => {
    const wanted = [{ what: 'autonomy', document: SCRIPTED }];
    const desk = new ApprovalDesk({
      ...{ robot: ARM, folder, anchor: join(scratch, 'anchor.json'), approvers: () => LIST, now_ms: () => NOW_MS },
      ...{ author: 'zoe', reason: 'test' },
    });
    expect(desk.decide(wanted).refusals).toHaveLength(1);
    const [{ file, what, signed_by, needed }] = await open();
    expect([what, signed_by, needed]).toEqual(['autonomy', [], 1]);
    const request = parseRequest(JSON.parse((await get(`/${file}`)).body), file);
    const [approval] = signedBy(request, ADA);
    expect(JSON.parse((await handIn(approval)).body)).toEqual({ file: approvalFileName(approval) });
    expect(await open()).toMatchObject([{ signed_by: ['Ada'] }]);
    expect(desk.decide(wanted).refusals).toEqual([]);
    desk.close();
    expect(await open()).toEqual([]);
    expect((await handIn(approval)).status).toBe(422);
    expect(deeds.map(({ deed, accepted }) => [deed, accepted])).toEqual([
      ['approve', true],
      ['approve', false],
    ]);
    expect(deeds[0].fields).toMatchObject({ what: 'autonomy', owner: 'Ada', key: ADA.fingerprint });
  });

  it('is one of several where several have to sign, and counts once', async () => {
    const request = asked(HIGHEST);
    for (const approval of signedBy(request, ADA, BOB, ADA)) expect((await handIn(approval)).status).toBe(200);
    expect(await open()).toMatchObject([{ signed_by: ['Ada', 'Bob'], needed: 2 }]);
    expect(files()).toHaveLength(2);
  });

  it('of a new list of approvers counts when those of the list in force signed it', async () => {
    const request = asked(documentOf(approversOf([EVE])), {
      what: 'approvers',
      in_force: documentOf(approversOf([ADA])),
    });
    expect((await handIn(signedBy(request, EVE)[0])).status).toBe(422);
    expect((await handIn(signedBy(request, ADA)[0])).status).toBe(200);
  });

  it('is refused, and nothing is written, where it does not count', async () => {
    const request = asked();
    const [good] = signedBy(request, ADA);
    const over = asked(HIGHEST, { from_ms: NOW_MS - 2 * DAY_MS, until_ms: NOW_MS - DAY_MS });
    writeFileSync(
      join(folder, 'bob.revocation.json'),
      JSON.stringify(signRevocation(BOB.key, '2026-01-01T00:00:00Z', 'lost')),
    );
    const elsewhere = requestOf({ what: 'autonomy', in_force: null, proposed: SCRIPTED });
    const refused: Readonly<Record<string, string | object>> = {
      'no JSON': 'hello',
      empty: '',
      'a stranger': signedBy(request, EVE)[0],
      'a revoked key': signedBy(request, BOB)[0],
      'a request that is not open here': signedBy(elsewhere, ADA)[0],
      'a request whose time is over': signedBy(over, ADA)[0],
      'a changed statement': { ...good, statement: { ...good.statement, reason: 'another' } },
      'a signature of another': { ...good, key: BOB.fingerprint },
      'a further field': { ...good, more: 1 },
      'a request': request,
    };
    const before = readdirSync(folder).sort();
    for (const [why, body] of Object.entries(refused)) {
      const { status, body: answer } = await handIn(body);
      expect([status, JSON.parse(answer).error], why).toEqual([422, 'approval']);
    }
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(deeds.filter(({ accepted }) => accepted)).toEqual([]);
  });

  it('is taken from supervisors alone', async () => {
    const [approval] = signedBy(asked(), ADA);
    for (const role of ['viewer', 'operator'] as const) {
      expect((await get('', role)).status).toBe(403);
      expect((await handIn(approval, role)).status).toBe(403);
    }
    expect(files()).toEqual([]);
    expect((await handIn(approval)).status).toBe(200);
  });

  it('is no larger than an upload may be', async () => {
    expect((await handIn(' '.repeat(SIZE_LIMITS.upload + 1))).status).toBe(413);
    expect((await handIn(' '.repeat(SIZE_LIMITS.upload))).status).toBe(422);
  });
});

describe('a request', () => {
  it('is given by its name only, whatever else is asked for', async () => {
    asked();
    writeFileSync(join(scratch, 'secret.request.json'), '{}');
    for (const name of ['..%2Fsecret.request.json', 'ledger.jsonl', '%00', '..'])
      expect((await get(`/${name}`)).status, name).toBe(404);
  });
});

describe('a private key', () => {
  const pem = (type: 'ed25519' | 'ec' | 'rsa') => {
    const options = { rsa: { modulusLength: 2048 }, ec: { namedCurve: 'P-256' }, ed25519: {} }[type];
    return generateKeyPairSync(type as 'rsa', options as { modulusLength: number }).privateKey;
  };
  const keys = (['ed25519', 'ec', 'rsa'] as const).map(pem);
  const store = () => {
    const made = new KeyStore(join(scratch, 'keys'));
    made.create({ name: 'ada', owner: 'Ada', created_at: '2026-01-01T00:00:00Z', passphrase: 'open' });
    return readFileSync(join(scratch, 'keys', 'ada.key.json'), 'utf8');
  };

  it('is refused in whatever file it comes, alone or hidden in an approval, and nothing of it is kept or told', async () => {
    const [approval] = signedBy(asked(), ADA);
    const texts = [
      store(),
      ...keys.flatMap((key) => [
        String(key.export({ type: 'pkcs8', format: 'pem' })),
        key.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
        JSON.stringify(key.export({ format: 'jwk' })),
      ]),
    ];
    for (const text of texts) {
      const hidden = { ...approval, statement: { ...approval.statement, reason: text.slice(0, 1000) } };
      const escaped = `{"note":"${[...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}`;
      for (const body of [text, JSON.stringify(hidden), escaped]) {
        const { status, body: answer } = await handIn(body);
        expect([status, answer], body.slice(0, 60)).toEqual([422, expect.stringContaining('must hold no private key')]);
        expect(JSON.stringify([answer, deeds])).not.toContain(text.slice(30, 60));
      }
    }
    expect(files()).toEqual([]);
  });

  it('is not seen in approvals, whoever signs', () => {
    const request = asked();
    for (let i = 0; i < 300; i++) {
      const [approval] = signedBy(request, personWithKey(`P${i}`));
      expect(looksLikePrivateKey(JSON.stringify(approval, null, 2)), JSON.stringify(approval)).toBe(false);
    }
  });
});

it('stays up for whatever is handed in, and takes only what says the same', async () => {
  const rng = createRng(7);
  const [approval] = signedBy(asked(), ADA);
  const text = JSON.stringify(approval);
  const meaning = (json: Approval) => ({ ...json, signature: Buffer.from(json.signature, 'base64').toString('hex') });
  for (let i = 0; i < 150; i++) {
    const at = rng.int(text.length);
    const changed = text.slice(0, at) + String.fromCharCode(rng.int(256)) + text.slice(at + 1);
    const { status } = await handIn(changed);
    expect([200, 422], `case ${i}: ${changed}`).toContain(status);
    if (status === 200) expect(meaning(JSON.parse(changed)), `case ${i}: ${changed}`).toEqual(meaning(approval));
  }
});
