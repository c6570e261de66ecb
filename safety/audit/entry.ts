import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical_json.ts';
import { AUDIT_KINDS, type AuditEvent } from './event.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One line of an audit log: an event, when, and the hash of all that came before it. */
export const auditEntry = z.strictObject({
  /** Name of the log. */
  log: z.string().min(1),
  /** Rises by one from 1. */
  sequence: z.number().int().positive(),
  /** Time on the bus's clock, ns, as decimal digits. */
  stamp_ns: z.string().regex(/^\d+$/),
  kind: z.enum(AUDIT_KINDS),
  rule: z.string(),
  inputs: z.record(z.string(), z.json()).readonly(),
  outcome: z.string(),
  /** `hash` of the entry before, NO_HASH for the first. */
  previous: sha256,
  hash: sha256,
});
export type AuditEntry = Readonly<z.infer<typeof auditEntry>>;

/** What a first entry has in place of the hash before it. */
export const NO_HASH = '0'.repeat(64);

/** SHA-256 of an entry's canonical JSON without its field `hash`, lower-case hex. */
export function entryHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { log, sequence, stamp_ns, kind, rule, inputs, outcome, previous } = entry;
  const content = canonicalJson({ log, sequence, stamp_ns, kind, rule, inputs, outcome, previous });
  return createHash('sha256').update(content).digest('hex');
}

/** The last entry of a log; of one without entries, sequence 0 and NO_HASH. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

export const EMPTY_CHAIN: ChainHead = { sequence: 0, hash: NO_HASH };

/** Makes the entries of one log, each of which vouches for all before it. */
export class HashChain {
  readonly log: string;
  private last: ChainHead;

  /** @param head  where the log stands that is gone on with */
  constructor(log: string, head: ChainHead = EMPTY_CHAIN) {
    this.log = log;
    this.last = head;
  }

  get head(): ChainHead {
    return this.last;
  }

  /** The line of the next entry, with its line feed. */
  append({ kind, rule, inputs, outcome }: AuditEvent, stamp_ns: bigint): string {
    const { log, last } = this;
    const sequence = last.sequence + 1;
    const content = { log, sequence, stamp_ns: String(stamp_ns), kind, rule, inputs, outcome, previous: last.hash };
    const hash = entryHash(content);
    this.last = { sequence, hash };
    return `${canonicalJson({ ...content, hash })}\n`;
  }
}
