import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { type AuditEntry, type AuditEvent, type ChainHead, EMPTY_CHAIN, HashChain, readLog } from '../audit/index.ts';
import { documentHash, fingerprintOf, parseRevocation, signedRevocation } from '../keys/index.ts';
import { countSignatures, peopleNeeded, type Signature } from './approval.ts';
import { type Approvers, parseApprovers } from './approvers.ts';
import {
  type ApprovalRequest,
  documentOf,
  parseRequest,
  type RobotIdentity,
  robotIdentity,
  type SubjectDocument,
} from './request.ts';
import { subjectSchema } from './subject.ts';
import { isTighter } from './subject_difference.ts';

const document = z.record(z.string(), z.json());
const signature = z.strictObject({ key: z.string(), signature: z.string() });

/** What entries of the ledger hold, by their rule. */
const CONTENT = {
  'ledger.begun': z.strictObject({ robot: robotIdentity, approvers: document }),
  'ledger.approved': z.strictObject({ request: z.json(), signatures: z.array(signature) }),
  'ledger.tightened': z.strictObject({ what: subjectSchema, document }),
  'ledger.revoked': z.strictObject({ revocation: signedRevocation }),
} as const;

/** One thing that took effect, and what it rests on. */
export interface InForce {
  readonly what: string;
  readonly sha256: string;
  readonly document: SubjectDocument;
  readonly from_ms: number;
  /** When it ends by itself; infinite for the list of approvers, which must not fall back to an older one. */
  readonly until_ms: number;
  /** Admitted at. */
  readonly at_ms: number;
  /** Keys that it needs; those of what it tightens. */
  readonly keys: readonly string[];
}

/** Why a request cannot take effect, empty when it can; and whether somebody tampered with it. */
export interface Judgement {
  readonly why: string;
  readonly tampered: boolean;
}

/**
 * What is in force for one arm, and how it came to be: a hash chain of entries whose every approval is verified again when
 * it is read, so that nobody writes one without the keys. Pure; times are the caller's, in ms since 1970.
 */
export class ApprovalLedger {
  readonly robot: RobotIdentity;
  private readonly chain: HashChain;
  private readonly subjects = new Map<string, InForce[]>();
  private readonly nonces = new Set<string>();
  /** Fingerprint to the time from which what it signed falls. */
  private readonly revoked = new Map<string, number>();
  private list: Approvers;
  private time_ms = 0;

  private constructor(robot: RobotIdentity, list: Approvers, head: ChainHead) {
    this.robot = robot;
    this.list = list;
    this.chain = new HashChain(ledgerName(robot), head);
  }

  /** A new ledger, which trusts this list of approvers from now on; and its first line. */
  static begin(robot: RobotIdentity, list: Approvers, now_ms: number): { ledger: ApprovalLedger; line: string } {
    const ledger = new ApprovalLedger(robot, list, EMPTY_CHAIN);
    const inputs = { robot: { ...robot }, approvers: documentOf(list) };
    return { ledger, line: ledger.write('ledger.begun', inputs, 'this list of approvers is trusted', now_ms) };
  }

  /** Reads what was written and verifies it all. Throws InputError that says which line was touched, and how. */
  static read(bytes: Uint8Array, robot: RobotIdentity, where: string): ApprovalLedger {
    const { entries, findings, torn_bytes } = readLog(bytes, ledgerName(robot));
    if (findings.length > 0)
      throw new InputError(`${where}:${findings[0].line}: ${findings[0].what}`, 'a ledger is never edited; restore it');
    const [first, ...rest] = entries;
    if (first === undefined || torn_bytes > 0) throw new InputError(`${where}: last line`, 'must be whole; restore it');
    const begun = contentOf(first, 'ledger.begun', `${where}:1`);
    if (documentHash(begun.robot) !== documentHash(robot)) throw new InputError(`${where}:1`, 'is of another robot');
    const ledger = new ApprovalLedger(robot, parseApprovers(begun.approvers, `${where}:1`), headOf(entries));
    ledger.time_ms = timeOf(first);
    for (const [i, entry] of rest.entries()) ledger.take(entry, `${where}:${i + 2}`);
    return ledger;
  }

  /** Its last entry; what is shorter, or has another there, was rolled back. */
  get head(): ChainHead {
    return this.chain.head;
  }

  /** When the last entry was written. */
  get newest_ms(): number {
    return this.time_ms;
  }

  get approvers(): Approvers {
    return this.list;
  }

  /** What is in force of a subject: the last that took effect and is neither over nor void; null for nothing. */
  inForce(what: string, now_ms: number): InForce | null {
    const holds = (one: InForce) => one.from_ms <= now_ms && now_ms < one.until_ms && !this.isVoid(one);
    return this.subjects.get(what)?.findLast(holds) ?? null;
  }

  /** Everything that is in force. */
  all(now_ms: number): readonly InForce[] {
    return [...this.subjects.keys()].sort().flatMap((what) => this.inForce(what, now_ms) ?? []);
  }

  /** Why a request cannot take effect with these signatures now; empty when it can. */
  refusal(request: ApprovalRequest, signatures: readonly Signature[], now_ms: number): string {
    return this.judge(request, signatures, now_ms).why;
  }

  /** The same, and whether somebody tampered: a request or signature that never held here, not one that is late or alone. */
  judge(request: ApprovalRequest, signatures: readonly Signature[], now_ms: number): Judgement {
    const { statement } = request;
    const { what, robot, nonce, in_force_sha256: before, from, until } = statement;
    if (documentHash(robot) !== documentHash(this.robot))
      return tampered(`is for another robot: ${robot.name} ${robot.serial}`);
    const needed = peopleNeeded(request, this.list);
    const { counted, refused } = countSignatures(statement, signatures, this.list, new Set(this.revoked.keys()));
    const forged = counted.length < needed && refused.length > 0;
    if (now_ms < Date.parse(from)) return { why: `holds only from ${from} on`, tampered: forged };
    if (now_ms >= Date.parse(until)) return { why: `has expired at ${until}`, tampered: forged };
    if (this.nonces.has(nonce)) return tampered('was used before, and counts once');
    const hash = this.hashInForce(what, now_ms);
    if (before !== hash) return tampered(`was made for another ${what} in force: ${short(before)}, not ${short(hash)}`);
    if (counted.length >= needed) return { why: '', tampered: false };
    const people = needed === 1 ? 'an approver' : `${needed} approvers who are different people`;
    const why = [`needs the signature of ${people}, has ${counted.length}`, ...refused].join('; ');
    return { why, tampered: forged };
  }

  /** Lets a request take effect; returns its line. Throws InputError where `refusal` says why not. */
  approve(request: ApprovalRequest, signatures: readonly Signature[], now_ms: number): string {
    this.requireTime(now_ms);
    const why = this.refusal(request, signatures, now_ms);
    if (why !== '') throw new InputError(`approval of ${request.statement.what}`, why);
    const { counted } = countSignatures(request.statement, signatures, this.list, new Set(this.revoked.keys()));
    this.admit(request, counted, now_ms);
    const inputs = {
      request: documentOf(request),
      signatures: counted.map(({ key, signature }) => ({ key, signature })),
    };
    return this.write('ledger.approved', inputs, `${request.statement.what} is in force`, now_ms);
  }

  /** Lets a tighter one take effect, which nobody needs to sign; returns its line. Throws InputError where it is not tighter. */
  tighten(what: string, proposed: SubjectDocument, now_ms: number): string {
    this.requireTime(now_ms);
    this.narrow(what, proposed, now_ms);
    return this.write('ledger.tightened', { what, document: documentOf(proposed) }, `${what} was tightened`, now_ms);
  }

  /** Takes a key's own revocation; returns its line, or null where it is known. Throws InputError where it is none. */
  revoke(json: unknown, now_ms: number, where: string): string | null {
    this.requireTime(now_ms);
    const revocation = parseRevocation(json, where);
    if (!this.giveUp(revocation)) return null;
    return this.write('ledger.revoked', { revocation: documentOf(revocation) }, 'a key was given up', now_ms);
  }

  /** Whether a request of this nonce took effect. */
  wasUsed(nonce: string): boolean {
    return this.nonces.has(nonce);
  }

  isRevoked(fingerprint: string): boolean {
    return this.revoked.has(fingerprint);
  }

  private hashInForce(what: string, now_ms: number): string {
    return what === 'approvers' ? documentHash(this.list) : (this.inForce(what, now_ms)?.sha256 ?? '');
  }

  private isVoid({ keys, at_ms }: InForce): boolean {
    return keys.some((key) => (this.revoked.get(key) ?? Number.POSITIVE_INFINITY) <= at_ms);
  }

  private take(entry: AuditEntry, where: string): void {
    const at_ms = timeOf(entry);
    if (at_ms < this.time_ms) throw new InputError(`${where}: time`, 'must not be before that of the line above');
    this.time_ms = at_ms;
    switch (entry.rule) {
      case 'ledger.approved': {
        const { request: json, signatures } = contentOf(entry, entry.rule, where);
        const request = parseRequest(json, where);
        const why = this.refusal(request, signatures, at_ms);
        if (why !== '') throw new InputError(`${where}: forged approval`, why);
        this.admit(request, signatures, at_ms);
        return;
      }
      case 'ledger.tightened': {
        const { what, document: proposed } = contentOf(entry, entry.rule, where);
        this.narrow(what, proposed, at_ms);
        return;
      }
      case 'ledger.revoked':
        this.giveUp(parseRevocation(contentOf(entry, entry.rule, where).revocation, where));
        return;
      default:
        throw new InputError(`${where}: rule ${entry.rule}`, Object.keys(CONTENT).join(', '));
    }
  }

  private admit({ statement, proposed }: ApprovalRequest, signatures: readonly Signature[], at_ms: number): void {
    const { what, new_sha256: sha256, from, until, nonce } = statement;
    this.nonces.add(nonce);
    if (what === 'approvers') {
      this.list = parseApprovers(proposed, what);
      return;
    }
    const keys = signatures.map(({ key }) => key);
    const times = { from_ms: Date.parse(from), until_ms: Date.parse(until), at_ms };
    this.put({ what, sha256, document: proposed, keys, ...times });
  }

  private narrow(what: string, proposed: SubjectDocument, now_ms: number): void {
    const before = this.inForce(what, now_ms);
    if (before === null) throw new InputError(what, 'must be approved before it can be tightened');
    if (!isTighter(what, before.document, proposed))
      throw new InputError(what, 'must not be looser than the one in force');
    this.put({ ...before, sha256: documentHash(proposed), document: proposed });
  }

  private put(one: InForce): void {
    this.subjects.set(one.what, [...(this.subjects.get(one.what) ?? []), one]);
  }

  private giveUp({ revocation: { public_key, since } }: ReturnType<typeof parseRevocation>): boolean {
    const fingerprint = fingerprintOf(public_key);
    const from_ms = Date.parse(since);
    if ((this.revoked.get(fingerprint) ?? Number.POSITIVE_INFINITY) <= from_ms) return false;
    this.revoked.set(fingerprint, from_ms);
    return true;
  }

  private requireTime(now_ms: number): void {
    if (now_ms >= this.time_ms) return;
    throw new InputError('the clock', `must not be before the last entry of the ledger, ${isoTime(this.time_ms)}`);
  }

  private write(rule: keyof typeof CONTENT, inputs: AuditEvent['inputs'], outcome: string, now_ms: number): string {
    this.time_ms = now_ms;
    return this.chain.append({ kind: 'approval', rule, inputs, outcome }, BigInt(now_ms) * NS_PER_MS);
  }
}

const NS_PER_MS = 1_000_000n;

function ledgerName({ name, serial }: RobotIdentity): string {
  return `approvals of ${name} ${serial}`.trim();
}

function headOf(entries: readonly AuditEntry[]): ChainHead {
  const { sequence, hash } = entries.at(-1) ?? EMPTY_CHAIN;
  return { sequence, hash };
}

function timeOf({ stamp_ns }: AuditEntry): number {
  return Number(BigInt(stamp_ns) / NS_PER_MS);
}

function contentOf<R extends keyof typeof CONTENT>(
  entry: AuditEntry,
  rule: R,
  where: string,
): z.infer<(typeof CONTENT)[R]> {
  const parsed = CONTENT[rule].safeParse(entry.inputs);
  if (entry.rule === rule && parsed.success) return parsed.data as z.infer<(typeof CONTENT)[R]>;
  throw new InputError(`${where}: ${entry.rule}`, `must be a whole ${rule}`);
}

function tampered(why: string): Judgement {
  return { why, tampered: true };
}

function isoTime(time_ms: number): string {
  return new Date(time_ms).toISOString();
}

function short(hash: string): string {
  return hash === '' ? 'none' : hash.slice(0, 12);
}
