import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { TestClock } from '../../test/support/access_clock.ts';
import { logIn } from './login.ts';
import { LoginThrottle } from './login_throttle.ts';
import { hashPassword, isPassword, SCRYPT_COST, unmatchedHash } from './passwords.ts';
import { systemRandom } from './secret_bytes.ts';
import { Users } from './users.ts';

const CHEAP = { n: 2, r: 1, p: 1 };
const AT = '2026-01-02T03:04:05.000Z';
const GOOD = 'correct horse battery';
let folder = '';
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'users ')), 'teleop');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
const opened = () => new Users({ folder, cost: CHEAP });

describe('passwords', () => {
  it('are kept with a salt of their own, and fit themselves alone', async () => {
    const [a, b] = [await hashPassword(GOOD, systemRandom, CHEAP), await hashPassword(GOOD, systemRandom, CHEAP)];
    expect(a.hash === b.hash).toBe(false);
    expect(await isPassword(GOOD, a)).toBe(true);
    for (const wrong of ['', GOOD.slice(1), `${GOOD} `, GOOD.toUpperCase()])
      expect(await isPassword(wrong, a), wrong).toBe(false);
  });

  it('are the same however their accents are written', async () => {
    const kept = await hashPassword('Z\u00fcrich am Morgen', systemRandom, CHEAP);
    expect(await isPassword('Zu\u0308rich am Morgen', kept)).toBe(true);
  });

  it('agree with the vector of RFC 7914', async () => {
    const salt = Buffer.from('NaCl').toString('base64');
    const hash = 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162';
    const kept = {
      kdf: 'scrypt',
      n: 1024,
      r: 8,
      p: 16,
      salt,
      hash: Buffer.from(hash, 'hex').toString('base64'),
    } as const;
    expect(await isPassword('password', kept)).toBe(true);
  });

  it('cost as much for users that are not there', () => {
    const { n, r, p } = unmatchedHash(systemRandom);
    expect({ n, r, p }).toEqual(SCRYPT_COST);
    expect(n * r * 128).toBeGreaterThanOrEqual(32 * 1024 * 1024);
  });
});

describe('users', () => {
  it('are known by name and password, in a file that nobody else reads', async () => {
    const users = opened();
    await users.add('ada', 'operator', GOOD, AT);
    expect(users.list()).toEqual([{ name: 'ada', role: 'operator', created_at: AT }]);
    expect([statSync(folder).mode & 0o777, statSync(users.file).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(readFileSync(users.file, 'utf8')).not.toContain(GOOD);
    expect(await opened().verify('ada', GOOD)).toMatchObject({ user: 'ada', role: 'operator' });
    expect([await users.verify('ada', `${GOOD}x`), await users.verify('bob', GOOD)]).toEqual([null, null]);
  });

  it('are others after every change, also one made by another process', async () => {
    const clock = new TestClock();
    const [server, command] = [new Users({ folder, cost: CHEAP, now: clock.now }), opened()];
    await command.add('ada', 'operator', GOOD, AT);
    const changes = [
      () => command.setRole('ada', 'viewer'),
      () => command.setPassword('ada', `${GOOD} staple`),
      () => command.remove('ada'),
    ];
    let password = GOOD;
    for (const change of changes) {
      clock.pass(1000);
      const grant = await server.verify('ada', password);
      if (grant === null) throw new Error('not known');
      expect(server.isCurrent(grant)).toBe(true);
      await change();
      clock.pass(1000);
      expect(server.isCurrent(grant), String(change)).toBe(false);
      if (String(change).includes('staple')) password = `${GOOD} staple`;
    }
    expect(server.list()).toEqual([]);
  });

  it('are looked up again a second later, and a file that broke meanwhile is told and changes nothing', async () => {
    const [clock, told] = [new TestClock(), [] as string[]];
    const users = new Users({ folder, cost: CHEAP, now: clock.now, tell: (problem) => told.push(problem) });
    await users.add('ada', 'operator', GOOD, AT);
    const grant = await users.verify('ada', GOOD);
    if (grant === null) throw new Error('not known');
    writeFileSync(users.file, 'broken');
    clock.pass(1000);
    expect(users.isCurrent(grant)).toBe(true);
    expect(told.join()).toContain('must be JSON');
  });

  it('have names that can be read, each once, and passwords that are not short', async () => {
    const users = opened();
    for (const name of ['', 'Ada', 'local', '1st', 'a b', '../a', 'a\n', 'a'.repeat(33), '__proto__'])
      await expect(users.add(name, 'viewer', GOOD, AT), name).rejects.toThrow(InputError);
    for (const password of ['', 'short', 'a'.repeat(30), 'x'.repeat(300)])
      await expect(users.add('ada', 'viewer', password, AT), password).rejects.toThrow(InputError);
    await users.add('ada', 'viewer', GOOD, AT);
    await expect(users.add('ada', 'supervisor', GOOD, AT)).rejects.toThrow(/is there already/);
    expect(() => users.remove('bob')).toThrow(/one of: ada/);
  });

  it('are refused from a file that others can read or that is none; what was known stays', async () => {
    const users = opened();
    await users.add('ada', 'viewer', GOOD, AT);
    const whole = readFileSync(users.file, 'utf8');
    for (const text of ['', '[]', whole.replace('"viewer"', '"root"'), whole.slice(0, -5)]) {
      writeFileSync(users.file, text);
      expect(() => users.refresh(), text).toThrow(InputError);
    }
    expect(users.list()).toHaveLength(1);
    writeFileSync(users.file, whole);
    chmodSync(users.file, 0o640);
    expect(opened).toThrow(/chmod 600/);
  });
});

describe('logging in by name', () => {
  it('says the same of a wrong name as of a wrong password', async () => {
    const users = opened();
    await users.add('ada', 'viewer', GOOD, AT);
    const throttle = new LoginThrottle(new TestClock().now);
    const tried = (user: string, password: string) => logIn({ user, password }, '10.0.0.1', { users, throttle });
    expect(await tried('bob', GOOD)).toEqual(await tried('ada', 'wrong'));
    expect(await tried('ada', GOOD)).toMatchObject({ kind: 'granted', grant: { user: 'ada', role: 'viewer' } });
  });

  it('lets few through of a thousand at once, and counts them all as failed until they have not', async () => {
    const users = opened();
    await users.add('ada', 'viewer', GOOD, AT);
    const throttle = new LoginThrottle(new TestClock().now);
    const all = Array.from({ length: 1000 }, (_, i) =>
      logIn({ user: 'ada', password: `wrong ${i}` }, '10.0.0.1', { users, throttle }),
    );
    const outcomes = (await Promise.all(all)).map(({ kind }) => kind);
    expect(outcomes.filter((kind) => kind === 'refused')).toHaveLength(5);
    expect(outcomes.filter((kind) => kind === 'wait')).toHaveLength(995);
  });
});
