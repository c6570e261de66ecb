import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import type { SigningKey } from '../../safety/index.ts';
import { DATASET_NAME, type DatasetIndex, nextRevision, openDataset, writeIndex } from '../dataset/index.ts';
import { compareIndex } from './compare_files.ts';
import { type HashOptions, hashFiles, listFiles } from './dataset_files.ts';
import { type MerkleManifest, makeManifest, manifestText, writeManifest } from './merkle_manifest.ts';
import type { SeenRevisions } from './seen_revisions.ts';
import { type DatasetStatement, type FoundSignature, readSignatures, sign, writeSignature } from './signature_file.ts';

export interface SignDatasetOptions extends HashOptions {
  readonly key: SigningKey;
  readonly seen: SeenRevisions;
  /** Makes the next revision of what was changed by hand, e.g. by a page that was put beside it. */
  readonly raise?: boolean;
  /** ISO 8601. */
  readonly now: string;
}

export interface SignedDataset {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly root: string;
  readonly previous_root: string | null;
  readonly files: number;
  readonly bytes: number;
  /** From the dataset's folder. */
  readonly signature: string;
  /** Whether `dataset.json` was written for a run. */
  readonly made_index: boolean;
}

/**
 * Signs a dataset, or a run, which becomes revision 1 of a dataset. Throws an InputError for one whose index and files do not
 * agree, that is older than this machine has seen, or whose revision was signed with other files.
 */
export async function signDataset(folder: string, options: SignDatasetOptions): Promise<SignedDataset> {
  const { kind, index: before } = await openDataset(folder);
  const { signatures, bad } = readSignatures(folder);
  refuseBad(folder, before, signatures, bad);
  const made_index = kind === 'run';
  const raised = made_index || options.raise === true;
  const index = raised ? nextRevision(before, {}, options.now) : before;
  refuseOld(folder, index, raised, options.seen, signatures);
  const { files, oddities } = await listFiles(folder);
  for (const { path, what } of oddities) throw new InputError(join(folder, path), `${what}; take it away to sign`);
  const { hashed } = await hashFiles(folder, files, options);
  for (const { place, detail } of compareIndex(index.episodes, hashed, DATASET_NAME))
    throw new InputError(`${join(folder, DATASET_NAME)}: ${place}`, `${detail}; sign what agrees`);
  if (raised) writeIndex(folder, index);
  const others = hashed.filter(({ path }) => path !== DATASET_NAME);
  const all = [...others, ...(await hashFiles(folder, (await listFiles(folder)).files.filter(isIndex))).hashed];
  const previous = signatures.filter(({ statement }) => statement.revision < index.revision).at(-1)?.statement;
  const manifest = makeManifest(index, all, previous?.root ?? null);
  refuseOther(folder, manifest, signatures);
  const signAnew = () => {
    const made = sign(options.key, index, statementOf(manifest, previous, signatures, options));
    writeSignature(folder, made);
    return made.path;
  };
  writeManifest(folder, manifest);
  const signature = signatures.find(isOwn(manifest, options.key))?.path ?? signAnew();
  const paths = readSignatures(folder).signatures.map(({ path }) => path);
  const { id, revision, root, previous_root } = manifest;
  options.seen.see({ id, name: index.name, revision, root, signatures: paths, seen_at: options.now }, manifest);
  const bytes = all.reduce((sum, file) => sum + file.bytes, 0);
  return {
    ...{ id, name: index.name, revision, root, previous_root, files: all.length, bytes },
    ...{ signature, made_index },
  };
}

const isIndex = ({ path }: { readonly path: string }) => path === DATASET_NAME;

function statementOf(
  manifest: MerkleManifest,
  previous: DatasetStatement | undefined,
  signatures: readonly FoundSignature[],
  { key, now }: SignDatasetOptions,
): Parameters<typeof sign>[2] {
  const replaced = ({ statement }: FoundSignature) =>
    statement.revision === manifest.revision && statement.public_key === key.public_key;
  return {
    root: manifest.root,
    manifest_sha256: hashOfText(manifest),
    previous: previous === undefined ? null : { revision: previous.revision, root: previous.root },
    covers: signatures.filter((one) => !replaced(one)).map(({ path, sha256 }) => ({ file: path, sha256 })),
    signed_at: now,
  };
}

/** Whether a signature is this key's, of this very manifest. */
function isOwn(manifest: MerkleManifest, { public_key }: SigningKey): (one: FoundSignature) => boolean {
  const sha256 = hashOfText(manifest);
  return ({ statement }) => statement.public_key === public_key && statement.manifest_sha256 === sha256;
}

const hashOfText = (manifest: MerkleManifest) => createHash('sha256').update(manifestText(manifest)).digest('hex');

function refuseBad(
  folder: string,
  { id }: DatasetIndex,
  signatures: readonly FoundSignature[],
  bad: readonly { readonly path: string; readonly why: string }[],
): void {
  const forged = signatures.find(({ holds, statement }) => !holds || statement.id !== id);
  const wrong = forged === undefined ? bad[0] : { path: forged.path, why: 'is no signature of this dataset' };
  if (wrong !== undefined)
    throw new InputError(join(folder, wrong.path), `${wrong.why}; look at it with surepick dataset verify`);
}

function refuseOld(
  folder: string,
  { id, revision }: DatasetIndex,
  raised: boolean,
  seen: SeenRevisions,
  signatures: readonly FoundSignature[],
): void {
  const newest = Math.max(seen.get(id)?.revision ?? 0, signatures.at(-1)?.statement.revision ?? 0);
  if (raised ? revision <= newest : revision < newest)
    throw new InputError(
      `${join(folder, DATASET_NAME)} of revision ${revision}`,
      `revision ${newest} was signed already, here or in another copy: go on from that one; who knows why it is gone removes ${seen.fileOf(id)}`,
    );
}

/** One number, one content: what was changed is another revision. */
function refuseOther(folder: string, { revision, root }: MerkleManifest, signatures: readonly FoundSignature[]): void {
  const other = signatures.find(({ statement }) => statement.revision === revision && statement.root !== root);
  if (other === undefined) return;
  throw new InputError(
    `${folder}: files that are not those of revision ${revision} as ${other.path} has signed it`,
    'restore them, or make a revision of them: surepick dataset sign --raise',
  );
}
