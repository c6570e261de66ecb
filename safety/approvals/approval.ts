import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { fingerprintOf, type SigningKey, signDocument, verifyDocument } from '../keys/index.ts';
import { type Approvers, approverOf, peopleFor, personOf } from './approvers.ts';
import { type ApprovalRequest, type Statement, statementSchema } from './request.ts';
import { AUTONOMY_LEVELS, subjectKind } from './subject.ts';

/** One signature under a request. */
const approvalSchema = z
  .strictObject({
    schema: z.literal('surepick.approval'),
    version: z.literal(1),
    statement: statementSchema,
    /** Fingerprint of the key, and its signature of the statement, base64. */
    key: z.string().regex(/^[0-9a-f]{64}$/),
    signature: z.base64().min(1),
  })
  .readonly();
export type Approval = z.infer<typeof approvalSchema>;

export interface Signature {
  readonly key: string;
  readonly signature: string;
}

/** Throws InputError that names the place. */
export function parseApproval(json: unknown, where: string): Approval {
  const { data, error } = approvalSchema.safeParse(json);
  if (error === undefined) return data;
  throw new InputError(`${where}: ${error.issues[0].path.join('.') || 'document'}`, error.issues[0].message);
}

export function signApproval({ statement }: ApprovalRequest, { key, public_key }: SigningKey): Approval {
  const signature = signDocument(key, 'approval', statement);
  return { schema: 'surepick.approval', version: 1, statement, key: fingerprintOf(public_key), signature };
}

/**
 * How many different people have to sign. Two for the highest level of autonomy; two for the list of approvers wherever two
 * may sign for it, since one who could add keys alone could be two.
 */
export function peopleNeeded({ statement, proposed }: ApprovalRequest, list: Approvers): number {
  const kind = subjectKind(statement.what);
  if (kind === 'autonomy') return proposed.level === AUTONOMY_LEVELS.at(-1) ? 2 : 1;
  return kind === 'approvers' ? Math.min(2, Math.max(1, peopleFor(list, kind))) : 1;
}

export interface Verdict {
  /** Signatures that count, one a person. */
  readonly counted: readonly Signature[];
  /** Why others do not. */
  readonly refused: readonly string[];
}

/** Which signatures count under a statement. @param revoked  fingerprints of keys that were given up */
export function countSignatures(
  statement: Statement,
  signatures: readonly Signature[],
  list: Approvers,
  revoked: ReadonlySet<string>,
): Verdict {
  const counted = new Map<string, Signature>();
  const refused: string[] = [];
  for (const one of signatures) {
    const by = approverOf(list, one.key);
    const short = one.key.slice(0, 12);
    if (by === undefined) refused.push(`key ${short} is no approver's`);
    else if (revoked.has(one.key)) refused.push(`key ${short} of ${by.owner} is revoked`);
    else if (!by.may.includes(subjectKind(statement.what)))
      refused.push(`${by.owner} may not sign for ${subjectKind(statement.what)}`);
    else if (!verifyDocument(by.key, 'approval', statement, one.signature))
      refused.push(`the signature of key ${short} of ${by.owner} does not hold`);
    else if (counted.has(personOf(by.owner))) refused.push(`${by.owner} has signed already, and counts once`);
    else counted.set(personOf(by.owner), one);
  }
  return { counted: [...counted.values()], refused };
}
