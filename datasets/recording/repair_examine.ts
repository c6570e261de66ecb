import { type McapTypes, Opcode } from '@mcap/core';
import { RecordingChecksums } from './read_recording_checksums.ts';
import { RecordDamage, type RecordingFile } from './read_recording_file.ts';
import {
  type ChunkMessage,
  type Definitions,
  type RecordingDamage,
  type RecordingPiece,
  RecordingScan,
} from './repair_scan.ts';
import { type SoundSummary, soundSummary } from './repair_summary.ts';

type Piece<K extends RecordingPiece['kind']> = Extract<RecordingPiece, { readonly kind: K }>;

/** What of a channel is there, and what is known to be missing. */
export interface ChannelCount {
  readonly messages: number;
  readonly lost: number;
}

/** What a look at all of a recording has found. */
export interface Examination {
  readonly whole: boolean;
  /** Why it is not; empty when it is. */
  readonly reason: string;
  readonly profile: string;
  readonly definitions: Definitions;
  readonly channels: ReadonlyMap<number, ChannelCount>;
  readonly damages: readonly RecordingDamage[];
  /** Bytes of sound records, those of indexes and of the summary too. */
  readonly sound_bytes: number;
  readonly chunks: number;
  readonly first_ns: bigint;
  readonly last_ns: bigint;
  /** Time without messages across damage, and from the last message to the end, as far as the file tells. */
  readonly lost_ns: bigint;
  /** How many messages are missing was read from a summary; else it is what indexes and sequences tell. */
  readonly exact: boolean;
  /** Names of metadata records and attachments that the summary names and that are gone. */
  readonly missing: readonly string[];
}

interface Count {
  messages: number;
  /** Of damaged chunks, by the indexes behind them. */
  indexed: number;
  /** By the sequence across damage. */
  skipped: number;
  /** By the statistics of the summary; null without. */
  stated: number | null;
  last_sequence: number;
}

const NO_DEFINITIONS: Definitions = { schemas: new Map(), channels: new Map() };
const MOST_DAMAGES = 10_000;
/** A time that damage claims is believed up to here beyond the last sound one, ns. */
const PLAUSIBLE_NS = 3_600_000_000_000n;

/** Looks at every byte of a recording. */
export async function examineRecording(file: RecordingFile): Promise<Examination> {
  const found = await soundSummary(file);
  const summary = 'summary' in found ? found.summary : null;
  const examiner = new Examiner(file, summary);
  const scan = new RecordingScan(file, summary?.definitions ?? NO_DEFINITIONS);
  for await (const piece of scan.pieces()) await examiner.take(piece);
  return examiner.result(scan.definitions, 'missing' in found ? found.missing : '');
}

class Examiner {
  private readonly file: RecordingFile;
  private readonly summary: SoundSummary | null;
  private readonly counts = new Map<number, Count>();
  private readonly damages: RecordingDamage[] = [];
  private readonly places = new Map<number, number>();
  private readonly sums = new RecordingChecksums();
  private profile = 'ros2';
  private fault = '';
  private sound_bytes = 0;
  private chunks = 0;
  private total = 0;
  private first_ns: bigint | null = null;
  private last_ns = 0n;
  private lost_ns = 0n;
  /** Log time of the last message before damage that nothing has followed yet. */
  private open_ns: bigint | null = null;
  private claimed_ns = 0n;
  private damaged_chunk = false;
  private chunk: ChunkContent | null = null;

  constructor(file: RecordingFile, summary: SoundSummary | null) {
    this.file = file;
    this.summary = summary;
  }

  async take(piece: RecordingPiece): Promise<void> {
    if (piece.kind === 'damage') this.takeDamage(piece);
    else {
      this.sound_bytes += piece.bytes;
      await this.addToSums(piece);
    }
    if (piece.kind === 'chunk') this.takeChunk(piece);
    if (piece.kind === 'message') this.takeMessages([piece.message]);
    if (piece.kind === 'record') this.takeRecord(piece);
  }

  result(definitions: Definitions, no_summary: string): Examination {
    const { statistics } = this.summary ?? { statistics: null };
    const exact = statistics !== null;
    if (statistics !== null) this.compare(statistics);
    const usable = usableChannels(definitions);
    const channels = new Map([...this.counts].map(([id, count]) => [id, this.judge(id, count, usable.has(id))]));
    const reason =
      this.damages.length > 0
        ? `damaged after byte ${this.damages[0].offset}: ${this.damages[0].reason}`
        : this.fault || this.indexFault(no_summary);
    return {
      ...{ whole: reason === '', reason, profile: this.profile, definitions, channels },
      ...{ damages: this.damages, sound_bytes: this.sound_bytes, chunks: this.chunks },
      ...{ first_ns: this.first_ns ?? 0n, last_ns: this.last_ns, exact },
      lost_ns: this.lostTime([...channels.values()].some(({ lost }) => lost > 0)),
      missing: [...(this.summary?.metadata ?? []), ...(this.summary?.attachments ?? [])]
        .filter(({ offset }) => !this.places.has(Number(offset)))
        .map(({ name }) => name),
    };
  }

  private async addToSums({ offset, bytes }: RecordingPiece): Promise<void> {
    if (this.damages.length > 0 || this.fault !== '' || this.sums.done) return;
    try {
      await this.sums.add(this.file, offset, await this.file.at(offset, bytes));
    } catch (error) {
      if (!(error instanceof RecordDamage)) throw error;
      this.fault = error.message;
    }
  }

  private takeDamage({ offset, bytes, reason, opcode, end_ns }: Piece<'damage'>): void {
    if (this.damages.length < MOST_DAMAGES) this.damages.push({ offset, bytes, reason });
    this.open_ns ??= this.last_ns;
    this.damaged_chunk = opcode === Opcode.CHUNK;
    this.chunk = null;
    if (end_ns > this.claimed_ns && end_ns < this.last_ns + PLAUSIBLE_NS) this.claimed_ns = end_ns;
  }

  private takeChunk(piece: Piece<'chunk'>): void {
    this.chunks++;
    this.chunk = new ChunkContent(piece);
    this.damaged_chunk = false;
    this.places.set(piece.offset, piece.bytes);
    this.takeMessages(piece.messages);
  }

  private takeMessages(messages: Iterable<Piece<'message'>['message']>): void {
    const behind_damage = this.open_ns !== null;
    let earliest_ns: bigint | null = null;
    for (const { channel, log_ns, sequence } of messages) {
      const count = this.count(channel);
      if (behind_damage && count.last_sequence >= 0) count.skipped += Math.max(0, sequence - count.last_sequence - 1);
      count.messages++;
      count.last_sequence = sequence;
      this.total++;
      if (earliest_ns === null || log_ns < earliest_ns) earliest_ns = log_ns;
      if (this.first_ns === null || log_ns < this.first_ns) this.first_ns = log_ns;
      if (log_ns > this.last_ns) this.last_ns = log_ns;
    }
    if (earliest_ns === null) return;
    if (this.open_ns !== null && this.total > 0 && earliest_ns > this.open_ns && this.open_ns > 0n) {
      this.lost_ns += earliest_ns - this.open_ns;
    }
    this.open_ns = null;
  }

  private takeRecord({ offset, bytes, record }: Piece<'record'>): void {
    if (record.type === 'Header') this.profile = record.profile;
    if (record.type === 'Metadata' || record.type === 'Attachment') this.places.set(offset, bytes);
    if (record.type !== 'MessageIndex') return;
    if (this.damaged_chunk) {
      this.count(record.channelId).indexed += record.records.length;
      for (const [log_ns] of record.records) if (log_ns > this.claimed_ns) this.claimed_ns = log_ns;
    } else if (this.chunk !== null && !this.chunk.isIndexedBy(record))
      this.fault ||= 'an index names messages that are not there';
  }

  private count(channel: number): Count {
    const known = this.counts.get(channel);
    if (known !== undefined) return known;
    const count = { messages: 0, indexed: 0, skipped: 0, stated: null, last_sequence: -1 };
    this.counts.set(channel, count);
    return count;
  }

  /** Messages of a channel that nothing declares are of no use. */
  private judge(id: number, count: Count, usable: boolean): ChannelCount {
    const { messages, indexed, skipped, stated } = count;
    const lost = stated === null ? Math.max(indexed, skipped) : Math.max(0, stated - messages);
    if (usable || messages === 0) return { messages, lost };
    this.fault ||= `channel ${id} has messages, and its declaration is lost`;
    return { messages: 0, lost: lost + messages };
  }

  private compare({ channelMessageCounts }: McapTypes.Statistics): void {
    for (const [id, total] of channelMessageCounts) {
      const count = this.count(id);
      count.stated = Number(total);
      if (count.stated !== count.messages) this.fault ||= `channel ${id} has ${count.messages} messages of ${total}`;
    }
  }

  private lostTime(any_lost: boolean): bigint {
    const { statistics } = this.summary ?? { statistics: null };
    const start_ns = statistics?.messageStartTime ?? null;
    const end_ns = statistics?.messageEndTime ?? this.claimed_ns;
    const { last_ns, open_ns } = this;
    const first_ns = this.first_ns ?? last_ns;
    const before_ns = start_ns === null ? 0n : plausible(first_ns - start_ns);
    const behind_ns = open_ns === null ? 0n : plausible(end_ns - last_ns);
    return (any_lost ? this.lost_ns : 0n) + before_ns + behind_ns;
  }

  private indexFault(no_summary: string): string {
    const { summary } = this;
    if (summary === null) return `has no summary that can be used: ${no_summary}`;
    const { statistics, chunks, metadata, attachments } = summary;
    if (!this.sums.done) return 'has no end';
    if (statistics === null) return 'has a summary without statistics';
    if (Number(statistics.messageCount) !== this.total)
      return `has ${this.total} messages of ${statistics.messageCount}`;
    const named = [
      ...chunks.map(({ chunkStartOffset, chunkLength }) => ({ offset: chunkStartOffset, length: chunkLength })),
      ...[...metadata, ...attachments],
    ];
    const wrong = named.find(({ offset, length }) => this.places.get(Number(offset)) !== Number(length));
    if (wrong !== undefined) return `its index names a record at byte ${wrong.offset} that is not there`;
    return named.length === this.places.size ? '' : `its index names ${named.length} records of ${this.places.size}`;
  }
}

/** Messages of a chunk by their place. */
class ChunkContent {
  private readonly messages: Map<bigint, ChunkMessage>;
  private readonly counts = new Map<number, number>();

  constructor({ messages }: Piece<'chunk'>) {
    this.messages = new Map(messages.map((message) => [BigInt(message.at), message]));
    for (const { channel } of messages) this.counts.set(channel, (this.counts.get(channel) ?? 0) + 1);
  }

  /** Whether an index names exactly the messages that there are of its channel. */
  isIndexedBy({ channelId, records }: McapTypes.MessageIndex): boolean {
    if (records.length !== (this.counts.get(channelId) ?? 0)) return false;
    return records.every(([log_ns, at]) => {
      const message = this.messages.get(at);
      return message?.channel === channelId && message.log_ns === log_ns;
    });
  }
}

/** Ids of channels whose declaration, and that of their schema, is known. */
export function usableChannels({ channels, schemas }: Definitions): ReadonlySet<number> {
  const usable = [...channels.values()].filter(({ schemaId }) => schemaId === 0 || schemas.has(schemaId));
  return new Set(usable.map(({ id }) => id));
}

const plausible = (ns: bigint): bigint => (ns > 0n && ns < PLAUSIBLE_NS ? ns : 0n);
