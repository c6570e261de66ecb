import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { readLog } from '../audit/index.ts';
import { documentHash } from '../keys/index.ts';
import type { Approvers } from './approvers.ts';
import { ApprovalLedger } from './ledger.ts';
import type { RobotIdentity } from './request.ts';

const anchorSchema = z.strictObject({
  schema: z.literal('surepick.ledger_anchor'),
  version: z.literal(1),
  sequence: z.int().nonnegative(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Latest time that was ever seen, ms since 1970. */
  seen_ms: z.number().nonnegative(),
});
type Anchor = z.infer<typeof anchorSchema>;

/** How far a clock may be set back without being noticed, as it is when it is synchronised, ms. */
const CLOCK_SLACK_MS = 120_000;

/**
 * Where it is remembered how far the ledger of an arm had come: `$XDG_STATE_HOME/surepick/approvals`, apart from the ledger,
 * so that whoever puts back an old ledger, or an empty one, is noticed.
 */
export function anchorFile(
  { name, serial }: RobotIdentity,
  env: Readonly<Record<string, string | undefined>>,
  home = homedir(),
): string {
  const state = env.XDG_STATE_HOME ?? '';
  const folder = join(isAbsolute(state) ? state : join(home, '.local', 'state'), 'surepick', 'approvals');
  return join(folder, `${documentHash({ name, serial }).slice(0, 32)}.json`);
}

/** The ledger of one arm on the disk, and its anchor. Append-only: every line is on the disk before it counts. */
export class LedgerFile {
  ledger: ApprovalLedger;
  private readonly file: string;
  private readonly anchor: string;
  private seen_ms = 0;

  private constructor(file: string, anchor: string, ledger: ApprovalLedger, seen_ms: number) {
    this.file = file;
    this.anchor = anchor;
    this.ledger = ledger;
    this.seen_ms = seen_ms;
  }

  /**
   * Opens the ledger, or begins one that trusts `approvers` where this arm never had one. Throws InputError for a ledger that
   * was edited, rolled back or removed, and for a clock that was set back.
   */
  static open(
    { file, anchor }: { readonly file: string; readonly anchor: string },
    robot: RobotIdentity,
    approvers: Approvers,
    now_ms: number,
  ): LedgerFile {
    const known = readAnchor(anchor);
    if (known !== null && now_ms < known.seen_ms - CLOCK_SLACK_MS)
      throw new InputError(
        `clock ${iso(now_ms)}`,
        `must not be before ${iso(known.seen_ms)}, when it was looked at; set it`,
      );
    const time_ms = Math.max(now_ms, known?.seen_ms ?? 0);
    if (!existsSync(file) || statSync(file).size === 0) {
      if (known !== null && known.sequence > 0)
        throw new InputError(
          `ledger ${file} is gone`,
          `had ${known.sequence} entries; restore it; who knows why it is gone removes ${anchor}`,
        );
      const { ledger, line } = ApprovalLedger.begin(robot, approvers, time_ms);
      const opened = new LedgerFile(file, anchor, ledger, time_ms);
      opened.append(line, time_ms);
      return opened;
    }
    cutTorn(file, known);
    const bytes = readFileSync(file);
    const { entries } = readLog(bytes);
    if (known !== null && entries[known.sequence - 1]?.hash !== known.hash) {
      const now = `${entries.length} entries`;
      throw new InputError(
        `ledger ${file} with ${now}`,
        `was rolled back: entry ${known.sequence} is missing or another; restore it`,
      );
    }
    const ledger = ApprovalLedger.read(bytes, robot, file);
    const opened = new LedgerFile(file, anchor, ledger, time_ms);
    opened.see(Math.max(time_ms, ledger.newest_ms));
    return opened;
  }

  /** The time to go by: the clock's, never before the latest that was seen. */
  timeAt(now_ms: number): number {
    return Math.max(now_ms, this.seen_ms);
  }

  /** Whether the clock was set back by more than synchronising does. */
  isSetBack(now_ms: number): boolean {
    return now_ms < this.seen_ms - CLOCK_SLACK_MS;
  }

  append(line: string, now_ms: number): void {
    mkdirSync(dirname(this.file), { recursive: true });
    const fd = openSync(this.file, 'a', 0o644);
    try {
      writeFileSync(fd, line);
      fdatasyncSync(fd);
    } catch (cause) {
      throw new InputError(this.file, 'must be a file that can be appended to', { cause });
    } finally {
      closeSync(fd);
    }
    this.see(now_ms);
  }

  /** Remembers the ledger's head and the time. */
  see(now_ms: number): void {
    this.seen_ms = Math.max(this.seen_ms, now_ms);
    const { sequence, hash } = this.ledger.head;
    const anchor: Anchor = { schema: 'surepick.ledger_anchor', version: 1, sequence, hash, seen_ms: this.seen_ms };
    writeWhole(this.anchor, `${JSON.stringify(anchor)}\n`);
  }
}

/** What a crash left of a line that was never said to be there. */
function cutTorn(file: string, known: Anchor | null): void {
  const { torn_bytes, whole_bytes, entries } = readLog(readFileSync(file));
  if (torn_bytes > 0 && entries.length > 0 && entries.length >= (known?.sequence ?? 0)) truncateSync(file, whole_bytes);
}

function readAnchor(file: string): Anchor | null {
  if (!existsSync(file)) return null;
  try {
    return anchorSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new InputError(file, 'must be as it was written; restore it', { cause });
  }
}

function writeWhole(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const part = `${file}.${process.pid}.part`;
    const fd = openSync(part, 'w', 0o600);
    writeFileSync(fd, text);
    fdatasyncSync(fd);
    closeSync(fd);
    renameSync(part, file);
  } catch (cause) {
    throw new InputError(file, 'must be a file that can be written', { cause });
  }
}

function iso(time_ms: number): string {
  return new Date(time_ms).toISOString();
}
