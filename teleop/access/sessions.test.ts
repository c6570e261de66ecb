import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { countedRandom, TestClock } from '../../test/support/access_clock.ts';
import { LOCAL_GRANT } from './login_codes.ts';
import { type SessionEnd, type SessionStore, Sessions, type SessionsOptions, type StoredSession } from './sessions.ts';

class Memory implements SessionStore {
  kept: readonly StoredSession[] = [];
  saves = 0;
  load() {
    return this.kept;
  }
  save(sessions: readonly StoredSession[]) {
    this.saves++;
    this.kept = structuredClone(sessions);
  }
  async settled() {}
}

const ADA = { user: 'ada', role: 'operator', serial: 'one' } as const;
const setup = (options: Partial<SessionsOptions> = {}) => {
  const clock = new TestClock();
  const store = new Memory();
  const ends: [string, SessionEnd][] = [];
  const all: SessionsOptions = {
    ...{ now: clock.now, random: countedRandom(), store },
    onEnd: ({ id }, why) => ends.push([id, why]),
    ...options,
  };
  const open = () => {
    const opened = sessions.open(LOCAL_GRANT);
    if (opened === null) throw new Error('refused');
    return opened;
  };
  const sessions = new Sessions(all);
  return { clock, store, ends, sessions, open, again: () => new Sessions(all) };
};

describe('sessions', () => {
  it('are known by tokens of 256 bits, of which nothing is kept but a digest', () => {
    const { sessions, store } = setup();
    const opened = sessions.open(ADA);
    expect(Buffer.from(opened?.token ?? '', 'base64url')).toHaveLength(32);
    expect(sessions.authenticate(opened?.token)).toEqual(opened?.session);
    expect(opened?.session).toMatchObject(ADA);
    expect(JSON.stringify(store.kept)).not.toContain(opened?.token);
    expect(JSON.stringify(sessions.list())).not.toContain(store.kept[0].token_sha256);
  });

  it('are still known after a restart', () => {
    const { sessions, again } = setup();
    const opened = sessions.open(ADA);
    expect(again().authenticate(opened?.token)).toEqual(opened?.session);
  });

  it('end when nothing came for the idle time, and not before', () => {
    const { clock, sessions, ends, open } = setup({ limits: { idle_ms: 1000 } });
    const { session, token } = open();
    for (let i = 0; i < 5; i++) {
      clock.pass(999);
      expect(sessions.authenticate(token)?.id).toBe(session.id);
    }
    clock.pass(1000);
    expect(sessions.authenticate(token)).toBeNull();
    expect(ends).toEqual([[session.id, 'expired']]);
  });

  it('end at the absolute time, whatever comes', () => {
    const { clock, sessions, open } = setup({ limits: { idle_ms: 1000, absolute_ms: 5000 } });
    const { token } = open();
    const known: boolean[] = [];
    for (let i = 0; i < 10; i++) {
      clock.pass(500);
      known.push(sessions.authenticate(token) !== null);
    }
    expect(known).toEqual([...Array(9).fill(true), false]);
  });

  it('that ran out while the server was down are not taken up again', () => {
    const { clock, store, again, open } = setup({ limits: { idle_ms: 1000 } });
    const { token } = open();
    clock.pass(1000);
    expect(again().authenticate(token)).toBeNull();
    expect(store.kept).toEqual([]);
  });

  it('end when revoked, one or all of a user, and stay ended after a restart', () => {
    const { sessions, ends, open, again } = setup();
    const [a, b, c] = [open(), sessions.open(ADA), sessions.open(ADA)];
    expect(sessions.revoke(a.session.id)).toBe(true);
    expect(sessions.revoke(a.session.id)).toBe(false);
    expect(sessions.revokeUser('ada')).toBe(2);
    for (const opened of [a, b, c]) expect(again().authenticate(opened?.token)).toBeNull();
    expect(ends.map(([, why]) => why)).toEqual(['revoked', 'revoked', 'revoked']);
  });

  it('end when their user is another one, in use or at a sweep', () => {
    let serial = 'one';
    const { sessions, ends } = setup({ isCurrent: (grant) => grant.serial === serial });
    const [used, unused] = [sessions.open(ADA), sessions.open(ADA)];
    serial = 'two';
    expect(sessions.authenticate(used?.token)).toBeNull();
    sessions.sweep();
    expect(ends).toEqual([
      [used?.session.id, 'user_changed'],
      [unused?.session.id, 'user_changed'],
    ]);
  });

  it('are no more than may be: the one unseen for longest gives way, one in use never', () => {
    const { clock, sessions, ends, open } = setup({ limits: { most: 3, busy_ms: 100 } });
    const [a, b, c] = [open(), open(), open()];
    expect(sessions.open(ADA)).toBeNull();
    clock.pass(100);
    sessions.authenticate(a.token);
    sessions.authenticate(c.token);
    expect(sessions.open(ADA)).not.toBeNull();
    expect(ends).toEqual([[b.session.id, 'replaced']]);
    expect(sessions.open(ADA)).toBeNull();
    expect(sessions.authenticate(a.token)).not.toBeNull();
  });

  it('do not write to the disk with every message', () => {
    const { clock, sessions, store, open } = setup();
    const { token } = open();
    const before = store.saves;
    for (let i = 0; i < 1800; i++) {
      clock.pass(33);
      sessions.authenticate(token);
    }
    expect(store.saves).toBe(before);
    clock.pass(1000);
    sessions.authenticate(token);
    expect(store.saves).toBe(before + 1);
  });

  it('are opened by none of 10,000 wrong tokens', () => {
    const { sessions, store, open } = setup();
    const { token } = open();
    const rng = createRng(3);
    const others: unknown[] = [undefined, null, 0, {}, [], [token], '', 'null', store.kept[0].token_sha256];
    for (let i = 0; i < 10_000; i++) {
      const at = rng.int(token.length);
      const kinds = [
        token.slice(0, at),
        token.slice(0, at) + String.fromCharCode(33 + rng.int(90)) + token.slice(at + 1),
        token + token[at],
        Buffer.from(countedRandom(i)(32)).toString('base64url'),
      ];
      others.push(kinds[rng.int(kinds.length)]);
    }
    for (const other of others) if (other !== token) expect(sessions.authenticate(other), String(other)).toBeNull();
    expect(sessions.authenticate(token)).not.toBeNull();
  });
});
