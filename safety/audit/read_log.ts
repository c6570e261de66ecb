import { canonicalJson } from './canonical_json.ts';
import { type AuditEntry, auditEntry, type ChainHead, EMPTY_CHAIN, entryHash } from './entry.ts';

/** Something that is wrong with a log: at which line, counted from 1 (0 for the log as a whole), and what. */
export interface LogFinding {
  readonly line: number;
  readonly what: string;
}

/** A log as it was read: what of it holds together, and the first place where it does not. */
export interface ReadLog {
  /** Every entry that can be read, also after a break. */
  readonly entries: readonly AuditEntry[];
  /** The last entry up to which everything holds. */
  readonly head: ChainHead;
  readonly findings: readonly LogFinding[];
  /** Bytes of whole lines, and of a last line that was torn off in writing. */
  readonly whole_bytes: number;
  readonly torn_bytes: number;
}

/**
 * Reads the text of a log and follows its chain. An edited, inserted, missing or moved line breaks it at that place; a last
 * line without its end is torn, as by a process killed while it wrote, and no finding.
 * @param log  name that the entries must carry; that of the first entry without
 */
export function readLog(bytes: Uint8Array, log?: string): ReadLog {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8').split('\n').slice(0, -1);
  const entries: AuditEntry[] = [];
  const findings: LogFinding[] = [];
  let before: ChainHead = EMPTY_CHAIN;
  let head: ChainHead = EMPTY_CHAIN;
  lines.forEach((text, index) => {
    const line = index + 1;
    const entry = parseLine(text);
    if (typeof entry === 'string') {
      findings.push({ line, what: entry });
      return;
    }
    const wrong = whatIsWrong(entry, before, log ?? entries[0]?.log ?? entry.log);
    if (wrong !== '') findings.push({ line, what: wrong });
    entries.push(entry);
    before = entry;
    if (findings.length === 0) head = { sequence: entry.sequence, hash: entry.hash };
  });
  return { entries, head, findings, whole_bytes: end, torn_bytes: bytes.length - end };
}

function parseLine(text: string): AuditEntry | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return 'is no JSON';
  }
  const parsed = auditEntry.safeParse(content);
  if (parsed.success) return canonicalJson(content) === text ? parsed.data : 'is not written as entries are';
  const [issue] = parsed.error.issues;
  return `is no entry: ${issue.path.join('.') || 'line'}: ${issue.message}`;
}

function whatIsWrong(entry: AuditEntry, before: ChainHead, log: string): string {
  if (entry.log !== log) return `entry of the log ${entry.log} in the log ${log}`;
  if (entryHash(entry) !== entry.hash) return `entry ${entry.sequence} was edited: its hash is not that of its content`;
  if (entry.sequence !== before.sequence + 1) return gap(entry.sequence, before.sequence);
  return entry.previous === before.hash ? '' : `entry ${entry.sequence} does not follow the one before it`;
}

function gap(sequence: number, before: number): string {
  if (sequence <= before) return `entry ${sequence} comes after entry ${before}: moved or repeated`;
  const missing = sequence - before - 1;
  return missing === 1 ? `entry ${before + 1} is missing` : `entries ${before + 1} to ${sequence - 1} are missing`;
}
