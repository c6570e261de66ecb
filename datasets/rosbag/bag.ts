import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import type { BagFiles } from './bag_files.ts';
import { type BagInformation, parseBagInformation } from './bag_metadata.ts';
import type { BagAttachment, BagStorage, BagTopic } from './bag_storage.ts';
import { LIMITS } from './limits.ts';
import { McapStorage } from './mcap_storage.ts';
import { MessageIndex } from './message_index.ts';
import { Notes } from './notes.ts';
import { SqliteStorage } from './sqlite_storage.ts';
import { unzstd, unzstdFile } from './unzstd.ts';

/** A file that a bag was read from. */
export interface BagSource {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface BagMessage {
  /** Number of the topic in `topics`. */
  readonly topic: number;
  readonly log_ns: bigint;
  readonly publish_ns: bigint;
  /** To be used before the next message is read. */
  readonly data: Uint8Array;
}

export interface BagProgress {
  readonly signal: AbortSignal;
  /** @param done  share of all files, 0..1 */
  progress(done: number): void;
}

/** Files that are open at the same time. */
const MOST_OPEN = 8;
/** A compressed file may become as large as this, or so many times its size. */
const PLAIN_BYTES = 1 << 30;
const MOST_RATIO = 200;

/** A bag of rosbag2 in either storage: its messages in order of log time, over all its files. */
export class Bag {
  readonly name: string;
  readonly information: BagInformation | null;
  readonly sources: readonly BagSource[];
  readonly topics: readonly BagTopic[];
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly attachments: readonly BagAttachment[];
  readonly index: MessageIndex;
  /** What could not be read, in words. */
  readonly notes: Notes;
  private readonly storages: readonly BagStorage[];
  private readonly scratch: string;
  private readonly open: BagStorage[] = [];
  private readonly compressed: boolean;

  private constructor(found: Survey, storages: readonly BagStorage[], sources: readonly BagSource[], scratch: string) {
    this.name = found.files.name;
    this.information = found.information;
    this.sources = sources;
    this.topics = found.topics;
    this.metadata = found.metadata;
    this.attachments = found.attachments;
    this.index = found.index;
    this.notes = found.notes;
    this.storages = storages;
    this.scratch = scratch;
    this.compressed = found.information?.compression_mode === 'message';
  }

  /**
   * Surveys every file of a bag. Throws an InputError for files that are none of a bag; what is damaged within one is noted
   * and left out. Compressed files are laid aside in the system's folder for such until `close`.
   */
  static async open(files: BagFiles, { signal, progress }: BagProgress): Promise<Bag> {
    const scratch = mkdtempSync(join(tmpdir(), 'surepick-bag-'));
    const storages: BagStorage[] = [];
    try {
      const sources: BagSource[] = [];
      const survey = new Survey(files);
      for (const [k, file] of files.files.entries()) {
        sources.push(await sourceOf(file, signal));
        const storage = await openStorage(file, scratch, k, signal);
        storages.push(storage);
        const done = (share: number) => progress((k + share) / files.files.length);
        await survey.take(storage, k, file, signal, done);
        await storage.close();
      }
      survey.compareCounts();
      return new Bag(survey, storages, sources, scratch);
    } catch (error) {
      for (const storage of storages) await storage.close();
      await rm(scratch, { recursive: true, force: true });
      throw error;
    }
  }

  /** The k-th message in order of log time. Throws an InputError where it cannot be decompressed. */
  async read(k: number): Promise<BagMessage> {
    const { log_ns, topic, file, part, at } = this.index.place(k);
    const storage = this.storages[file];
    if (!this.open.includes(storage)) {
      if (this.open.push(storage) > MOST_OPEN) await this.open.shift()?.close();
    }
    const { publish_ns, data } = await storage.read(part, at);
    const what = `message of ${this.topics[topic].name} at ${log_ns} ns`;
    return { topic, log_ns, publish_ns, data: this.compressed ? unzstd(data, what) : data };
  }

  async close(): Promise<void> {
    for (const storage of this.storages) await storage.close();
    await rm(this.scratch, { recursive: true, force: true });
  }
}

async function openStorage(file: string, scratch: string, k: number, signal: AbortSignal): Promise<BagStorage> {
  const plain = file.replace(/\.zstd$/, '');
  const path = plain === file ? file : join(scratch, `${k}-${basename(plain)}`);
  if (plain !== file) await unzstdFile(file, path, signal, Math.max(PLAIN_BYTES, MOST_RATIO * statSync(file).size));
  return plain.endsWith('.mcap') ? McapStorage.open(path) : SqliteStorage.open(path);
}

async function sourceOf(file: string, signal: AbortSignal): Promise<BagSource> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const block of createReadStream(file, { highWaterMark: 1 << 20 })) {
    signal.throwIfAborted();
    hash.update(block);
    bytes += block.length;
  }
  return { name: basename(file), bytes, sha256: hash.digest('hex') };
}

/** Gathers what the files of a bag hold under common numbers. */
class Survey {
  readonly files: BagFiles;
  information: BagInformation | null;
  readonly topics: BagTopic[] = [];
  readonly metadata = new Map<string, Readonly<Record<string, string>>>();
  readonly attachments: BagAttachment[] = [];
  readonly index: MessageIndex;
  readonly notes = new Notes();
  private readonly numbers = new Map<string, number>();

  constructor(files: BagFiles) {
    this.files = files;
    this.information = files.information;
    this.index = new MessageIndex(files.path);
  }

  async take(
    storage: BagStorage,
    k: number,
    file: string,
    signal: AbortSignal,
    progress: (done: number) => void,
  ): Promise<void> {
    const name = basename(file);
    const local = new Map<number, number>();
    await storage.survey({
      ...{ signal, progress },
      topic: (id, topic) => {
        const number = this.numberOf(topic);
        if (number !== null) local.set(id, number);
      },
      message: (id, log_ns, part, at) => {
        const topic = local.get(id);
        if (topic === undefined) return;
        if (log_ns >= 0n) this.index.add(log_ns, topic, k, part, at);
        else this.notes.add(`${name}: ${this.topics[topic].name}: a message before 1970 (${log_ns} ns)`);
      },
      note: (text) => this.notes.add(`${name}: ${text}`),
    });
    if (this.information === null && storage.serialized_metadata !== '') this.believe(storage, name);
    for (const [title, entries] of storage.metadata) if (!this.metadata.has(title)) this.metadata.set(title, entries);
    const names = new Set(this.attachments.map((each) => each.name));
    this.attachments.push(...storage.attachments.filter((each) => !names.has(each.name)));
  }

  /** What metadata say of messages and what was found may differ: a bag that lost some. */
  compareCounts(): void {
    const told = this.information?.message_count ?? 0;
    if (told === 0 || told === this.index.messages) return;
    this.notes.add(`metadata name ${told} messages; ${this.index.messages} could be read`);
  }

  private believe(storage: BagStorage, name: string): void {
    try {
      this.information = parseBagInformation(storage.serialized_metadata, name);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.notes.add(error.message);
    }
  }

  /** Number of a topic in the bag; null for one that is left out. */
  private numberOf(topic: BagTopic): number | null {
    const key = `${topic.type} ${topic.name}`;
    const known = this.numbers.get(key);
    if (known !== undefined) {
      if (this.topics[known].definition === null) this.topics[known] = topic;
      return known;
    }
    if (topic.serialization !== 'cdr') {
      this.notes.add(`${topic.name}: is serialised as ${JSON.stringify(topic.serialization)}; only cdr can be kept`);
      return null;
    }
    if (this.topics.length === LIMITS.topics) {
      this.notes.add(`${topic.name}: one of more than ${LIMITS.topics} topics`);
      return null;
    }
    this.numbers.set(key, this.topics.length);
    return this.topics.push(topic) - 1;
  }
}
