import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteSecret } from '../../contracts/index.ts';
import type { AuditEvent } from '../../safety/index.ts';
import { TestClock } from '../../test/support/access_clock.ts';
import { type Deed, DeedLog } from './deeds.ts';

const ADA = { id: 's-abcdefghijkl', user: 'ada', role: 'operator' } as const;
const deed = (changes: Partial<Deed> = {}): Deed => ({
  ...{ session: ADA, address: '127.0.0.1', deed: 'take_control', fields: {}, accepted: true, reason: '' },
  ...changes,
});
let folder = '';
let told: string[] = [];
let events: AuditEvent[] = [];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'deeds ')), 'state');
  [told, events] = [[], []];
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const setup = () => {
  const clock = new TestClock();
  const audit = { record: (event: AuditEvent) => void events.push(event) };
  const log = new DeedLog(folder, { now: clock.now, audit, tell: (problem) => told.push(problem) });
  const lines = () =>
    readFileSync(join(folder, 'deeds.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { clock, log, lines };
};

describe('the log of deeds', () => {
  it('says who did what, when and from where, in order', async () => {
    const { clock, log, lines } = setup();
    for (let i = 0; i < 100; i++) {
      log.record(deed({ fields: { i } }));
      clock.pass(1);
    }
    await log.settled();
    expect(lines().map(({ fields }) => fields.i)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    const who = { session: ADA.id, user: 'ada', role: 'operator', address: '127.0.0.1' };
    const what = { deed: 'take_control', fields: { i: 0 }, accepted: true, reason: '' };
    expect(lines()[0]).toEqual({ t: '2025-10-09T08:53:20.000Z', ...who, ...what });
    expect(statSync(join(folder, 'deeds.jsonl')).mode & 0o777).toBe(0o600);
  });

  it('goes on where the last server ended', async () => {
    for (let i = 0; i < 3; i++) {
      const { log } = setup();
      log.record(deed());
      await log.settled();
    }
    expect(setup().lines()).toHaveLength(3);
  });

  it('holds no secret and no line that somebody else wrote into it', async () => {
    const { log, lines } = setup();
    noteSecret('a secret of deeds');
    const fields = { token: 'XYZZY', password: 'XYZZY', code: 'XYZZY', note: 'has a secret of deeds\n{"forged":1}' };
    log.record(deed({ fields, reason: 'a\u2028b\u001b[2J', deed: 'x'.repeat(9999) }));
    await log.settled();
    const text = readFileSync(join(folder, 'deeds.jsonl'), 'utf8');
    expect(text).not.toMatch(/XYZZY|a secret of deeds/);
    expect(lines()).toHaveLength(1);
    expect(lines()[0].reason).toBe('a?b?[2J');
    expect(lines()[0].deed).toHaveLength(512);
  });

  it('counts refusals beyond a rate instead of filling the disk, and keeps every deed', async () => {
    const { clock, log, lines } = setup();
    for (let i = 0; i < 10_000; i++) log.record(deed({ accepted: false, reason: 'permission', session: null }));
    for (let i = 0; i < 300; i++) log.record(deed({ fields: { i } }));
    clock.pass(1000);
    await log.settled();
    const all = lines();
    expect(all.filter(({ accepted }) => accepted)).toHaveLength(300);
    expect(all.filter(({ reason }) => reason === 'permission')).toHaveLength(100);
    expect(all.filter(({ deed: name }) => name === 'left_out').map(({ fields }) => fields.count)).toEqual([9900]);
  });

  it('tells the safety audit what it has a kind for', async () => {
    const { log } = setup();
    log.record(deed({ deed: 'stop' }));
    log.record(deed({ deed: 'reset', accepted: false, reason: 'not at rest' }));
    log.record(deed({ deed: 'constructor' }));
    await log.settled();
    const inputs = { user: 'ada', session: ADA.id };
    expect(events).toEqual([
      { kind: 'stop_requested', rule: 'teleop.stop', inputs, outcome: 'accepted' },
      { kind: 'reset', rule: 'teleop.reset', inputs, outcome: 'refused: not at rest' },
    ]);
  });

  it('that cannot be written is told, and nobody waits or fails', async () => {
    const { log } = setup();
    rmSync(folder, { recursive: true });
    for (let i = 0; i < 10; i++) log.record(deed());
    await log.settled();
    expect(told.join()).toContain('cannot be written');
  });
});
