import { McapIndexedReader, type McapTypes } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';
import { messageOf, parseRecord, RecordingFile } from './read_recording_file.ts';

/** A topic of a recording. */
export interface RecordedChannel {
  readonly topic: string;
  /** e.g. `sensor_msgs/msg/JointState`. */
  readonly type: string;
  readonly messages: number;
}

export interface RecordingAttachment {
  readonly name: string;
  readonly media_type: string;
  readonly data: Uint8Array;
}

/** What the summary section of a whole recording says, without its messages. */
export interface RecordingSummaryOf {
  readonly bytes: number;
  readonly messages: number;
  readonly start_ns: bigint;
  readonly end_ns: bigint;
  /** In order of their topic; those without messages too. */
  readonly channels: readonly RecordedChannel[];
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly attachments: readonly RecordingAttachment[];
}

/** Of metadata and attachments together, and of the summary section. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Reads summary, metadata and attachments. Throws an InputError for what is no whole MCAP file, and says how to mend it. */
export async function summarizeRecording(file: string): Promise<RecordingSummaryOf> {
  const recording = await RecordingFile.open(file);
  try {
    const reader = await McapIndexedReader.Initialize({ readable: readable(recording) });
    return await summaryOf(reader, recording);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const what = `is no whole MCAP file (${messageOf(error)}); surepick dataset repair restores what it holds`;
    throw new InputError(`recording ${file}`, what, { cause: error });
  } finally {
    await recording.close();
  }
}

async function summaryOf(reader: McapIndexedReader, recording: RecordingFile): Promise<RecordingSummaryOf> {
  const { statistics, channelsById, schemasById, metadataIndexes, attachmentIndexes } = reader;
  const count = (id: number) => countOf(statistics?.channelMessageCounts.get(id) ?? 0n);
  const channels = [...channelsById.values()].map(({ id, topic, schemaId }) => ({
    ...{ topic, type: schemasById.get(schemaId)?.name ?? '', messages: count(id) },
  }));
  const [start_ns, end_ns] = [statistics?.messageStartTime ?? 0n, statistics?.messageEndTime ?? 0n];
  if (start_ns > end_ns) throw new Error(`it claims to end at ${end_ns} ns, before it begins at ${start_ns} ns`);
  checkPlaces([...metadataIndexes, ...attachmentIndexes], recording.bytes);
  const metadata = new Map<string, Readonly<Record<string, string>>>();
  for (const index of metadataIndexes) {
    const { name, metadata: entries } = await recordAt(recording, index, 'Metadata');
    metadata.set(name, Object.fromEntries(entries));
  }
  const attachments: RecordingAttachment[] = [];
  for (const index of attachmentIndexes) {
    const { name, mediaType, data } = await recordAt(recording, index, 'Attachment');
    attachments.push({ name, media_type: mediaType, data: data.slice() });
  }
  return {
    bytes: recording.bytes,
    messages: countOf(statistics?.messageCount ?? 0n),
    ...{ start_ns, end_ns },
    channels: channels.sort((a, b) => (a.topic < b.topic ? -1 : 1)),
    ...{ metadata, attachments },
  };
}

type Place = Pick<McapTypes.MetadataIndex, 'offset' | 'length'>;

/** Records that an index names: within the file, none twice nor over another, no more than may be. */
function checkPlaces(places: readonly Place[], bytes: number): void {
  let total = 0n;
  let end = 0n;
  for (const { offset, length } of places.toSorted((a, b) => (a.offset < b.offset ? -1 : 1))) {
    if (offset < end) throw new Error(`its index names byte ${offset} twice`);
    end = offset + length;
    total += length;
    if (end > BigInt(bytes)) throw new Error(`its index names byte ${end}, and it ends at ${bytes}`);
  }
  if (total > BigInt(MOST_BYTES)) throw new Error(`it has ${total} bytes of attachments, at most ${MOST_BYTES}`);
}

async function recordAt<T extends 'Metadata' | 'Attachment'>(
  recording: RecordingFile,
  { offset, length }: Place,
  type: T,
): Promise<McapTypes.TypedMcapRecords[T]> {
  const record = parseRecord(await recording.at(Number(offset), Number(length)));
  if (isOf(record, type)) return record;
  throw new Error(`its index names a record of ${type} at byte ${offset}, where one of ${record.type} is`);
}

function isOf<T extends McapTypes.TypedMcapRecord['type']>(
  record: McapTypes.TypedMcapRecord,
  type: T,
): record is McapTypes.TypedMcapRecords[T] {
  return record.type === type;
}

function countOf(count: bigint): number {
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`it claims ${count} messages`);
  return Number(count);
}

/** The file as the reader asks for it: no further than it goes, and no more at once than a summary may take. */
function readable(recording: RecordingFile): McapTypes.IReadable {
  return {
    size: async () => BigInt(recording.bytes),
    read: async (offset, length) => {
      if (length > MOST_BYTES) throw new Error(`a summary or header of ${length} bytes, at most ${MOST_BYTES}`);
      return (await recording.at(Number(offset), Number(length))).slice();
    },
  };
}
