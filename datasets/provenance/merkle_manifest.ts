import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson, documentHash } from '../../safety/index.ts';
import type { DatasetIndex } from '../dataset/index.ts';
import { replaceFile } from '../run/file.ts';
import { byPath, type HashedFile, MERKLE_NAME } from './dataset_files.ts';
import { leafHash, merklePath, merkleRoot, rootOfProof } from './merkle_tree.ts';

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');

const leaf = z.strictObject({ path: z.string().min(1), bytes: z.number().int().nonnegative(), sha256: sha256Hex });

/** `merkle.json`: every file of one revision of a dataset, and the root of their tree. */
export const merkleManifest = z.strictObject({
  schema: z.literal('surepick/merkle'),
  version: z.literal(1),
  /** Of the dataset. */
  id: z.uuid(),
  revision: z.number().int().nonnegative(),
  /** Root of the revision that was signed before; null for the first. */
  previous_root: sha256Hex.nullable(),
  root: sha256Hex,
  /** As `dataset.json` has them, in its order, so that it can be said which one was changed. */
  episodes: z.array(z.strictObject({ id: z.string(), file: z.string(), sha256: sha256Hex })).readonly(),
  /** In order of the bytes of their paths. */
  leaves: z.array(leaf).readonly(),
});
export type MerkleManifest = Readonly<z.infer<typeof merkleManifest>>;

/** A leaf is hashed as its canonical JSON: {"bytes":…,"path":…,"sha256":…}. */
export function hashOfLeaf({ path, bytes, sha256 }: HashedFile): Buffer {
  return leafHash(canonicalJson({ path, bytes, sha256 }));
}

/** Root over files in order of their paths, lower-case hex. */
export function rootOfFiles(files: readonly HashedFile[]): string {
  return merkleRoot(files.map(hashOfLeaf)).toString('hex');
}

export function makeManifest(
  { id, revision, episodes }: Pick<DatasetIndex, 'id' | 'revision' | 'episodes'>,
  files: readonly HashedFile[],
  previous_root: string | null,
): MerkleManifest {
  const leaves = [...files].sort(byPath);
  return {
    ...{ schema: 'surepick/merkle', version: 1, id, revision, previous_root, root: rootOfFiles(leaves) },
    episodes: episodes.map((episode) => ({ id: episode.id, file: episode.file, sha256: documentHash(episode) })),
    leaves,
  };
}

export function manifestText(manifest: MerkleManifest): string {
  return `${JSON.stringify(manifest, null, 1)}\n`;
}

export function writeManifest(folder: string, manifest: MerkleManifest): void {
  replaceFile(join(folder, MERKLE_NAME), manifestText(manifest));
}

/** Reads `merkle.json`: its content, or why it is none. */
export function readMerkle(
  folder: string,
): { readonly manifest: MerkleManifest; readonly text: Buffer } | { readonly why: string } {
  try {
    const text = readFileSync(join(folder, MERKLE_NAME));
    const parsed = merkleManifest.safeParse(JSON.parse(text.toString('utf8')));
    if (parsed.success) return { manifest: parsed.data, text };
    const [issue] = parsed.error.issues;
    return { why: `${issue.path.join('.') || 'content'}: ${issue.message}` };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

/** What does not fit within the manifest itself. */
export function faultsOf({ leaves, root }: MerkleManifest): string[] {
  const wrong = leaves.findIndex((each, k) => k > 0 && byPath(leaves[k - 1], each) >= 0);
  const order =
    wrong < 0 ? [] : [`leaf ${wrong} (${leaves[wrong].path}) is not in order of the paths, or is there twice`];
  const own = rootOfFiles(leaves);
  return own === root ? order : [...order, `its leaves have the root ${own}, it names ${root}`];
}

/** Proof that a file is part of a root; who has it needs no other file of the dataset. */
export const inclusionProof = z.strictObject({
  schema: z.literal('surepick/inclusion-proof'),
  version: z.literal(1),
  leaf,
  index: z.number().int().nonnegative(),
  size: z.number().int().positive(),
  /** From the leaf upwards, lower-case hex. */
  path: z.array(sha256Hex).max(64).readonly(),
  root: sha256Hex,
});
export type InclusionProof = Readonly<z.infer<typeof inclusionProof>>;

/** Null for a file that the manifest does not have. */
export function proveFile({ leaves, root }: MerkleManifest, path: string): InclusionProof | null {
  const index = leaves.findIndex((each) => each.path === path);
  if (index < 0) return null;
  const hashes = merklePath(leaves.map(hashOfLeaf), index).map((hash) => hash.toString('hex'));
  return {
    ...{ schema: 'surepick/inclusion-proof', version: 1, leaf: leaves[index] },
    ...{ index, size: leaves.length, path: hashes, root },
  };
}

/** Whether a proof leads from its leaf to its root. */
export function holdsProof({ leaf: of, index, size, path, root }: InclusionProof): boolean {
  const hashes = path.map((hash) => Buffer.from(hash, 'hex'));
  return rootOfProof(hashOfLeaf(of), index, size, hashes)?.toString('hex') === root;
}
