import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { DATASET_NAME, type DatasetIndex } from '../dataset/index.ts';
import { MANIFEST_NAME } from '../run/index.ts';
import {
  baselineOf,
  expectedFindings,
  filesFindings,
  indexFindings,
  runFindings,
  seenFindings,
} from './dataset_checks.ts';
import {
  type HashedFile,
  type HashOptions,
  hashFiles,
  listFiles,
  MERKLE_NAME,
  SIGNATURES_FOLDER,
} from './dataset_files.ts';
import { judgeSignatures, type Signer } from './judge_signatures.ts';
import { type MerkleManifest, rootOfFiles } from './merkle_manifest.ts';
import type { ProvenanceFinding } from './provenance_finding.ts';
import { type NamedEpisode, readClaims } from './read_claims.ts';
import type { SeenRevisions } from './seen_revisions.ts';
import type { TrustedKey } from './trusted_keys.ts';

export interface VerifyDatasetOptions extends HashOptions {
  readonly trusted: readonly TrustedKey[];
  /** What this machine has seen; absent where it is not to be asked. */
  readonly seen?: SeenRevisions;
  readonly require_signature?: boolean;
  readonly expect_revision?: number;
  readonly expect_root?: string;
  /** Checks what a run says of itself, its manifest and audit logs; findings name files from the folder. */
  readonly checkRun?: (folder: string) => Promise<readonly ProvenanceFinding[]>;
  /** ISO 8601. */
  readonly now: string;
}

export interface DatasetVerdict {
  readonly ok: boolean;
  /** Whether all holds and a trusted key vouches for it. */
  readonly signed: boolean;
  /** Empty where nothing says so. */
  readonly id: string;
  readonly revision: number;
  /** Root over the files as they are. */
  readonly root: string;
  readonly signers: readonly Signer[];
  readonly findings: readonly ProvenanceFinding[];
  /** What does not fail the check but should be known. */
  readonly warnings: readonly string[];
  /** Files that were read, and not taken for unchanged by size and time. */
  readonly files_read: number;
  /** The files as they are, in order of their paths. */
  readonly files: readonly HashedFile[];
  /** As `dataset.json`, or of a run its manifest, names them. */
  readonly episodes: readonly NamedEpisode[];
  readonly manifest: MerkleManifest | null;
  readonly index: DatasetIndex | null;
  /** What counting signatures say, by revision. */
  readonly roots: ReadonlyMap<number, string>;
}

/**
 * Checks a dataset, or a run, against what vouches for it; reads every byte of it. Throws an InputError only for a folder that
 * is neither: whatever is wrong inside is a finding.
 */
export async function verifyDataset(folder: string, options: VerifyDatasetOptions): Promise<DatasetVerdict> {
  if (![DATASET_NAME, MERKLE_NAME, MANIFEST_NAME, SIGNATURES_FOLDER].some((name) => existsSync(join(folder, name))))
    throw new InputError(`folder ${folder}`, `must hold ${DATASET_NAME} or ${MANIFEST_NAME} of a run`);
  const { files, oddities } = await listFiles(folder);
  const { hashed, read } = await hashFiles(folder, files, options);
  const claims = readClaims(folder, new Set(files.map(({ path }) => path)), oddities);
  const { merkle, signatures, signing, index } = claims;
  const odd = oddities.map(({ path, what }): ProvenanceFinding => ({ kind: 'no_file', place: path, detail: what }));
  const judged = signing
    ? judgeSignatures(signatures, merkle?.manifest ?? null, merkle?.sha256 ?? '', options.trusted)
    : { findings: [], signers: [], signed: null, roots: new Map<number, string>() };
  const manifest = merkle?.manifest ?? null;
  const here = {
    id: manifest?.id ?? index?.id ?? claims.run_dataset_id ?? signatures.signatures.at(-1)?.statement.id ?? '',
    revision: manifest?.revision ?? index?.revision ?? 0,
    root: rootOfFiles(hashed),
  };
  const baseline = baselineOf(claims, here.root, judged.signed, options.seen, here.id);
  const findings = [...odd, ...filesFindings(claims, hashed, baseline), ...judged.findings];
  findings.push(...indexFindings(claims, hashed, baseline, new Set(findings.map(({ place }) => place))));
  findings.push(...seenFindings(options.seen, here, claims), ...expectedFindings(options, here, signing));
  findings.push(...(await runFindings(folder, claims, options.checkRun, new Set(findings.map(({ place }) => place)))));
  const ok = findings.length === 0;
  const signed = ok && judged.signers.length > 0;
  if (signed && index !== null && manifest !== null) {
    const paths = signatures.signatures.map(({ path }) => path);
    options.seen?.see({ ...here, name: index.name, signatures: paths, seen_at: options.now }, manifest);
  }
  const warnings = signing
    ? []
    : ['unsigned: nobody but its own index or manifest vouches for it; surepick dataset sign'];
  return {
    ...{ ok, signed, ...here, signers: judged.signers, findings, warnings },
    ...{ files_read: read, files: hashed, episodes: claims.episodes, manifest, index, roots: judged.roots },
  };
}
