import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import {
  type Approval,
  ApprovalFolder,
  ApprovalLedger,
  type ApprovalRequest,
  type Approvers,
  approvalFileName,
  approverOf,
  countSignatures,
  documentHash,
  fingerprintOf,
  parseApproval,
  parseApprovers,
  parseRevocation,
  peopleNeeded,
  type Verdict,
} from '../../safety/index.ts';
import type { WallClock } from '../access/index.ts';
import type { OpenApproval } from './open_approvals.ts';
import { looksLikePrivateKey } from './private_key.ts';

export interface ApprovalsIntakeOptions {
  /** Of requests, signatures and the ledger: where the supervisor looks. */
  readonly folder: string;
  /** File with the list of approvers. */
  readonly approvers: string;
  readonly now_ms: WallClock;
}

interface Found {
  readonly file: string;
  readonly request: ApprovalRequest;
}

/**
 * Takes signatures that were made elsewhere into the folder where the supervisor looks at its next reset. Only what answers
 * an open request and holds is written; whether it suffices the supervisor decides by its ledger.
 */
export class ApprovalsIntake {
  private readonly options: ApprovalsIntakeOptions;
  private readonly folder: ApprovalFolder;

  constructor(options: ApprovalsIntakeOptions) {
    this.options = options;
    this.folder = new ApprovalFolder(options.folder);
  }

  /** Requests that wait for signatures. Throws InputError where the list of approvers cannot be read. */
  open(): readonly OpenApproval[] {
    const list = this.approvers();
    const approvals = this.folder.approvals(ignored);
    const revoked = this.revoked();
    return this.found().map(({ file, request }) => {
      const { what, robot, author, reason, until } = request.statement;
      const { counted, by } = verdictOf(request, approvals, list, revoked);
      return {
        ...{ file: basename(file), what, author, reason, until },
        robot: robot.serial === '' ? robot.name : `${robot.name} ${robot.serial}`,
        signed_by: counted.map(({ key }) => approverOf(by, key)?.owner ?? key.slice(0, 12)).sort(),
        needed: peopleNeeded(request, by),
      };
    });
  }

  /** A request as its file holds it, to be signed elsewhere; null where no open one has this name. */
  request(file: string): ApprovalRequest | null {
    return this.found().find((one) => basename(one.file) === file)?.request ?? null;
  }

  /**
   * Writes a signed approval, as `surepick approve` makes it, into the folder.
   * @param text  the file. Throws InputError where it is none that counts here; nothing of it is kept then, nor told
   */
  take(text: string): { readonly file: string; readonly approval: Approval; readonly owner: string } {
    if (looksLikePrivateKey(text))
      throw new InputError(
        'this file',
        'must hold no private key: nothing of it was kept. If it was a key, give it up: surepick keys revoke',
      );
    const approval = parseApproval(jsonOf(text), 'approval');
    const hash = documentHash(approval.statement);
    const asked = this.found().find(({ request }) => documentHash(request.statement) === hash);
    if (asked === undefined)
      throw new InputError(`approval of ${approval.statement.what}`, 'must answer a request that is open here');
    const { counted, refused, by } = verdictOf(asked.request, [approval], this.approvers(), this.revoked());
    if (counted.length === 0) throw new InputError(`approval of ${approval.statement.what}`, refused.join('; '));
    const file = join(this.folder.folder, approvalFileName(approval));
    writeFileSync(`${file}.part`, `${JSON.stringify(approval, null, 2)}\n`);
    renameSync(`${file}.part`, file);
    return { file: basename(file), approval, owner: approverOf(by, approval.key)?.owner ?? '' };
  }

  /** Requests whose time is not over and that did not take effect. */
  private found(): Found[] {
    const used = new Map<string, ApprovalLedger | null>();
    return this.folder.requests(ignored).filter(({ request: { statement } }) => {
      if (Date.parse(statement.until) <= this.options.now_ms()) return false;
      const robot = documentHash(statement.robot);
      if (!used.has(robot)) used.set(robot, this.ledgerOf(statement.robot));
      return used.get(robot)?.wasUsed(statement.nonce) !== true;
    });
  }

  /** Null where the arm has none yet; one that cannot be read is the supervisor's to complain of. */
  private ledgerOf(robot: ApprovalRequest['statement']['robot']): ApprovalLedger | null {
    const { ledger } = this.folder;
    if (!existsSync(ledger)) return null;
    try {
      return ApprovalLedger.read(readFileSync(ledger), robot, ledger);
    } catch (error) {
      if (error instanceof InputError) return null;
      throw error;
    }
  }

  private approvers(): Approvers {
    const { approvers: file } = this.options;
    try {
      return parseApprovers(JSON.parse(readFileSync(file, 'utf8')), file);
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new InputError(`list of approvers ${file}`, 'must be a file of JSON that can be read', { cause });
    }
  }

  private revoked(): ReadonlySet<string> {
    const keys = this.folder.revocations(ignored).flatMap(({ json, file }) => {
      try {
        return [fingerprintOf(parseRevocation(json, file).revocation.public_key)];
      } catch {
        return [];
      }
    });
    return new Set(keys);
  }
}

/** What counts under a request, and by which list: a new list of approvers is signed by the people of the one in force. */
function verdictOf(
  { statement, in_force }: ApprovalRequest,
  approvals: readonly Approval[],
  list: Approvers,
  revoked: ReadonlySet<string>,
): Verdict & { readonly by: Approvers } {
  const by = statement.what === 'approvers' && in_force !== null ? parseApprovers(in_force, 'in_force') : list;
  const hash = documentHash(statement);
  const under = approvals.filter((one) => documentHash(one.statement) === hash);
  return { ...countSignatures(statement, under, by, revoked), by };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError('approval', 'must be JSON, the file that surepick approve wrote');
  }
}

/** Files that are none are the supervisor's to complain of. */
const ignored = () => {};
