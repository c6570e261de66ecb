import { InputError } from '../../contracts/index.ts';
import type { AuditEvent, AuditSink } from '../audit/index.ts';
import { documentHash } from '../keys/index.ts';
import type { Approval } from './approval.ts';
import { ApprovalFolder } from './approval_folder.ts';
import type { Approvers } from './approvers.ts';
import type { InForce } from './ledger.ts';
import { LedgerFile } from './ledger_file.ts';
import { ProcessLock } from './process_lock.ts';
import { documentOf, makeRequest, type RobotIdentity, type SubjectDocument } from './request.ts';
import { isTighter } from './subject_difference.ts';

const DAY_MS = 86_400_000;
/** An end is told of this long before. */
export const WARNED_DAYS = 7;
/** How long what the supervisor itself asks for shall hold. */
const ASKED_DAYS = 90;

/** Something that the graph would put into force. */
export interface Wanted {
  readonly what: string;
  readonly document: SubjectDocument;
}

export interface ApprovalDeskOptions {
  readonly robot: RobotIdentity;
  /** Of requests, signatures and the ledger. */
  readonly folder: string;
  /** File that remembers how far the ledger had come. */
  readonly anchor: string;
  /** Reads the list of approvers that the supervisor was started with. */
  readonly approvers: () => Approvers;
  /** The real clock, ms since 1970. */
  readonly now_ms: () => number;
  /** Named in requests, as who asks and why. */
  readonly author: string;
  readonly reason: string;
  readonly audit?: AuditSink;
}

/** What speaks against motion; empty when nothing does, and what ends soon. */
export interface ApprovalState {
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Decides for a supervisor whether all that its graph wants is in force. Takes what was signed, lets what is tighter take
 * effect by itself, writes a request for everything else, and tells the audit log of each. One desk an arm: a second one is
 * refused while the first lives.
 */
export class ApprovalDesk {
  private readonly options: ApprovalDeskOptions;
  private readonly folder: ApprovalFolder;
  private readonly lock: ProcessLock;
  private file: LedgerFile | null = null;
  private wanted: readonly Wanted[] = [];

  constructor(options: ApprovalDeskOptions) {
    this.options = options;
    this.folder = new ApprovalFolder(options.folder);
    this.lock = new ProcessLock(this.folder.lock);
  }

  /** Reads what there is and decides anew: at the beginning and at every reset. Throws InputError for what was tampered with. */
  decide(wanted: readonly Wanted[]): ApprovalState {
    try {
      this.open();
      this.takeRevocations();
      this.takeApprovers();
      const refusals = wanted.flatMap((one) => this.take(one));
      this.wanted = wanted;
      this.note({ kind: 'approval', rule: 'approval.in_force', ...this.told(refusals) });
      return { refusals, warnings: this.state().warnings };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.note({
        kind: 'tampering',
        rule: 'tampering.approvals',
        inputs: { found: error.message },
        outcome: 'refused',
      });
      throw error;
    }
  }

  /** Whether what was decided on still holds; writes nothing but the time. */
  state(): ApprovalState {
    const { file } = this;
    if (file === null) return { refusals: [], warnings: [] };
    const now_ms = this.options.now_ms();
    if (file.isSetBack(now_ms)) return { refusals: ['the clock was set back'], warnings: [] };
    const time_ms = file.timeAt(now_ms);
    const held = this.wanted.map(({ what, document }) => ({
      what,
      hash: documentHash(document),
      held: file.ledger.inForce(what, time_ms),
    }));
    const refusals = held.flatMap(({ what, hash, held: one }) =>
      one?.sha256 === hash ? [] : [`the approval of ${what} has ended; see surepick approve`],
    );
    const ending = held.filter(({ held: one }) => one !== null && one.until_ms - time_ms < WARNED_DAYS * DAY_MS);
    const warnings = ending.map(
      ({ what, held: one }) => `the approval of ${what} ends at ${new Date(one?.until_ms ?? 0).toISOString()}`,
    );
    return { refusals, warnings };
  }

  /** Remembers the time, so that a clock that is set back is noticed. */
  remember(): void {
    this.file?.see(this.file.timeAt(this.options.now_ms()));
  }

  /** What is in force now. */
  inForce(): readonly InForce[] {
    return this.file?.ledger.all(this.file.timeAt(this.options.now_ms())) ?? [];
  }

  close(): void {
    this.file = null;
    this.lock.release();
  }

  private open(): void {
    const { robot, anchor, approvers, now_ms } = this.options;
    if (this.file === null) this.folder.prepare();
    this.lock.take();
    this.file = LedgerFile.open({ file: this.folder.ledger, anchor }, robot, approvers(), now_ms());
  }

  private takeRevocations(): void {
    const file = this.opened;
    for (const { file: where, json } of this.folder.revocations(this.unreadable)) {
      const time_ms = file.timeAt(this.options.now_ms());
      try {
        const line = file.ledger.revoke(json, time_ms, where);
        if (line === null) continue;
        file.append(line, time_ms);
        this.note({
          kind: 'approval',
          rule: 'approval.revoked',
          inputs: { file: where },
          outcome: 'the key was given up',
        });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        this.unreadable(where, error.message);
      }
    }
  }

  /** The list of the command line takes effect in the place of the one in force only when that one's people have signed it. */
  private takeApprovers(): void {
    const list = documentOf(this.options.approvers());
    const { ledger } = this.opened;
    if (documentHash(list) === documentHash(ledger.approvers)) return;
    const why = this.admit({ what: 'approvers', document: list }, documentOf(ledger.approvers));
    if (why !== '') throw new InputError('the list of approvers', why);
  }

  private take(one: Wanted): string[] {
    const { what, document } = one;
    const file = this.opened;
    const time_ms = file.timeAt(this.options.now_ms());
    const before = file.ledger.inForce(what, time_ms);
    if (before?.sha256 === documentHash(document)) return [];
    if (before !== null && isTighter(what, before.document, document)) {
      file.append(file.ledger.tighten(what, document, time_ms), time_ms);
      const inputs = { what, from: before.sha256, to: documentHash(document) };
      this.note({ kind: 'approval', rule: 'approval.tightened', inputs, outcome: 'in force without signatures' });
      return [];
    }
    const why = this.admit(one, before?.document ?? null);
    return why === '' ? [] : [why];
  }

  /** Lets the first signed request that fits take effect; else says why none does, and how to get one. */
  private admit({ what, document }: Wanted, in_force: SubjectDocument | null): string {
    const file = this.opened;
    const time_ms = file.timeAt(this.options.now_ms());
    const hash = documentHash(document);
    const reasons: string[] = [];
    for (const signatures of this.signed(what, hash)) {
      const [{ statement }] = signatures;
      const request = { schema: 'surepick.request', version: 1, statement, in_force, proposed: document } as const;
      const { why, tampered } = file.ledger.judge(request, signatures, time_ms);
      const inputs = { what, hash, nonce: statement.nonce, keys: signatures.map(({ key }) => key) };
      if (why === '') {
        file.append(file.ledger.approve(request, signatures, time_ms), time_ms);
        this.note({ kind: 'approval', rule: 'approval.admitted', inputs, outcome: `${what} is in force` });
        return '';
      }
      reasons.push(why);
      const refused = { inputs, outcome: why };
      if (tampered) this.note({ kind: 'tampering', rule: 'tampering.approval', ...refused });
      else this.note({ kind: 'approval', rule: 'approval.refused', ...refused });
    }
    return [...new Set([`${what} is not approved`, ...reasons, this.ask(what, document, in_force)])].join('; ');
  }

  private signed(what: string, hash: string): Approval[][] {
    const groups = new Map<string, Approval[]>();
    for (const one of this.folder.approvals(this.unreadable)) {
      if (one.statement.what !== what || one.statement.new_sha256 !== hash) continue;
      const key = documentHash(one.statement);
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    return [...groups.values()];
  }

  /** Writes a request unless one lies there already; says how it is signed. */
  private ask(what: string, proposed: SubjectDocument, in_force: SubjectDocument | null): string {
    const { robot, author, reason, now_ms } = this.options;
    const from_ms = now_ms();
    const before = in_force === null ? '' : documentHash(in_force);
    const same = this.folder
      .requests(() => {})
      .find(({ request: { statement: s } }) => {
        const fits = s.what === what && s.in_force_sha256 === before && s.new_sha256 === documentHash(proposed);
        return (
          fits &&
          !this.opened.ledger.wasUsed(s.nonce) &&
          documentHash(s.robot) === documentHash(robot) &&
          Date.parse(s.until) > from_ms
        );
      });
    const file =
      same?.file ??
      this.folder.writeRequest(
        makeRequest({
          ...{ what, robot, in_force, proposed, author, reason, from_ms },
          until_ms: from_ms + ASKED_DAYS * DAY_MS,
        }),
      );
    return `surepick approve ${file}`;
  }

  private get opened(): LedgerFile {
    if (this.file === null) throw new Error('no ledger is open');
    return this.file;
  }

  private told(refusals: readonly string[]): Pick<AuditEvent, 'inputs' | 'outcome'> {
    const { sequence, hash } = this.opened.ledger.head;
    const inputs = { ledger_entries: sequence, ledger_head: hash, refusals: [...refusals] };
    return { inputs, outcome: refusals.length === 0 ? 'all is approved' : 'refused' };
  }

  private readonly unreadable = (file: string, why: string): void =>
    this.note({ kind: 'tampering', rule: 'approval.unreadable', inputs: { file, why }, outcome: 'left alone' });

  private note(event: AuditEvent): void {
    this.options.audit?.record(event);
  }
}
