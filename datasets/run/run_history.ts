import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { MANIFEST_NAME, type Manifest, readManifest } from './manifest.ts';
import { type EpisodeCounts, sumCounts } from './run_record.ts';

/** What runs count, one after the other. */
export interface CountedRun {
  readonly run_id: string;
  readonly episodes: number;
  readonly successes: number;
  /** Of all its episodes together. */
  readonly counts: EpisodeCounts;
}

const MOST_RUNS = 60;
const MOST_FOLDERS = 2000;
const LONGEST_BYTES = 1 << 26;

/**
 * Earlier runs of the same task beside a run's folder, oldest first, the newest sixty: those that are finished and whose
 * episodes are counted. What lies there and is no run is passed over.
 */
export function earlierRuns(out_dir: string, task: string): CountedRun[] {
  const parent = dirname(out_dir);
  if (!existsSync(parent)) return [];
  const found: CountedRun[] = [];
  for (const name of readdirSync(parent).sort().slice(-MOST_FOLDERS)) {
    const file = join(parent, name, MANIFEST_NAME);
    if (name === basename(out_dir) || !existsSync(file) || statSync(file).size > LONGEST_BYTES) continue;
    const manifest = readable(join(parent, name));
    if (manifest === null || !manifest.finished || manifest.options.task !== task) continue;
    const run = countedRun(manifest);
    if (run !== null) found.push(run);
  }
  return found.sort((a, b) => (a.run_id < b.run_id ? -1 : 1)).slice(-MOST_RUNS);
}

function countedRun({ run_id, episodes }: Manifest): CountedRun | null {
  const counts = episodes.flatMap(({ outcome }) => outcome.counts ?? []);
  if (counts.length === 0 || counts.length < episodes.length) return null;
  const successes = episodes.filter(({ outcome }) => outcome.success).length;
  return { run_id, episodes: episodes.length, successes, counts: sumCounts(counts) };
}

function readable(folder: string): Manifest | null {
  try {
    return readManifest(folder);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
