import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { DATASET_NAME, nextRevision, readIndex, writeIndex } from '../dataset/folder.ts';
import { EPISODES_FOLDER, MANIFEST_NAME, readManifest } from '../run/manifest.ts';
import { type RepairOptions, type RepairReport, repairRecording } from './repair.ts';
import { type RenewedIndex, renewEpisodes, renewManifest } from './repair_manifest.ts';

export interface FolderRepairOptions extends RepairOptions {
  /** When, ISO 8601: the date of the dataset's new revision. */
  readonly now: string;
  /** No further file is begun once it is aborted. */
  readonly signal?: AbortSignal;
  readonly onFile?: (done: number, total: number, file: string) => void;
  /** Waits until nobody writes the file; throws an InputError where somebody does. */
  readonly quiet?: (file: string) => Promise<void>;
}

/** A file that is no recording, or cannot be repaired as things stand, and why. */
export interface RefusedFile {
  readonly file: string;
  readonly reason: string;
}

export interface FolderRepair {
  readonly folder: string;
  readonly reports: readonly RepairReport[];
  readonly refused: readonly RefusedFile[];
  /** Of the run's manifest; null without one. */
  readonly manifest: RenewedIndex | null;
  /** Of the dataset's index, and its revision now; null without one. */
  readonly dataset: (RenewedIndex & { readonly revision: number }) | null;
  /** It was cut short: files are left that were not looked at. */
  readonly interrupted: boolean;
}

const RECORDING = /\.mcap(\.part)?$/;

/**
 * Repairs all recordings of a run, a dataset or any folder, and renews size and hash of the repaired ones in its manifest or
 * index. Throws an InputError where the folder cannot be read or its manifest cannot be used.
 */
export async function repairFolder(folder: string, options: FolderRepairOptions): Promise<FolderRepair> {
  const files = recordingsIn(folder);
  const manifest = existsSync(join(folder, MANIFEST_NAME)) ? readManifest(folder) : null;
  const index = existsSync(join(folder, DATASET_NAME)) ? readIndex(folder) : null;
  const reports: RepairReport[] = [];
  const refused: RefusedFile[] = [];
  for (const [done, file] of files.entries()) {
    if (options.signal?.aborted === true) break;
    options.onFile?.(done, files.length, file);
    try {
      await options.quiet?.(file);
      reports.push(await repairRecording(file, options));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused.push({ file, reason: error.message });
    }
  }
  const repaired = reports.filter(({ state }) => state === 'repaired');
  const found = { folder, reports, refused, interrupted: reports.length + refused.length < files.length };
  if (options.check === true) return { ...found, manifest: null, dataset: null };
  return {
    ...found,
    manifest: manifest === null ? null : await renewManifest(folder, manifest, repaired),
    dataset: index === null ? null : await renewDataset(folder, repaired, options.now),
  };
}

async function renewDataset(folder: string, repaired: readonly RepairReport[], now: string) {
  const index = readIndex(folder);
  const { episodes, renewed } = await renewEpisodes(folder, index, repaired);
  if (renewed.length === 0) return { added: [], renewed, revision: index.revision };
  const next = nextRevision(index, { episodes }, now);
  writeIndex(folder, next);
  return { added: [], renewed, revision: next.revision };
}

/** Recordings of a folder and of its `episodes`, in order of their names. */
function recordingsIn(folder: string): string[] {
  const inside = (inner: string) => {
    if (!existsSync(inner)) return [];
    return readdirSync(inner)
      .filter((name) => RECORDING.test(name))
      .map((name) => join(inner, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  };
  try {
    return [...inside(folder), ...inside(join(folder, EPISODES_FOLDER))].sort();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`folder ${folder}`, `cannot be read (${reason})`, { cause: error });
  }
}
