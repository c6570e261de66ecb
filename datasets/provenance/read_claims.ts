import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DATASET_NAME, type DatasetIndex, idOf, idOfRun, readIndex } from '../dataset/index.ts';
import { MANIFEST_NAME, readManifest } from '../run/index.ts';
import { MERKLE_NAME, type Oddity, SIGNATURES_FOLDER } from './dataset_files.ts';
import { type MerkleManifest, readMerkle } from './merkle_manifest.ts';
import { type FoundSignatures, readSignatures } from './signature_file.ts';

export interface NamedEpisode {
  readonly id: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a folder says of itself; null for what it has not, or has not in a form that can be read. */
export interface Claims {
  readonly merkle: { readonly manifest: MerkleManifest; readonly sha256: string } | null;
  readonly signatures: FoundSignatures;
  /** Whether there is anything of a signature. */
  readonly signing: boolean;
  readonly index: DatasetIndex | null;
  /** `dataset.json`, or of a run without one `manifest.json`; the name of what names the episodes. */
  readonly index_name: string;
  readonly episodes: readonly NamedEpisode[];
  /** The id that the run has as a dataset; null for what is no run. */
  readonly run_dataset_id: string | null;
  readonly is_run: boolean;
  /** What cannot be read, by file. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Reads the claims of a folder. Nothing that is no plain file is opened. */
export function readClaims(folder: string, plain: ReadonlySet<string>, oddities: readonly Oddity[]): Claims {
  const unreadable = new Map<string, string>();
  const attempt = <T>(name: string, work: () => T): T | null => {
    if (!plain.has(name)) return null;
    try {
      return work();
    } catch (error) {
      unreadable.set(name, error instanceof Error ? error.message : String(error));
      return null;
    }
  };
  const odd = new Set(oddities.map(({ path }) => path));
  const merkle = odd.has(MERKLE_NAME) || !existsSync(join(folder, MERKLE_NAME)) ? null : readMerkle(folder);
  if (merkle !== null && 'why' in merkle) unreadable.set(MERKLE_NAME, merkle.why);
  const signatures = odd.has(SIGNATURES_FOLDER) ? { signatures: [], bad: [] } : readSignatures(folder);
  const index = attempt(DATASET_NAME, () => readIndex(folder));
  const run = attempt(MANIFEST_NAME, () => readManifest(folder));
  const has_index = plain.has(DATASET_NAME);
  const ofRun = (run?.episodes ?? []).map((each) => ({ ...each, id: idOf(run?.run_id ?? '', each.file) }));
  const named: readonly NamedEpisode[] = has_index ? (index?.episodes ?? []) : ofRun;
  return {
    merkle:
      merkle === null || 'why' in merkle
        ? null
        : { manifest: merkle.manifest, sha256: createHash('sha256').update(merkle.text).digest('hex') },
    signatures,
    signing:
      merkle !== null ||
      odd.has(MERKLE_NAME) ||
      odd.has(SIGNATURES_FOLDER) ||
      signatures.signatures.length + signatures.bad.length > 0,
    ...{ index, index_name: has_index ? DATASET_NAME : MANIFEST_NAME },
    episodes: named.map(({ id, file, bytes, sha256 }) => ({ id, file, bytes, sha256 })),
    ...{ run_dataset_id: run === null ? null : idOfRun(run.run_id), is_run: plain.has(MANIFEST_NAME), unreadable },
  };
}
