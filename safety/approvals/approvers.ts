import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { fingerprintOf, parsePublicKey } from '../keys/index.ts';
import { SUBJECT_KINDS, type SubjectKind } from './subject.ts';

const approver = z
  .strictObject({
    /** A person; one may have several keys, which count as one signature. */
    owner: z.string().trim().min(1).max(200),
    /** Public key, base64, as `surepick keys export-public` prints it. */
    key: z.string().refine(isKey, 'must be an ed25519 public key, 32 bytes as base64'),
    may: z.array(z.enum(SUBJECT_KINDS)).readonly(),
  })
  .readonly();
export type Approver = z.infer<typeof approver>;

/** Who may sign for what. */
export const approversSchema = z
  .strictObject({
    schema: z.literal('surepick.approvers'),
    version: z.literal(1),
    approvers: z
      .array(approver)
      .min(1)
      .max(100)
      .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'must not have a key twice')
      .refine((all) => all.some(({ may }) => may.includes('approvers')), 'need one who may sign for approvers')
      .readonly(),
  })
  .readonly();
export type Approvers = z.infer<typeof approversSchema>;

function isKey(text: string): boolean {
  try {
    parsePublicKey(text);
    return true;
  } catch {
    return false;
  }
}

/** Throws InputError that names the place. */
export function parseApprovers(json: unknown, where: string): Approvers {
  const { data, error } = approversSchema.safeParse(json);
  if (error === undefined) return data;
  throw new InputError(`${where}: ${error.issues[0].path.join('.') || 'document'}`, error.issues[0].message);
}

/** The approver with the key of a fingerprint; undefined for none. */
export function approverOf({ approvers }: Approvers, fingerprint: string): Approver | undefined {
  return approvers.find(({ key }) => fingerprintOf(key) === fingerprint);
}

/** An owner's name as owners are told apart: neither case nor spaces make another person. */
export function personOf(owner: string): string {
  return owner.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** How many different people may sign for a kind. */
export function peopleFor({ approvers }: Approvers, kind: SubjectKind): number {
  return new Set(approvers.filter(({ may }) => may.includes(kind)).map(({ owner }) => personOf(owner))).size;
}
