import { basename, join } from 'node:path';
import { type DatasetIndex, datasetEpisode } from '../dataset/schema.ts';
import { hashFile, replaceFile } from '../run/file.ts';
import { EPISODES_FOLDER, MANIFEST_NAME, type Manifest, type ManifestEpisode, manifest } from '../run/manifest.ts';
import type { RepairReport } from './repair.ts';
import { summarizeRecording } from './summary.ts';

/** What became of an index of recordings: names of files from its folder. */
export interface RenewedIndex {
  /** Listed now, as interrupted: they were finished by the repair. */
  readonly added: readonly string[];
  /** Size and hash renewed, of the repaired files alone. */
  readonly renewed: readonly string[];
}

/** Takes repaired recordings into the manifest of their run; the file is replaced in one step. */
export async function renewManifest(
  folder: string,
  current: Manifest,
  repaired: readonly RepairReport[],
): Promise<RenewedIndex> {
  const episodes = new Map(current.episodes.map((episode) => [episode.file, episode]));
  const [added, renewed]: [string[], string[]] = [[], []];
  for (const { result, reason } of repaired) {
    if (result === null) continue;
    const file = `${EPISODES_FOLDER}/${basename(result)}`;
    const path = join(folder, file);
    if (join(result) !== join(path)) continue;
    const known = episodes.get(file);
    (known === undefined ? added : renewed).push(file);
    const entry = known ?? (await interruptedEpisode(path, file, reason, [...episodes.values()]));
    episodes.set(file, { ...entry, ...hashFile(path) });
  }
  if (added.length + renewed.length > 0) {
    const next: Manifest = {
      ...current,
      interrupted: current.interrupted || !current.finished,
      episodes: [...episodes.values()].sort((a, b) => a.index - b.index),
    };
    replaceFile(join(folder, MANIFEST_NAME), `${JSON.stringify(manifest.parse(next), null, 2)}\n`);
  }
  return { added, renewed };
}

/** Episodes of a dataset with what is now in the repaired files; how good they are must be looked at again. */
export async function renewEpisodes(
  folder: string,
  { episodes }: DatasetIndex,
  repaired: readonly RepairReport[],
): Promise<{ readonly episodes: DatasetIndex['episodes']; readonly renewed: readonly string[] }> {
  const files = new Set(repaired.flatMap(({ result }) => (result === null ? [] : [join(result)])));
  const renewed: string[] = [];
  const next: DatasetIndex['episodes'][number][] = [];
  for (const episode of episodes) {
    const path = join(folder, episode.file);
    if (!files.has(join(path))) {
      next.push(episode);
      continue;
    }
    const { start_ns, end_ns, channels } = await summarizeRecording(path);
    const messages = new Map(channels.map((channel) => [channel.topic, channel.messages]));
    const signals = episode.signals.map((signal) => ({ ...signal, messages: messages.get(signal.topic) ?? 0 }));
    const duration_s = Number(end_ns - start_ns) / 1e9;
    next.push(datasetEpisode.parse({ ...episode, ...hashFile(path), duration_s, signals, quality: null }));
    renewed.push(episode.file);
  }
  return { episodes: next, renewed };
}

/** What is known of an episode that nobody has ended: what its recording says. */
async function interruptedEpisode(
  path: string,
  file: string,
  reason: string,
  others: readonly ManifestEpisode[],
): Promise<ManifestEpisode> {
  const { metadata, start_ns, end_ns } = await summarizeRecording(path);
  const { success = 'false', stage = '', reason: told = '', interventions = '0' } = metadata.get('outcome') ?? {};
  const ended = metadata.has('outcome');
  return {
    index: freeIndex(file, others),
    file,
    ...hashFile(path),
    outcome: {
      ...{ success: ended && success === 'true', stage, object: '', attempts: 0 },
      reason: ended ? told : `interrupted; its recording was repaired: ${reason}`,
      ...{ sim_seconds: Number(end_ns - start_ns) / 1e9, placement_error_m: null },
      interventions: Number(/^\d+$/.test(interventions) ? interventions : 0),
      ...(ended ? {} : { interrupted: true }),
    },
  };
}

/** The number in the file's name where no other episode has it. */
function freeIndex(file: string, others: readonly ManifestEpisode[]): number {
  const taken = new Set(others.map(({ index }) => index));
  const named = Number(/(\d+)(?!.*\d)/.exec(basename(file))?.[1] ?? Number.NaN);
  if (Number.isSafeInteger(named) && !taken.has(named)) return named;
  return Math.max(-1, ...taken) + 1;
}
