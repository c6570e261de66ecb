import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AuditCheckpoint, createRng, InProcessBus, SILENT_LOG, SimClock, TOPICS } from '../../contracts/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import { signerOf } from './checkpoint.ts';
import type { AuditEvent } from './event.ts';
import { AuditLog } from './log.ts';
import { DirectLogFile, SyncedLogFile } from './log_file.ts';
import { AuditNode } from './node.ts';
import { verifyLog } from './verify.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = signerOf(privateKey);
const NS = 1_000_000_000n;
const event = (kind: AuditEvent['kind'], k = 0): AuditEvent => ({ kind, rule: 'test', inputs: { k }, outcome: 'done' });

/** A log in `file`, and the checkpoints it tells. */
function opened(file: string, synced: boolean, now_ns: () => bigint = () => 0n) {
  const log = new AuditLog({
    log: 'cell',
    file: synced ? new SyncedLogFile(file, 'cell') : new DirectLogFile(file),
    now_ns,
    signer,
  });
  const told: AuditCheckpoint[] = [];
  const failures: string[] = [];
  log.onCheckpoint = (checkpoint) => told.push(checkpoint);
  log.onFailure = (reason) => failures.push(reason);
  return { log, told, failures };
}

const verdict = (file: string, checkpoints: readonly AuditCheckpoint[]) =>
  verifyLog(readFileSync(file), {
    checkpoints: checkpoints.map((checkpoint) => ({ checkpoint, where: 'the test' })),
    keys: [publicKey],
  });

describe.each([
  ['written at once', false],
  ['written and synced in the background', true],
])('AuditLog, %s', (_name, synced) => {
  it('keeps every event, and tells a signed checkpoint of every change of state', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'audit.jsonl');
      const { log, told } = opened(file, synced);
      const kinds = ['start', 'intervention', 'intervention', 'mode', 'exploration', 'stop_requested'] as const;
      for (const [k, kind] of kinds.entries()) log.record(event(kind, k));
      await log.close();
      const { ok, entries, signed } = verdict(file, told);
      expect({ ok, signed, kinds: entries.map(({ kind }) => kind) }).toEqual({ ok: true, signed: 3, kinds });
      expect(told.map(({ sequence }) => sequence)).toEqual([1, 4, 6]);
      expect(log.head).toMatchObject({ sequence: 6, hash: entries[5].hash });
      expect(log.checkpoint).toEqual(told[2]);
    });
  });
});

describe('SyncedLogFile', () => {
  it('goes on with the chain it finds, and says so', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'audit.jsonl');
      for (let run = 0; run < 3; run++) {
        const { log } = opened(file, true);
        for (let k = 0; k < 5; k++) log.record(event('mode', k));
        await log.close();
      }
      const { ok, entries } = verdict(file, []);
      expect({ ok, count: entries.length }).toEqual({ ok: true, count: 17 });
      const continued = entries.filter(({ rule }) => rule === 'audit.continued');
      expect(continued.map(({ sequence, inputs }) => [sequence, inputs])).toEqual([
        [6, { entries: 5, torn_bytes: 0 }],
        [12, { entries: 11, torn_bytes: 0 }],
      ]);
    });
  });

  it('cuts off a line that was not written whole, wherever it was torn', async () => {
    await withFolder(async (folder) => {
      const rng = createRng(3);
      for (let trial = 0; trial < 20; trial++) {
        const file = join(folder, `${trial}.jsonl`);
        const first = opened(file, true);
        for (let k = 0; k < 3; k++) first.log.record(event('mode', k));
        await first.log.close();
        const whole = readFileSync(file);
        const last_line = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
        const torn = 1 + rng.int(whole.length - last_line - 1);
        truncateSync(file, whole.length - torn);
        const again = opened(file, true);
        again.log.record(event('reset'));
        await again.log.close();
        const { ok, entries, torn_bytes } = verdict(file, again.told);
        expect({ trial, ok, torn_bytes }).toEqual({ trial, ok: true, torn_bytes: 0 });
        expect(entries[2]).toMatchObject({
          kind: 'start',
          rule: 'audit.continued',
          inputs: { entries: 2, torn_bytes: whole.length - torn - last_line },
        });
        expect(entries).toHaveLength(4);
        // What had been vouched for is missed all the same.
        expect(verdict(file, first.told).ok).toBe(false);
      }
    });
  });

  it('sets a broken log aside, keeps it, and tells of tampering in a new one', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'audit.jsonl');
      const first = opened(file, true);
      for (let k = 0; k < 4; k++) first.log.record(event('mode', k));
      await first.log.close();
      const edited = readFileSync(file, 'utf8').replace('"k":1', '"k":7');
      writeFileSync(file, edited);
      writeFileSync(`${file}.broken`, 'an older one');
      const again = opened(file, true);
      again.log.record(event('mode'));
      await again.log.close();
      const { ok, entries } = verdict(file, again.told);
      expect({ ok, count: entries.length }).toEqual({ ok: true, count: 2 });
      const found = 'line 2: entry 2 was edited: its hash is not that of its content';
      expect(entries[0]).toMatchObject({ kind: 'tampering', inputs: { found, kept_as: `${file}.broken.2` } });
      expect(readFileSync(`${file}.broken.2`, 'utf8')).toBe(edited);
      expect(readdirSync(folder)).toHaveLength(3);
    });
  });

  it('sets aside what belongs to another log', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'audit.jsonl');
      const other = new AuditLog({ log: 'other', file: new SyncedLogFile(file, 'other'), now_ns: () => 0n });
      other.record(event('mode'));
      await other.close();
      const { log } = opened(file, true);
      await log.close();
      expect(existsSync(`${file}.broken`)).toBe(true);
      expect(verdict(file, []).entries[0].inputs.found).toBe('line 1: entry of the log other in the log cell');
    });
  });

  it('says that the disk is full, vouches for nothing meanwhile, and loses nothing once there is room', async () => {
    await withFolder(async (folder) => {
      const [file, real, part] = ['audit.jsonl', 'real', 'part'].map((name) => join(folder, name));
      writeFileSync(real, '');
      const leadTo = (target: string) => {
        symlinkSync(target, part);
        renameSync(part, file);
      };
      leadTo(real);
      const { log, told, failures } = opened(file, true);
      leadTo('/dev/full');
      for (let k = 0; k < 5; k++) log.record(event('mode', k));
      await expect.poll(() => log.failure).toBe('the disk is full');
      log.record(event('mode', 5));
      expect({ told, failures }).toEqual({ told: [], failures: ['the disk is full'] });
      // Half a line that had found room before.
      writeFileSync(real, '{"hash":"12');
      leadTo(real);
      await expect.poll(() => told.length, { timeout: 20_000 }).toBe(6);
      expect({ failure: log.failure, failures }).toEqual({ failure: '', failures: ['the disk is full', ''] });
      await log.close();
      expect(verdict(file, told)).toMatchObject({ ok: true, signed: 6, torn_bytes: 0 });
    });
  });

  it('ends with a disk that stays full, and says so', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'audit.jsonl');
      const { log, told, failures } = opened(file, true);
      rmSync(file);
      symlinkSync('/dev/full', file);
      log.record(event('mode'));
      await log.close();
      expect({ told, failures, failure: log.failure }).toEqual({
        told: [],
        failures: ['the disk is full'],
        failure: 'the disk is full',
      });
    });
  });

  it('refuses a place that cannot be written in one line', async () => {
    await withFolder(async (folder) => {
      expect(() => new SyncedLogFile(join(folder, 'none', 'audit.jsonl'), 'cell')).toThrow(
        /audit log .*cannot be written/,
      );
      expect(() => new DirectLogFile(folder)).toThrow(/audit log .*cannot be written/);
    });
  });
});

describe('AuditNode', () => {
  it('publishes a checkpoint every ten seconds of the bus and at once when something changes', async () => {
    await withFolder(async (folder) => {
      const [bus, clock] = [new InProcessBus(), new SimClock()];
      const { log } = opened(join(folder, 'audit.jsonl'), false, () => clock.now_ns());
      const heard: AuditCheckpoint[] = [];
      bus.subscribe(TOPICS.audit_checkpoint, 'test', (checkpoint) => void heard.push(checkpoint));
      const node = new AuditNode(log);
      await node.configure({ bus, clock, log: SILENT_LOG });
      log.record(event('start'));
      node.activate();
      clock.advance(25n * NS);
      log.record(event('intervention'));
      clock.advance(32n * NS);
      log.record(event('mode'));
      clock.advance(45n * NS);
      await bus.settled();
      node.deactivate();
      clock.advance(90n * NS);
      await node.cleanup();
      await bus.settled();
      expect(heard.map(({ sequence, stamp_ns }) => [sequence, Number(stamp_ns / NS)])).toEqual([
        [1, 0],
        [1, 10],
        [1, 20],
        [2, 30],
        [3, 32],
        [3, 42],
      ]);
    });
  });
});

it('a log of which nothing is left but its checkpoints is missed as a whole', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'audit.jsonl');
    const { log, told } = opened(file, false);
    log.record(event('mode'));
    await log.close();
    truncateSync(file);
    expect(verdict(file, told).findings[0].what).toBe(
      'its tail was cut: the test knows of entry 1, the log ends with 0',
    );
  });
});
