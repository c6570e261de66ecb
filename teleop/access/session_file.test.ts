import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countedRandom, TestClock } from '../../test/support/access_clock.ts';
import { LOCAL_GRANT } from './login_codes.ts';
import { SessionFile } from './session_file.ts';
import { Sessions } from './sessions.ts';

let folder = '';
let told: string[] = [];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'sessions ')), 'state');
  told = [];
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const opened = () => new SessionFile(folder, (problem) => told.push(problem));
const sessionsOn = (store: SessionFile) =>
  new Sessions({ now: new TestClock().now, random: countedRandom(), store, limits: { most: 1000 } });

describe('the file of sessions', () => {
  it('is its owner’s alone, and holds no token', async () => {
    const store = opened();
    const token = sessionsOn(store).open(LOCAL_GRANT)?.token ?? '';
    await store.settled();
    const file = join(folder, 'sessions.json');
    expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(token).toHaveLength(43);
    expect(readFileSync(file, 'utf8')).not.toContain(token);
  });

  it('is read by the next server', async () => {
    const store = opened();
    const token = sessionsOn(store).open(LOCAL_GRANT)?.token;
    await store.settled();
    expect(sessionsOn(opened()).authenticate(token)?.user).toBe('local');
  });

  it('knows when each was last seen once the server has ended', async () => {
    const clock = new TestClock();
    const sessions = new Sessions({ now: clock.now, random: countedRandom(), store: opened() });
    const token = sessions.open(LOCAL_GRANT)?.token;
    clock.pass(10);
    sessions.authenticate(token);
    await sessions.close();
    expect(opened().load()[0].seen_ms).toBe(clock.now_ms);
  });

  it('holds what was saved last, however fast it comes', async () => {
    const store = opened();
    const sessions = sessionsOn(store);
    for (let i = 0; i < 200; i++) sessions.open(LOCAL_GRANT);
    const last = sessions.open(LOCAL_GRANT);
    await store.settled();
    expect(opened().load()).toHaveLength(201);
    expect(opened().load()[200].id).toBe(last?.session.id);
  });

  it('that is broken is told, and everybody logs in again', async () => {
    const store = opened();
    sessionsOn(store).open(LOCAL_GRANT);
    await store.settled();
    const file = join(folder, 'sessions.json');
    const whole = readFileSync(file, 'utf8');
    for (const text of [
      '',
      '{',
      whole.slice(0, -9),
      whole.replace('supervisor', 'root'),
      whole.replace(':1,', ':2,'),
    ]) {
      told = [];
      writeFileSync(file, text);
      expect(opened().load(), text).toEqual([]);
      expect(told.join(), text).toContain('cannot be used, all sessions have ended');
    }
  });

  it('that cannot be written is told, and the server goes on', async () => {
    const store = opened();
    const sessions = sessionsOn(store);
    rmSync(folder, { recursive: true });
    const token = sessions.open(LOCAL_GRANT)?.token;
    await store.settled();
    expect(told.join()).toContain('a restart will end all sessions');
    expect(sessions.authenticate(token)?.user).toBe('local');
  });
});
