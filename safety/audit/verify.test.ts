import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AuditCheckpoint, createRng } from '../../contracts/index.ts';
import { isSignedBy, makeCheckpoint, signerOf } from './checkpoint.ts';
import { auditEntry, EMPTY_CHAIN, HashChain } from './entry.ts';
import { AUDIT_KINDS, type AuditEvent } from './event.ts';
import { readLog } from './read_log.ts';
import { verifyLog } from './verify.ts';

const robot = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const keys = [robot.publicKey];

/** A log of `count` entries with a signed checkpoint of every one. */
function sample(count: number, seed = 1, log = 'cell') {
  const rng = createRng(seed);
  const chain = new HashChain(log);
  const signer = signerOf(robot.privateKey);
  const lines: string[] = [];
  const checkpoints: AuditCheckpoint[] = [];
  for (let k = 0; k < count; k++) {
    const event: AuditEvent = {
      kind: AUDIT_KINDS[rng.int(AUDIT_KINDS.length)],
      rule: `rule.${rng.int(9)}`,
      inputs: { value: rng.uniform(), text: `ä\n"${rng.int(100)}"`, list: [rng.int(5), null, true] },
      outcome: 'done',
    };
    const stamp_ns = BigInt(k) * 1_000_000n;
    lines.push(chain.append(event, stamp_ns));
    checkpoints.push(makeCheckpoint({ stamp_ns, log, ...chain.head }, signer));
  }
  return { lines, checkpoints, chain };
}

const bytesOf = (lines: readonly string[]) => Buffer.from(lines.join(''), 'utf8');
const kept = (checkpoints: readonly AuditCheckpoint[]) =>
  checkpoints.map((checkpoint) => ({ checkpoint, where: 'the recording' }));

describe('verifyLog', () => {
  it('finds nothing in a log as it was written, at any length', () => {
    for (const count of [0, 1, 2, 50]) {
      const { lines, checkpoints, chain } = sample(count);
      const verdict = verifyLog(bytesOf(lines), { checkpoints: kept(checkpoints), keys });
      expect(verdict).toMatchObject({ ok: true, findings: [], checkpoints: count, signed: count, torn_bytes: 0 });
      expect({ ...verdict.head }).toEqual({ ...chain.head });
      expect(verdict.entries).toHaveLength(count);
    }
    expect(verifyLog(Buffer.alloc(0)).head).toEqual(EMPTY_CHAIN);
  });

  it('notices every change of a single byte, and says in which line', () => {
    const { lines } = sample(6);
    const whole = bytesOf(lines);
    const lineAt = (at: number) => whole.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
    const rng = createRng(7);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] ^= 1 << rng.int(7);
      const { ok, findings, torn_bytes, head } = verifyLog(changed);
      // Without its line feed the last line is one that was not written whole.
      if (at === whole.length - 1) expect({ ok, torn: torn_bytes > 0, head }).toMatchObject({ ok: true, torn: true });
      else expect({ at, ok, line: findings[0]?.line }).toEqual({ at, ok: false, line: lineAt(at) });
      expect(head.sequence).toBeLessThan(6);
    }
  });

  it('notices lines that are missing, moved, repeated or put in, where they are', () => {
    const { lines } = sample(8);
    const other = sample(8, 2).lines;
    const what = (list: readonly string[]) => verifyLog(bytesOf(list)).findings[0];
    expect(what(lines.toSpliced(2, 1))).toEqual({ line: 3, what: 'entry 3 is missing' });
    expect(what(lines.toSpliced(2, 3))).toEqual({ line: 3, what: 'entries 3 to 5 are missing' });
    expect(what(lines.toSpliced(0, 2))).toEqual({ line: 1, what: 'entries 1 to 2 are missing' });
    expect(what(lines.toSpliced(4, 0, lines[4]))).toEqual({
      line: 6,
      what: 'entry 5 comes after entry 5: moved or repeated',
    });
    expect(what([...lines.slice(0, 3), lines[4], lines[3], ...lines.slice(5)])).toEqual({
      line: 4,
      what: 'entry 4 is missing',
    });
    expect(what(lines.with(3, other[3]))).toEqual({ line: 4, what: 'entry 4 does not follow the one before it' });
    expect(what(lines.with(3, sample(8, 1, 'other').lines[3]))?.what).toBe('entry of the log other in the log cell');
    expect(what(lines.with(3, `${lines[3].slice(0, -1)} \n`))).toEqual({
      line: 4,
      what: 'is not written as entries are',
    });
    expect(what(lines.with(3, '{}\n'))?.what).toMatch(/^is no entry: /);
    expect(what(lines.with(3, '\n'))).toEqual({ line: 4, what: 'is no JSON' });
  });

  it('notices an edited entry whose hash was made to fit, by the one that follows', () => {
    const { lines } = sample(4);
    const { hash: _hash, ...entry } = auditEntry.parse(JSON.parse(lines[1]));
    const chain = new HashChain('cell', { sequence: 1, hash: entry.previous });
    const rewritten = chain.append({ ...entry, outcome: 'nothing happened' }, BigInt(entry.stamp_ns));
    expect(verifyLog(bytesOf(lines.with(1, rewritten))).findings[0]).toEqual({
      line: 3,
      what: 'entry 3 does not follow the one before it',
    });
  });

  it('notices a cut tail and a log written anew by a checkpoint, and by nothing else', () => {
    const { lines, checkpoints } = sample(9);
    for (let length = 0; length < 9; length++) {
      const cut = bytesOf(lines.slice(0, length));
      expect(verifyLog(cut).ok).toBe(true);
      const { ok, findings } = verifyLog(cut, { checkpoints: kept(checkpoints), keys });
      expect({ length, ok }).toEqual({ length, ok: false });
      expect(findings.at(-1)?.what).toBe(
        `its tail was cut: the recording knows of entry 9, the log ends with ${length}`,
      );
      const until = verifyLog(cut, { checkpoints: kept(checkpoints.slice(0, length)), keys });
      expect(until.ok).toBe(true);
    }
    const anew = verifyLog(bytesOf(sample(9, 2).lines), { checkpoints: kept(checkpoints), keys });
    expect(anew.findings[0]).toEqual({
      line: 1,
      what: 'entry 1 is not the one of the checkpoint in the recording: written anew',
    });
    expect(anew.findings).toHaveLength(9);
  });

  it('takes only checkpoints that a trusted key signed as they are', () => {
    const { lines, checkpoints } = sample(3);
    const verdict = (checkpoint: AuditCheckpoint) =>
      verifyLog(bytesOf(lines), { checkpoints: kept([checkpoint]), keys });
    const [, second] = checkpoints;
    expect(verdict(second)).toMatchObject({ ok: true, signed: 1 });
    const changes: Partial<AuditCheckpoint>[] = [
      { sequence: 1, hash: checkpoints[0].hash },
      { hash: checkpoints[0].hash },
      { stamp_ns: 5n },
      { signature: checkpoints[0].signature },
      { signature: second.signature.slice(4) },
    ];
    for (const change of changes) {
      const { ok, signed, findings } = verdict({ ...second, ...change });
      expect({ ok, signed, what: findings[0]?.what }).toMatchObject({ ok: false, signed: 0 });
      expect(findings[0].what).toMatch(/is forged: its signature does not hold$/);
    }
    const { stamp_ns, log, sequence, hash } = second;
    const by_stranger = makeCheckpoint({ stamp_ns, log, sequence, hash }, signerOf(stranger.privateKey));
    expect(verdict(by_stranger).findings[0].what).toMatch(/is signed by the unknown key [0-9a-f]{64}$/);
    expect(verdict({ ...second, key: '', signature: '' }).findings[0].what).toMatch(/is not signed$/);
    expect(verdict({ ...second, log: 'another' })).toMatchObject({ ok: true, checkpoints: 0 });
    expect(isSignedBy(by_stranger, stranger.publicKey)).toBe(true);
    expect(isSignedBy(by_stranger, robot.publicKey)).toBe(false);
  });

  it('signs the same bytes for the same checkpoint, with ed25519 only', () => {
    expect(sample(2).checkpoints).toEqual(sample(2).checkpoints);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(() => signerOf(rsa.privateKey)).toThrow('must be ed25519');
  });
});

describe('readLog', () => {
  it('takes a last line without its end for torn, wherever it was cut', () => {
    const { lines, chain } = sample(3);
    const whole = bytesOf(lines);
    const last = whole.length - Buffer.byteLength(lines[2]);
    for (let end = last; end < whole.length; end++) {
      const { findings, head, whole_bytes, torn_bytes } = readLog(whole.subarray(0, end));
      expect({ end, findings, sequence: head.sequence }).toEqual({ end, findings: [], sequence: 2 });
      expect([whole_bytes, torn_bytes]).toEqual([last, end - last]);
    }
    const again = new HashChain('cell', readLog(whole.subarray(0, last)).head);
    const { kind, rule, inputs, outcome, stamp_ns } = auditEntry.parse(JSON.parse(lines[2]));
    expect(again.append({ kind, rule, inputs, outcome }, BigInt(stamp_ns))).toBe(lines[2]);
    expect(again.head).toEqual(chain.head);
  });
});
