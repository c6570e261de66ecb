import { readFileSync } from 'node:fs';
import zstd from '@foxglove/wasm-zstd';
import { McapStreamReader, type McapTypes } from '@mcap/core';
import { McapFile } from '../../datasets/index.ts';

type Entries = Readonly<Record<string, string>>;

export interface Rewriting {
  /** `k` counts the messages of a topic. */
  readonly message?: (
    message: { readonly topic: string; readonly data: Uint8Array },
    k: number,
  ) => { readonly data: Uint8Array };
  readonly metadata?: (name: string, entries: Entries) => Entries;
}

/** Writes a recording anew, with changes, whole and with right checksums. */
export async function rewriteRecording(from: string, to: string, { message, metadata }: Rewriting): Promise<void> {
  await zstd.isLoaded;
  const reader = new McapStreamReader({
    decompressHandlers: { zstd: (bytes, size) => zstd.decompress(bytes, Number(size)) },
  });
  reader.append(readFileSync(from));
  const file = await McapFile.create({ file: to });
  const schemas = new Map<number, number>();
  const channels = new Map<number, { readonly id: number; readonly topic: string; count: number }>();
  const take = async (record: McapTypes.TypedMcapRecord): Promise<void> => {
    switch (record.type) {
      case 'Schema':
        if (!schemas.has(record.id))
          schemas.set(
            record.id,
            file.addSchema(record.name, record.encoding, Buffer.from(record.data).toString('utf8')),
          );
        return;
      case 'Channel': {
        if (channels.has(record.id)) return;
        const id = file.addChannel(record.topic, schemas.get(record.schemaId) ?? 0, record.metadata);
        channels.set(record.id, { id, topic: record.topic, count: 0 });
        return;
      }
      case 'Metadata': {
        const entries = Object.fromEntries(record.metadata);
        await file.addMetadata(record.name, metadata?.(record.name, entries) ?? entries);
        return;
      }
      case 'Message': {
        const channel = channels.get(record.channelId);
        if (channel === undefined) return;
        const { topic } = channel;
        const told = { topic, data: record.data };
        const { data } = message?.(told, channel.count++) ?? told;
        file.addMessage(channel.id, record.logTime, record.publishTime, data);
        if (file.pending_bytes > 1 << 18) await file.flush();
        return;
      }
      default:
        return;
    }
  };
  for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
    // The summary tells everything a second time.
    if (record.type === 'DataEnd') break;
    await take(record);
  }
  await file.finish();
}
