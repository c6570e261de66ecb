import { fingerprintOf } from '../../safety/index.ts';
import { MERKLE_NAME, SIGNATURES_FOLDER } from './dataset_files.ts';
import type { MerkleManifest } from './merkle_manifest.ts';
import type { ProvenanceFinding, ProvenanceKind } from './provenance_finding.ts';
import type { FoundSignature, FoundSignatures } from './signature_file.ts';
import type { TrustedKey } from './trusted_keys.ts';

/** Who signed a revision, as far as it counts. */
export interface Signer {
  readonly revision: number;
  readonly owner: string;
  readonly fingerprint: string;
  readonly signed_at: string;
}

export interface JudgedSignatures {
  readonly findings: readonly ProvenanceFinding[];
  /** Of the newest revision, those that count. */
  readonly signers: readonly Signer[];
  /** What they signed; null where none counts. */
  readonly signed: { readonly root: string; readonly manifest_sha256: string } | null;
  /** Roots of all revisions that counting signatures name. */
  readonly roots: ReadonlyMap<number, string>;
}

type Say = (kind: ProvenanceKind, place: string, detail: string) => void;

/**
 * Judges the signatures of a dataset: each of them, the chain that they make from the first revision to the newest, and that
 * the newest is of this manifest.
 *
 * @param manifest  null where it cannot be read
 * @param manifest_sha256  of the bytes of `merkle.json`
 */
export function judgeSignatures(
  { signatures, bad }: FoundSignatures,
  manifest: MerkleManifest | null,
  manifest_sha256: string,
  trusted: readonly TrustedKey[],
): JudgedSignatures {
  const findings: ProvenanceFinding[] = bad.map(({ path, why }) => ({ kind: 'forged', place: path, detail: why }));
  const say: Say = (kind, place, detail) => findings.push({ kind, place, detail });
  const counting: FoundSignature[] = [];
  // The newest first: what counts vouches for what it covers.
  for (const signature of [...signatures].reverse()) {
    if (counts(signature, counting, trusted, say)) counting.push(signature);
  }
  for (const signature of signatures) if (signature.holds) covered(signature, signatures, say);
  chain(signatures, say);
  const newest = signatures.at(-1)?.statement.revision;
  const own = signatures.filter(({ statement }) => statement.revision === newest);
  if (manifest !== null) {
    for (const { path, statement } of signatures)
      if (statement.id !== manifest.id) say('forged', path, `is of dataset ${statement.id}; this is ${manifest.id}`);
    for (const { path, statement } of own) ofManifest(path, statement, manifest, manifest_sha256, say);
  }
  if (signatures.length === 0 && bad.length === 0)
    say('unsigned', SIGNATURES_FOLDER, `there is ${MERKLE_NAME}, but nobody has signed it`);
  const ours = counting.filter((signature) => own.includes(signature));
  return {
    ...{
      findings,
      roots: new Map(counting.map(({ statement }) => [statement.revision, statement.root])),
      signed: ours[0]?.statement ?? null,
    },
    signers: ours.map((signature) => signerOf(signature, trusted)),
  };
}

function counts(
  { path, sha256, statement, holds }: FoundSignature,
  counting: readonly FoundSignature[],
  trusted: readonly TrustedKey[],
  say: Say,
): boolean {
  const { public_key, signed_at, revision } = statement;
  const whose = `key ${fingerprintOf(public_key).slice(0, 16)}…`;
  if (!holds) {
    say('forged', path, `its signature does not hold: ${whose} never signed this text`);
    return false;
  }
  const key = trusted.find((one) => one.public_key === public_key);
  // Times are the signer's word; who holds a key that was given up may say any. A good signature over it settles it.
  if (counting.some(({ statement: { covers } }) => covers.some((one) => one.file === path && one.sha256 === sha256)))
    return key !== undefined;
  if (key === undefined) {
    say('unknown_key', path, `revision ${revision} is signed by ${whose}, which is not trusted here`);
    return false;
  }
  if (key.revoked_since !== null) {
    say('revoked_key', path, `${whose} of ${key.owner || 'unknown'} is given up since ${key.revoked_since}; sign anew`);
    return false;
  }
  if (key.retired_at !== null && Date.parse(signed_at) >= Date.parse(key.retired_at)) {
    say('retired_key', path, `signed at ${signed_at}; ${whose} was rotated away at ${key.retired_at}`);
    return false;
  }
  return true;
}

/** What a signature covers must be there still, unchanged. */
function covered({ path, statement }: FoundSignature, all: readonly FoundSignature[], say: Say): void {
  for (const { file, sha256 } of statement.covers) {
    const is = all.find((other) => other.path === file);
    if (is === undefined) say('removed', file, `${path} was made when it was there`);
    else if (is.sha256 !== sha256) say('changed', file, `is not the signature that ${path} was made beside`);
  }
}

function chain(all: readonly FoundSignature[], say: Say): void {
  const roots = new Map<number, string>();
  for (const { path, statement } of all) {
    const { revision, root, previous } = statement;
    const other = roots.get(revision);
    if (other !== undefined && other !== root)
      say('chain', path, `signs another root of revision ${revision}: ${root}`);
    roots.set(revision, root);
    if (previous === null) {
      if (roots.size > 1) say('chain', path, `says that revision ${revision} is the first; there are older ones`);
      continue;
    }
    const before = [...roots.keys()].filter((each) => each < revision).at(-1);
    if (before !== previous.revision || roots.get(before) !== previous.root)
      say('chain', path, `goes on from revision ${previous.revision} with root ${previous.root}, which is not here`);
  }
}

function ofManifest(
  path: string,
  statement: FoundSignature['statement'],
  manifest: MerkleManifest,
  manifest_sha256: string,
  say: Say,
): void {
  const previous = statement.previous?.root ?? null;
  if (statement.revision !== manifest.revision)
    say('manifest', MERKLE_NAME, `is of revision ${manifest.revision}, the newest signature of ${statement.revision}`);
  else if (statement.root !== manifest.root)
    say('manifest', MERKLE_NAME, `names the root ${manifest.root}; signed in ${path} was ${statement.root}`);
  else if (previous !== manifest.previous_root)
    say('chain', MERKLE_NAME, `names the previous root ${manifest.previous_root}; signed in ${path} was ${previous}`);
  else if (statement.manifest_sha256 !== manifest_sha256)
    say('manifest', MERKLE_NAME, `has other bytes than those that were signed in ${path}`);
}

function signerOf({ statement }: FoundSignature, trusted: readonly TrustedKey[]): Signer {
  const { revision, public_key, signed_at } = statement;
  const owner = trusted.find((key) => key.public_key === public_key)?.owner ?? '';
  return { revision, owner, fingerprint: fingerprintOf(public_key), signed_at };
}
