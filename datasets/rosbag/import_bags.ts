import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { describeEpisode, idOf } from '../dataset/describe_episode.ts';
import type { DatasetEpisode, DatasetIndex } from '../dataset/schema.ts';
import { partialName } from '../recording/mcap_file.ts';
import { Bag, type BagProgress } from './bag.ts';
import { type BagFiles, findBags } from './bag_files.ts';
import { episodeMetadata, recordedAt, robotOf, toldFacts, toldId } from './episode_facts.ts';
import { latchedBefore } from './latched.ts';
import type { Notes } from './notes.ts';
import { type EpisodeRange, type SplitOptions, splitBag } from './split_bag.ts';
import { TargetDataset } from './target_dataset.ts';
import { type TopicCodec, topicCodec } from './topic_codec.ts';
import { writeEpisode } from './write_episode.ts';

export interface BagImport extends SplitOptions {
  /** A bag, a file of one, or a folder of bags. */
  readonly source: string;
  /** Folder of the dataset: new, empty, or a dataset that episodes are added to. */
  readonly out: string;
  /** Of a new dataset. */
  readonly name: string;
  /** Where bags do not say it. */
  readonly robot?: string | undefined;
  readonly task?: string | undefined;
  readonly text?: string | undefined;
  /** ISO 8601. */
  readonly now: string;
  /** UUID of a new dataset. */
  readonly id: string;
  readonly signal: AbortSignal;
  progress?(done: number, total: number, now: string): void;
}

/** What became of one bag. */
export interface ImportedBag {
  readonly bag: string;
  readonly episodes: readonly string[];
  /** Were in the dataset already. */
  readonly kept: readonly string[];
  readonly messages: number;
  /** Topics whose messages are not in the episodes, and why. */
  readonly left_out: readonly { readonly topic: string; readonly messages: number; readonly why: string }[];
  readonly notes: readonly string[];
}

export interface ImportedBags {
  readonly index: DatasetIndex;
  readonly bags: readonly ImportedBag[];
  /** false: interrupted; the episodes that are whole stand in the dataset, and the same call goes on. */
  readonly complete: boolean;
}

/**
 * Makes episodes of rosbag2 bags (sqlite3 and MCAP, Foxy to Kilted): messages keep their bytes, types and times, sorted by log
 * time. What cannot be read is left out and named. Throws an InputError for what is no bag at all.
 */
export async function importBags(task: BagImport): Promise<ImportedBags> {
  const found = findBags(task.source);
  const target = new TargetDataset(task);
  const bags: ImportedBag[] = [];
  try {
    for (const [k, files] of found.entries()) {
      const progress = (share: number, what: string) =>
        task.progress?.(k, found.length, `${files.name}: ${what} ${Math.floor(100 * share)} %`);
      bags.push(await importBag(files, target, task, progress));
      task.progress?.(k + 1, found.length, files.name);
    }
  } catch (error) {
    if (!task.signal.aborted) throw error;
  }
  return { index: target.index, bags, complete: bags.length === found.length };
}

async function importBag(
  files: BagFiles,
  target: TargetDataset,
  task: BagImport,
  progress: (share: number, what: string) => void,
): Promise<ImportedBag> {
  const reading: BagProgress = { signal: task.signal, progress: (share) => progress(share, 'read') };
  const bag = await Bag.open(files, reading);
  try {
    return await importOpened(bag, target, task, progress);
  } finally {
    await bag.close();
  }
}

async function importOpened(
  bag: Bag,
  target: TargetDataset,
  task: BagImport,
  progress: (share: number, what: string) => void,
): Promise<ImportedBag> {
  const { index, topics, notes } = bag;
  if (index.messages === 0) throw new InputError(`bag ${bag.name}`, emptyBecause(notes));
  const { counts, samples } = await survey(bag);
  const codecs = topics.map((topic, number) => topicCodec(topic, samples[number]));
  const left_out = codecs.flatMap((codec, number) =>
    'unreadable' in codec && counts[number] > 0
      ? [{ topic: topics[number].name, messages: counts[number], why: codec.unreadable }]
      : [],
  );
  if (left_out.reduce((sum, { messages }) => sum + messages, 0) === index.messages) {
    throw new InputError(
      `bag ${bag.name}`,
      `has no message that can be read: ${left_out[0].topic}: ${left_out[0].why}`,
    );
  }
  const ranges = splitBag(bag, task);
  const [made, kept]: [string[], string[]] = [[], []];
  let messages = 0;
  for (const [k, range] of ranges.entries()) {
    task.signal.throwIfAborted();
    const told = ranges.length === 1 ? toldId(bag) : null;
    const own = ranges.length === 1 ? idOf('bag', bag.name) : idOf(bag.name, String(k).padStart(4, '0'));
    const id = target.idFor(told ?? own, bag.sources);
    if (target.has(id)) {
      kept.push(id);
      continue;
    }
    const { episode, written } = await makeEpisode(id, { bag, codecs, range, ranges, left_out }, target, task, (done) =>
      progress((range.from + done) / index.messages, 'written'),
    );
    messages += written;
    target.add(episode);
    made.push(id);
  }
  return { bag: bag.name, episodes: made, kept, messages, left_out, notes: notes.lines };
}

interface EpisodeOfBag {
  readonly bag: Bag;
  readonly codecs: readonly TopicCodec[];
  readonly range: EpisodeRange;
  readonly ranges: readonly EpisodeRange[];
  readonly left_out: ImportedBag['left_out'];
}

async function makeEpisode(
  id: string,
  { bag, codecs, range, ranges, left_out }: EpisodeOfBag,
  target: TargetDataset,
  task: BagImport,
  progress: (messages: number) => void,
): Promise<{ readonly episode: DatasetEpisode; readonly written: number }> {
  const file = `episodes/${id}.mcap`;
  const path = join(target.folder, file);
  mkdirSync(join(target.folder, 'episodes'), { recursive: true });
  if (existsSync(path)) rmSync(path);
  const latched = latchedBefore(bag, range.from, (topic) => 'codec' in codecs[topic]);
  const robot = await robotOf(bag, codecs);
  const metadata = episodeMetadata(bag, { codecs, left_out, latched: latched.length, range, of: ranges.length });
  const written = await writeEpisode(path, {
    ...{ bag, codecs, range, latched, metadata, progress },
    attachments: [...bag.attachments, ...robot.attachments],
    notes: bag.notes,
    signal: task.signal,
  }).catch((error: unknown) => {
    rmSync(partialName(path), { force: true });
    throw error;
  });
  const told = ranges.length === 1 ? toldFacts(bag) : {};
  const name = task.robot ?? told.robot?.name ?? robot.name;
  const episode = await describeEpisode(target.folder, {
    ...told,
    ...{ id, file, recorded_at: told.recorded_at ?? recordedAt(bag.index.timeOf(range.from)) },
    ...(task.task === undefined ? {} : { task: task.task }),
    ...(task.text === undefined ? {} : { text: task.text }),
    robot: { ...told.robot, ...(name === '' ? {} : { name }) },
    lineage: { ...told.lineage, source: 'import', made_of: bag.sources.map(({ sha256 }) => sha256) },
  });
  return { episode, written };
}

const SAMPLES = 3;

/** How many messages each topic has, and the first few of them. */
async function survey(bag: Bag): Promise<{ counts: number[]; samples: Uint8Array[][] }> {
  const counts = bag.topics.map(() => 0);
  const samples: Uint8Array[][] = bag.topics.map(() => []);
  for (let k = 0; k < bag.index.messages; k++) {
    const topic = bag.index.topicOf(k);
    if (++counts[topic] > SAMPLES || bag.topics[topic].definition?.encoding === 'ros2msg') continue;
    samples[topic].push((await bag.read(k)).data.slice());
  }
  return { counts, samples };
}

function emptyBecause(notes: Notes): string {
  const [first] = notes.lines;
  return first === undefined ? 'has no messages' : `has no message that can be read: ${first}`;
}
