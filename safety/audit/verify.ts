import type { KeyObject } from 'node:crypto';
import type { AuditCheckpoint } from '../../contracts/index.ts';
import { isSignedBy, keyFingerprint } from './checkpoint.ts';
import { type LogFinding, type ReadLog, readLog } from './read_log.ts';

/** A checkpoint, and where it was found. One in a log that was verified itself needs no signature. */
export interface FoundCheckpoint {
  readonly checkpoint: AuditCheckpoint;
  readonly where: string;
  readonly verified?: boolean;
}

/** What vouches for a log from outside it. */
export interface VerifyOptions {
  /** Checkpoints of any logs. */
  readonly checkpoints?: readonly FoundCheckpoint[];
  /** Public keys that are trusted; with any, a checkpoint must be signed by one of them. */
  readonly keys?: readonly KeyObject[];
}

/** Whether a log is as it was written. */
export interface LogVerdict extends ReadLog {
  readonly ok: boolean;
  /** Checkpoints of this log that were compared, and how many of them carry a signature that holds. */
  readonly checkpoints: number;
  readonly signed: number;
}

/**
 * Checks a log against itself and against checkpoints of it that were kept elsewhere. Its own chain tells edited, missing and
 * moved entries; only a checkpoint tells a tail that was cut, or a log that was written anew as a whole.
 */
export function verifyLog(bytes: Uint8Array, { checkpoints = [], keys = [] }: VerifyOptions = {}): LogVerdict {
  const read = readLog(bytes);
  const name = read.entries[0]?.log;
  const known = new Map(keys.map((key) => [keyFingerprint(key), key]));
  const hashes = new Map(read.entries.map(({ sequence, hash }) => [sequence, hash]));
  const findings: LogFinding[] = [...read.findings];
  const ours = checkpoints.filter(({ checkpoint }) => name === undefined || checkpoint.log === name);
  let signed = 0;
  for (const { checkpoint, where, verified = false } of ours) {
    const forged = verified ? '' : doubt(checkpoint, known);
    if (forged !== '') findings.push({ line: 0, what: `checkpoint ${checkpoint.sequence} in ${where} ${forged}` });
    else if (checkpoint.signature !== '' && known.has(checkpoint.key)) signed++;
    // A checkpoint that nobody trusted vouches for says nothing about the log.
    if (forged === '') findings.push(...contradictions(checkpoint, where, hashes, read));
  }
  return { ...read, findings, ok: findings.length === 0, checkpoints: ours.length, signed };
}

function doubt(checkpoint: AuditCheckpoint, known: ReadonlyMap<string, KeyObject>): string {
  if (known.size === 0) return '';
  const key = known.get(checkpoint.key);
  if (key === undefined)
    return checkpoint.key === '' ? 'is not signed' : `is signed by the unknown key ${checkpoint.key}`;
  return isSignedBy(checkpoint, key) ? '' : 'is forged: its signature does not hold';
}

function contradictions(
  { sequence, hash }: AuditCheckpoint,
  where: string,
  hashes: ReadonlyMap<number, string>,
  { entries, head }: ReadLog,
): LogFinding[] {
  const found = hashes.get(sequence);
  if (found === hash) return [];
  if (found !== undefined) {
    const line = entries.findIndex((entry) => entry.sequence === sequence) + 1;
    return [{ line, what: `entry ${sequence} is not the one of the checkpoint in ${where}: written anew` }];
  }
  const last = Math.max(head.sequence, entries.at(-1)?.sequence ?? 0);
  if (sequence <= last) return [];
  return [{ line: 0, what: `its tail was cut: ${where} knows of entry ${sequence}, the log ends with ${last}` }];
}
