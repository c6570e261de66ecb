import { generateKeyPairSync } from 'node:crypto';
import {
  type Approval,
  type ApprovalRequest,
  type Approvers,
  fingerprintOf,
  makeRequest,
  type Proposal,
  publicKeyText,
  type RobotIdentity,
  type SigningKey,
  SUBJECT_KINDS,
  type SubjectKind,
  signApproval,
} from '../../safety/index.ts';

export const DAY_MS = 86_400_000;
/** 2026-01-05, a Monday. */
export const NOW_MS = Date.UTC(2026, 0, 5, 8);
export const ARM: RobotIdentity = { name: 'panda', serial: 'A-1', urdf_sha256: 'ab'.repeat(32) };

/** A person with a key that is in no file. */
export function personWithKey(owner: string): SigningKey {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const public_key = publicKeyText(key);
  return { name: owner.toLowerCase(), owner, public_key, fingerprint: fingerprintOf(public_key), key };
}

export function approversOf(people: readonly SigningKey[], may: readonly SubjectKind[] = SUBJECT_KINDS): Approvers {
  const approvers = people.map(({ owner, public_key }) => ({ owner, key: public_key, may }));
  return { schema: 'surepick.approvers', version: 1, approvers };
}

/** A request for the arm above that holds for thirty days. */
export function requestOf(
  proposal: Pick<Proposal, 'what' | 'in_force' | 'proposed'> & Partial<Proposal>,
): ApprovalRequest {
  const usual = { robot: ARM, author: 'Zoe', reason: 'a wider table', from_ms: NOW_MS, until_ms: NOW_MS + 30 * DAY_MS };
  return makeRequest({ ...usual, ...proposal });
}

export function signedBy(request: ApprovalRequest, ...people: readonly SigningKey[]): Approval[] {
  return people.map((person) => signApproval(request, person));
}
