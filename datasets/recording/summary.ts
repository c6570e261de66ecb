import { type FileHandle, open } from 'node:fs/promises';
import zstd from '@foxglove/wasm-zstd';
import { McapIndexedReader, type McapTypes } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';

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

/** Records of metadata and attachments beyond this are no recording's. */
const MOST_RECORD_BYTES = 64 * 1024 * 1024;

/** Reads summary, metadata and attachments. Throws an InputError for what is no whole MCAP file, and says how to mend it. */
export async function summarizeRecording(file: string): Promise<RecordingSummaryOf> {
  await zstd.isLoaded;
  const handle = await open(file).catch((error: unknown) => {
    throw new InputError(`recording ${file}`, `cannot be read (${text(error)})`, { cause: error });
  });
  try {
    const { size } = await handle.stat();
    const reader = await McapIndexedReader.Initialize({ readable: readable(handle, size) });
    return await summaryOf(reader, size);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const what = `is no whole MCAP file (${text(error)}); surepick dataset repair restores what it holds`;
    throw new InputError(`recording ${file}`, what, { cause: error });
  } finally {
    await handle.close();
  }
}

async function summaryOf(reader: McapIndexedReader, bytes: number): Promise<RecordingSummaryOf> {
  const { statistics, channelsById, schemasById } = reader;
  const count = (id: number) => Number(statistics?.channelMessageCounts.get(id) ?? 0n);
  const channels = [...channelsById.values()].map(({ id, topic, schemaId }) => ({
    ...{ topic, type: schemasById.get(schemaId)?.name ?? '', messages: count(id) },
  }));
  const metadata = new Map<string, Readonly<Record<string, string>>>();
  for await (const record of reader.readMetadata()) metadata.set(record.name, Object.fromEntries(record.metadata));
  const attachments: RecordingAttachment[] = [];
  for await (const { name, mediaType, data } of reader.readAttachments())
    attachments.push({ name, media_type: mediaType, data: data.slice() });
  return {
    bytes,
    messages: Number(statistics?.messageCount ?? 0n),
    start_ns: statistics?.messageStartTime ?? 0n,
    end_ns: statistics?.messageEndTime ?? 0n,
    channels: channels.sort((a, b) => (a.topic < b.topic ? -1 : 1)),
    metadata,
    attachments,
  };
}

/** The file as the reader asks for it: no further than it goes, and no more at once than a record may take. */
function readable(handle: FileHandle, size: number): McapTypes.IReadable {
  return {
    size: async () => BigInt(size),
    read: async (offset, length) => {
      if (offset + length > BigInt(size)) throw new Error(`it ends at byte ${size}, before ${offset + length}`);
      if (length > MOST_RECORD_BYTES) throw new Error(`a record of ${length} bytes, at most ${MOST_RECORD_BYTES}`);
      const block = new Uint8Array(Number(length));
      await handle.read(block, 0, block.length, Number(offset));
      return block;
    },
  };
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
