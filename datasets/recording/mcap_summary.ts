import { crc32 } from 'node:zlib';
import { type McapRecordBuilder, type McapTypes, Opcode } from '@mcap/core';

/** What the end of an MCAP file says of everything before it. */
export interface McapContent {
  readonly schemas: readonly McapTypes.Schema[];
  readonly channels: readonly McapTypes.Channel[];
  readonly statistics: McapTypes.Statistics;
  readonly attachments: readonly McapTypes.AttachmentIndex[];
  readonly metadata: readonly McapTypes.MetadataIndex[];
  readonly chunks: readonly McapTypes.ChunkIndex[];
}

/**
 * Writes summary section, summary offsets, footer and closing magic (mcap.dev, version 0).
 * @param records  holds nothing else
 * @param start  byte of the file at which they will stand
 */
export function writeMcapSummary(records: McapRecordBuilder, start: bigint, content: McapContent): void {
  const groups: [Opcode, () => void][] = [
    [Opcode.SCHEMA, () => each(content.schemas, (schema) => records.writeSchema(schema))],
    [Opcode.CHANNEL, () => each(content.channels, (channel) => records.writeChannel(channel))],
    [Opcode.STATISTICS, () => records.writeStatistics(content.statistics)],
    [Opcode.ATTACHMENT_INDEX, () => each(content.attachments, (index) => records.writeAttachmentIndex(index))],
    [Opcode.METADATA_INDEX, () => each(content.metadata, (index) => records.writeMetadataIndex(index))],
    [Opcode.CHUNK_INDEX, () => each(content.chunks, (index) => records.writeChunkIndex(index))],
  ];
  const offsets: McapTypes.SummaryOffset[] = [];
  for (const [groupOpcode, write] of groups) {
    const before = records.length;
    write();
    const groupLength = BigInt(records.length - before);
    if (groupLength > 0n) offsets.push({ groupOpcode, groupStart: start + BigInt(before), groupLength });
  }
  const summaryOffsetStart = start + BigInt(records.length);
  each(offsets, (offset) => records.writeSummaryOffset(offset));
  const footer = Buffer.alloc(1 + 8 + 8 + 8);
  footer.writeUInt8(Opcode.FOOTER, 0);
  footer.writeBigUInt64LE(20n, 1);
  footer.writeBigUInt64LE(start, 9);
  footer.writeBigUInt64LE(summaryOffsetStart, 17);
  const summaryCrc = crc32(footer, crc32(records.buffer));
  records.writeFooter({ summaryStart: start, summaryOffsetStart, summaryCrc });
  records.writeMagic();
}

function each<T>(items: readonly T[], write: (item: T) => unknown): void {
  for (const item of items) write(item);
}
