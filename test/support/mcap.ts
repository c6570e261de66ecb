import { readFileSync } from 'node:fs';
import { McapIndexedReader, McapStreamReader } from '@mcap/core';
import { loadDecompressHandlers } from '@mcap/support';

/** Messages by topic of a finished recording, read by its index. Throws when the file is not whole. */
export async function messagesOf(path: string): Promise<Map<string, number>> {
  const bytes = readFileSync(path);
  const readable = {
    size: () => Promise.resolve(BigInt(bytes.length)),
    read: (offset: bigint, size: bigint) => Promise.resolve(bytes.subarray(Number(offset), Number(offset + size))),
  };
  const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers: await loadDecompressHandlers() });
  const counts = new Map<string, number>();
  for await (const { channelId } of reader.readMessages()) {
    const topic = reader.channelsById.get(channelId)?.topic ?? `channel ${channelId}`;
    counts.set(topic, (counts.get(topic) ?? 0) + 1);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (BigInt(total) !== reader.statistics?.messageCount) throw new Error(`${path}: statistics and messages differ`);
  return counts;
}

/** Messages in what is there of a recording that was cut off. */
export async function readableMessages(path: string): Promise<number> {
  const reader = new McapStreamReader({ decompressHandlers: await loadDecompressHandlers(), validateCrcs: true });
  reader.append(readFileSync(path));
  let messages = 0;
  for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
    if (record.type === 'Message') messages += 1;
  }
  return messages;
}
