import type { AuditCheckpoint } from '../../contracts/index.ts';
import { type CheckpointSigner, makeCheckpoint } from './checkpoint.ts';
import { type ChainHead, HashChain } from './entry.ts';
import type { AuditEvent, AuditKind, AuditSink } from './event.ts';
import type { LogFile, OpenedLog } from './log_file.ts';

/** Time between two checkpoints when nothing changes, s. */
export const CHECKPOINT_PERIOD_S = 10;

/** Events that change nothing but a count: they wait for the next checkpoint. */
const MINOR: readonly AuditKind[] = ['intervention', 'exploration', 'escalation'];

export interface AuditLogOptions {
  /** Name of the log, in every entry and checkpoint. */
  readonly log: string;
  readonly file: LogFile;
  /** The bus's time. */
  readonly now_ns: () => bigint;
  /** Signs the checkpoints; nobody by default. */
  readonly signer?: CheckpointSigner | null;
}

/**
 * An audit log that is being written: chains events as they come, and makes a checkpoint at every change of state and when
 * asked for one. A checkpoint is told only of what the file keeps. Never throws; `failure` says why nothing can be written.
 */
export class AuditLog implements AuditSink {
  /** Told every checkpoint, in order. */
  onCheckpoint: (checkpoint: AuditCheckpoint) => void = () => {};
  /** Told why the log cannot be written, and the empty text once it can again. */
  onFailure: (reason: string) => void = () => {};
  private readonly options: AuditLogOptions;
  private readonly chain: HashChain;
  private waiting: { readonly head: ChainHead; readonly stamp_ns: bigint }[] = [];
  private latest: AuditCheckpoint | null = null;
  private last_ns = 0n;

  /** Goes on with what the file holds, and says in a first entry how it was found. */
  constructor(options: AuditLogOptions) {
    const { log, file } = options;
    this.options = options;
    this.chain = new HashChain(log, file.opened.head);
    file.onKept = (sequence) => this.kept(sequence);
    file.onFailure = (reason) => this.onFailure(reason);
    const found = finding(file.opened);
    if (found !== null) this.record(found);
  }

  get head(): ChainHead {
    return this.chain.head;
  }

  /** Why the log cannot be written; empty where it can. */
  get failure(): string {
    return this.options.file.failure;
  }

  /** The newest checkpoint that was told; null before the first. */
  get checkpoint(): AuditCheckpoint | null {
    return this.latest;
  }

  record(event: AuditEvent): void {
    const { now_ns, file } = this.options;
    const stamp_ns = now_ns();
    const line = this.chain.append(event, stamp_ns);
    if (!MINOR.includes(event.kind)) this.waiting.push({ head: this.head, stamp_ns });
    file.append(line, this.head.sequence);
  }

  /** Makes a checkpoint if the last one is ten seconds old; to be called now and then. */
  tick(): void {
    const stamp_ns = this.options.now_ns();
    if (stamp_ns - this.last_ns < BigInt(CHECKPOINT_PERIOD_S) * 1_000_000_000n || this.head.sequence === 0) return;
    this.last_ns = stamp_ns;
    this.waiting.push({ head: this.head, stamp_ns });
    this.kept(this.options.file.kept);
  }

  /** Ends the log with what waits to be written, as far as it can be. */
  async close(): Promise<void> {
    await this.options.file.close();
  }

  private kept(sequence: number): void {
    const due = this.waiting.filter(({ head }) => head.sequence <= sequence);
    this.waiting = this.waiting.filter(({ head }) => head.sequence > sequence);
    for (const { head, stamp_ns } of due) {
      this.last_ns = stamp_ns;
      this.latest = makeCheckpoint({ stamp_ns, log: this.chain.log, ...head }, this.options.signer ?? null);
      this.onCheckpoint(this.latest);
    }
  }
}

/** What there is to say of a file that was there before. */
function finding({ head, torn_bytes, set_aside, broken }: OpenedLog): AuditEvent | null {
  if (broken !== '') {
    const inputs = { found: broken, kept_as: set_aside };
    return { kind: 'tampering', rule: 'audit.chain', inputs, outcome: 'the log found was set aside; a new one begins' };
  }
  if (head.sequence === 0 && torn_bytes === 0) return null;
  const inputs = { entries: head.sequence, torn_bytes };
  const outcome =
    torn_bytes === 0 ? 'the log goes on' : 'a last line that was not written whole was cut off; the log goes on';
  return { kind: 'start', rule: 'audit.continued', inputs, outcome };
}
