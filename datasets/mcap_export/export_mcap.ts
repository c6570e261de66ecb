import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { type Dataset, episodePath } from '../dataset/folder.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import { Bag } from '../rosbag/bag.ts';
import { EPISODE_RECORD } from '../rosbag/episode_facts.ts';
import { type SliceOptions, sliceOf } from './bag_slice.ts';
import { type ExportedEpisode, type ExportRecord, openRecord, writeRecord } from './export_record.ts';
import { SliceWriter } from './slice_writer.ts';

export interface McapExport extends SliceOptions {
  readonly dataset: Dataset;
  readonly episodes: readonly DatasetEpisode[];
  readonly out: string;
  /** One bag of all episodes instead of one each. */
  readonly merge: boolean;
  /** Goes on where an interrupted export ended; a merged one begins anew. */
  readonly resume: boolean;
  readonly signal: AbortSignal;
  onEpisode?(done: number, total: number, id: string): void;
}

export interface McapExported {
  readonly episodes: readonly ExportedEpisode[];
  /** Were there from an interrupted export. */
  readonly kept: readonly string[];
  /** Episodes of which nothing was chosen, and what could not be read. */
  readonly notes: readonly string[];
  readonly complete: boolean;
}

/** Between the episodes of one file whose own times overlap. */
const PAUSE_NS = 1_000_000_000n;
const METADATA = 'metadata.yaml';

/**
 * Writes episodes as rosbag2 bags of MCAP that `ros2 bag play` opens: folders with `metadata.yaml` of version 9. The bytes of
 * messages are not changed; stamps within them neither, also where a merged file moves log times so that one episode follows
 * another. Throws an InputError for topics that no episode has and for recordings that are not what their index says.
 */
export async function exportMcap(task: McapExport): Promise<McapExported> {
  requireTopics(task);
  const { dataset, topics, from_s, to_s, merge, out, resume } = task;
  const { id, name, revision } = dataset.index;
  const record = openRecord(
    out,
    {
      ...{ schema: 'surepick/mcap_export', version: 1, dataset: { id, name, revision }, episodes: [] },
      options: { topics: topics === null ? null : [...topics], from_s, to_s, merge },
    },
    resume,
  );
  const notes: string[] = [];
  try {
    return merge ? await exportMerged(task, record, notes) : await exportEach(task, record, notes);
  } catch (error) {
    if (!task.signal.aborted) throw error;
    return { episodes: record.episodes, kept: [], notes, complete: false };
  }
}

async function exportEach(task: McapExport, record: ExportRecord, notes: string[]): Promise<McapExported> {
  const { episodes, out, signal, onEpisode } = task;
  const kept: string[] = [];
  for (const [k, episode] of episodes.entries()) {
    if (signal.aborted) return { episodes: record.episodes, kept, notes, complete: false };
    const known = record.episodes.find(({ id }) => id === episode.id);
    if (known?.source_sha256 === episode.sha256 && existsSync(join(out, episode.id, METADATA))) kept.push(episode.id);
    else {
      const written = await withPart(out, episode.id, (part) => exportOne(task, episode, part, notes));
      if (written !== null) {
        record.episodes.splice(0, record.episodes.length, ...record.episodes.filter(({ id }) => id !== episode.id));
        record.episodes.push(written);
      }
      writeRecord(out, record);
    }
    onEpisode?.(k + 1, episodes.length, episode.id);
  }
  writeRecord(out, record);
  return { episodes: record.episodes, kept, notes, complete: true };
}

/** Writes into a folder beside that gets its name when it is whole. */
async function withPart<T>(out: string, name: string, write: (part: string) => Promise<T>): Promise<T> {
  const [part, whole] = [join(out, `${name}.part`), join(out, name)];
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  try {
    const written = await write(part);
    rmSync(whole, { recursive: true, force: true });
    if (written === null) rmSync(part, { recursive: true });
    else renameSync(part, whole);
    return written;
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
}

async function exportOne(
  task: McapExport,
  episode: DatasetEpisode,
  folder: string,
  notes: string[],
): Promise<ExportedEpisode | null> {
  const file = `${episode.id}_0.mcap`;
  return withBag(task, episode, notes, async (bag) => {
    const slice = sliceOf(bag, task);
    if (slice.messages.length === 0) {
      notes.push(`${episode.id}: has no message of the chosen topics and times`);
      return null;
    }
    const writer = await SliceWriter.create(join(folder, file), file);
    try {
      await writer.add(bag, slice, 0n, task.signal);
      await writer.addRecords(bag, { [EPISODE_RECORD]: { json: JSON.stringify(episode) } });
      const { messages } = writer;
      const metadata = await writer.finish({ dataset: task.dataset.index.id, episode: episode.id });
      writeFileSync(join(folder, METADATA), metadata);
      return exportedOf(episode, episode.id, messages, 0n);
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  });
}

async function exportMerged(task: McapExport, record: ExportRecord, notes: string[]): Promise<McapExported> {
  const { dataset, episodes, out, signal, onEpisode } = task;
  const name = dataset.index.name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^[^A-Za-z0-9]+/, '') || 'episodes';
  const file = `${name}_0.mcap`;
  const done: ExportedEpisode[] = [];
  await withPart(out, name, async (part) => {
    const writer = await SliceWriter.create(join(part, file), file);
    try {
      for (const [k, episode] of episodes.entries()) {
        signal.throwIfAborted();
        const added = await withBag(task, episode, notes, (bag) => addToMerged(task, writer, bag, episode, name));
        if (added === null) notes.push(`${episode.id}: has no message of the chosen topics and times`);
        else done.push(added);
        onEpisode?.(k + 1, episodes.length, episode.id);
      }
      if (done.length === 0) throw new InputError('export', 'no episode has a message of the chosen topics and times');
      await writer.addMetadata('episodes', { json: JSON.stringify(done) });
      writeFileSync(join(part, METADATA), await writer.finish({ dataset: dataset.index.id }));
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  });
  writeRecord(out, { ...record, episodes: done });
  return { episodes: done, kept: [], notes, complete: true };
}

async function addToMerged(
  task: McapExport,
  writer: SliceWriter,
  bag: Bag,
  episode: DatasetEpisode,
  folder: string,
): Promise<ExportedEpisode | null> {
  const slice = sliceOf(bag, task);
  if (slice.messages.length === 0) return null;
  const { last_ns } = writer;
  const overlaps = last_ns !== null && slice.start_ns <= last_ns;
  const moved_ns = overlaps ? last_ns + PAUSE_NS - slice.start_ns : 0n;
  const before = writer.messages;
  await writer.add(bag, slice, moved_ns, task.signal);
  await writer.addAttachments(bag, `${episode.id}/`);
  await writer.addMetadata(`${EPISODE_RECORD}/${episode.id}`, { json: JSON.stringify(episode) });
  return exportedOf(episode, folder, writer.messages - before, moved_ns);
}

async function withBag<T>(
  { dataset, signal }: McapExport,
  episode: DatasetEpisode,
  notes: string[],
  work: (bag: Bag) => Promise<T>,
): Promise<T> {
  const path = episodePath(dataset, episode);
  const files = { path, name: episode.id, information: null, files: [path] };
  const bag = await Bag.open(files, { signal, progress: () => undefined });
  try {
    if (bag.sources[0].sha256 !== episode.sha256) {
      throw new InputError(`recording ${path}`, 'is not what its index says; see surepick dataset verify');
    }
    notes.push(...bag.notes.lines.map((line) => `${episode.id}: ${line}`));
    return await work(bag);
  } finally {
    await bag.close();
  }
}

function exportedOf({ id, sha256 }: DatasetEpisode, folder: string, messages: number, moved_ns: bigint) {
  return { id, source_sha256: sha256, folder, messages, moved_ns: String(moved_ns) };
}

function requireTopics({ topics, episodes }: McapExport): void {
  const known = new Set(episodes.flatMap(({ signals }) => signals.map(({ topic }) => topic)));
  const missing = topics?.find((topic) => !known.has(topic));
  if (missing === undefined) return;
  throw new InputError(`--topics ${missing}`, `is in no episode; there are ${[...known].sort().join(', ')}`);
}
