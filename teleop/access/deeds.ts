import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRET_FIELDS, withoutSecrets } from '../../contracts/index.ts';
import { type AuditEvent, type AuditKind, type AuditSink, preparePrivateFolder } from '../../safety/index.ts';
import { printable } from './redaction.ts';
import type { WallClock } from './secret_bytes.ts';
import type { Session } from './sessions.ts';
import { TokenBucket } from './token_bucket.ts';

/** Values that a deed is told with. */
export type DeedFields = Readonly<Record<string, string | number | boolean | null>>;

/** What somebody did or asked for through the server. */
export interface Deed {
  /** Null where nobody was logged in. */
  readonly session: Pick<Session, 'id' | 'user' | 'role'> | null;
  readonly address: string;
  /** In snake case, e.g. `stop`, `take_control`, `login`. */
  readonly deed: string;
  readonly fields: DeedFields;
  readonly accepted: boolean;
  /** Why not; empty where it was. */
  readonly reason: string;
}

export interface DeedLogOptions {
  readonly now: WallClock;
  /** Where the safety audit is at hand. */
  readonly audit?: AuditSink;
  /** Called when the file cannot be written, in words. */
  readonly tell: (problem: string) => void;
}

/** What was refused beyond this is counted and told in one line, so that nobody can fill the disk. */
const REFUSED = { burst: 100, per_s: 2 };
const LONGEST_TEXT = 512;
const MOST_FIELDS = 32;

/** Deeds that the safety audit has a kind for. */
const AUDIT_KIND: Readonly<Record<string, AuditKind>> = {
  stop: 'stop_requested',
  reset: 'reset',
  approve: 'approval',
  answer: 'escalation',
  take_over: 'intervention',
};

/**
 * Who did what, as lines of JSON appended to `deeds.jsonl` (mode 0600) of a private folder. Recording never throws and never
 * waits; secrets are struck out.
 */
export class DeedLog {
  private readonly options: DeedLogOptions;
  private readonly file: string;
  private readonly refused: TokenBucket;
  private lines: string[] = [];
  private writing: Promise<void> | null = null;
  private left_out = 0;

  constructor(folder: string, options: DeedLogOptions) {
    preparePrivateFolder(folder);
    this.file = join(folder, 'deeds.jsonl');
    this.options = options;
    this.refused = new TokenBucket(REFUSED, options.now());
  }

  record(deed: Deed): void {
    const now_ms = this.options.now();
    if (!deed.accepted && !this.refused.take(now_ms)) {
      this.left_out++;
      return;
    }
    this.tellLeftOut(now_ms);
    this.append(now_ms, deed);
    const event = auditEventOf(deed);
    if (event !== null) this.options.audit?.record(event);
  }

  /** Resolves once everything is on the disk. */
  async settled(): Promise<void> {
    this.tellLeftOut(this.options.now());
    while (this.writing !== null) await this.writing;
  }

  private tellLeftOut(now_ms: number): void {
    const count = this.left_out;
    if (count === 0) return;
    this.left_out = 0;
    const fields = { count };
    this.append(now_ms, { session: null, address: '', deed: 'left_out', fields, accepted: false, reason: 'too many' });
  }

  private append(now_ms: number, { session, address, deed, fields, accepted, reason }: Deed): void {
    const { id = null, user = null, role = null } = session ?? {};
    const who = { session: id, user, role, address: cleaned(address) };
    const what = { deed: cleaned(deed), fields: cleanedFields(fields), accepted, reason: cleaned(reason) };
    this.lines.push(`${JSON.stringify({ t: new Date(now_ms).toISOString(), ...who, ...what })}\n`);
    this.writing ??= this.write();
  }

  private async write(): Promise<void> {
    let handle: FileHandle | null = null;
    try {
      handle = await open(this.file, 'a', 0o600);
      while (this.lines.length > 0) {
        const text = this.lines.join('');
        this.lines = [];
        await handle.appendFile(text);
        await handle.datasync();
      }
    } catch (error) {
      this.lines = [];
      this.options.tell(`${this.file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
    await handle?.close().catch(() => {});
    this.writing = null;
    if (this.lines.length > 0) this.writing = this.write();
  }
}

/** A deed as the safety audit has it; null where it has no kind for it. */
export function auditEventOf({ session, deed, fields, accepted, reason }: Deed): AuditEvent | null {
  if (!Object.hasOwn(AUDIT_KIND, deed)) return null;
  const by = { user: session?.user ?? null, session: session?.id ?? null };
  const outcome = accepted ? 'accepted' : `refused: ${cleaned(reason)}`;
  return { kind: AUDIT_KIND[deed], rule: `teleop.${deed}`, inputs: { ...by, ...cleanedFields(fields) }, outcome };
}

function cleanedFields(fields: DeedFields): DeedFields {
  const secret: readonly string[] = SECRET_FIELDS;
  const kept = Object.entries(fields).filter(([name]) => !secret.includes(name) && name !== 'code');
  return Object.fromEntries(
    kept
      .slice(0, MOST_FIELDS)
      .map(([name, value]) => [cleaned(name), typeof value === 'string' ? cleaned(value) : value]),
  );
}

function cleaned(text: string): string {
  return printable(withoutSecrets(text)).slice(0, LONGEST_TEXT);
}
