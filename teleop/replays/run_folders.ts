import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { EPISODES_FOLDER, MANIFEST_NAME, type ManifestEpisode, readManifest } from '../../datasets/index.ts';
import type { EpisodeView, RunList, RunView } from '../protocol/index.ts';

/** Folder of incident bundles within what a run wrote. */
export const INCIDENTS_FOLDER = 'incidents';

const MOST_RUNS = 200;
const MOST_FILES = 2000;
const LONGEST_MANIFEST = 64 << 20;
/** A folder's or file's own name, and nothing of a path. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+=@ -]{0,127}$/;
const RECORDING = /\.mcap(\.part)?$/;

interface Found {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
}

/** The runs in a folder, the newest first; what is none is passed over, what cannot be read is told. */
export function listRuns(root: string): RunList {
  if (!existsSync(root)) return { runs: [], refused: [] };
  const runs: RunView[] = [];
  const refused: { name: string; reason: string }[] = [];
  for (const name of newestFirst(root).slice(0, MOST_RUNS)) {
    try {
      const run = viewOf(join(root, name), name);
      if (run !== null) runs.push(run);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused.push({ name, reason: error.message });
    }
  }
  return { runs, refused };
}

/** The file of a run's episode. Throws an InputError for names that are none, or that lead out of the folder. */
export function recordingFile(root: string, run: string, episode: string): string {
  for (const [what, name] of [
    ['run', run],
    ['episode', episode],
  ])
    if (!NAME.test(name)) throw new InputError(`${what} ${JSON.stringify(name)}`, 'a name as GET /api/runs gives it');
  const folder = join(root, run);
  if (!existsSync(folder)) throw new InputError(`run ${run}`, 'no such run; GET /api/runs lists what there is');
  const found = recordingsIn(folder).find(({ name }) => name === episode);
  if (found === undefined) throw new InputError(`episode ${episode} of run ${run}`, 'no such recording');
  if (!realpathSync(found.file).startsWith(realpathSync(root) + sep))
    throw new InputError(
      `episode ${episode} of run ${run}`,
      'must lie in the folder of runs; it is a link to elsewhere',
    );
  return found.file;
}

function viewOf(folder: string, name: string): RunView | null {
  const files = recordingsIn(folder);
  const manifest = join(folder, MANIFEST_NAME);
  if (!existsSync(manifest))
    return files.length === 0 ? null : { name, command: '', finished: true, episodes: files.map((file) => bare(file)) };
  if (statSync(manifest).size > LONGEST_MANIFEST)
    throw new InputError(`manifest ${manifest}`, `at most ${LONGEST_MANIFEST} bytes`);
  const { command, finished, episodes } = readManifest(folder);
  const told = new Map(episodes.map((episode) => [episode.file.split('/').at(-1), episode]));
  return { name, command, finished, episodes: files.map((file) => described(file, told.get(file.name))) };
}

function described(found: Found, episode: ManifestEpisode | undefined): EpisodeView {
  if (episode === undefined) return bare(found);
  const { success, stage, reason, object, sim_seconds, interrupted = false } = episode.outcome;
  const { name, bytes } = found;
  return { name, success: interrupted ? null : success, stage, reason, object, seconds: sim_seconds, bytes };
}

const bare = ({ name, bytes }: Found): EpisodeView => ({
  ...{ name, success: null, stage: '', reason: '', object: '', seconds: 0, bytes },
});

/** Recordings of a run: beside its manifest, among its episodes, in its incidents. */
function recordingsIn(folder: string): readonly Found[] {
  const incidents = join(folder, INCIDENTS_FOLDER);
  const bundles = foldersIn(incidents).map((name) => join(incidents, name, EPISODES_FOLDER));
  return [folder, join(folder, EPISODES_FOLDER), ...bundles].flatMap(filesIn).slice(0, MOST_FILES);
}

function filesIn(folder: string): readonly Found[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && NAME.test(entry.name) && RECORDING.test(entry.name))
    .map(({ name }) => ({ name, file: join(folder, name) }))
    .map(({ name, file }) => ({ name, file, bytes: statSync(file).size }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && NAME.test(entry.name)).map(({ name }) => name);
}

function newestFirst(root: string): readonly string[] {
  return foldersIn(root)
    .map((name) => ({ name, changed_ms: statSync(join(root, name)).mtimeMs }))
    .sort((a, b) => b.changed_ms - a.changed_ms || (a.name < b.name ? 1 : -1))
    .map(({ name }) => name);
}
