import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import zstd from '@foxglove/wasm-zstd';
import { McapRecordBuilder, type McapTypes } from '@mcap/core';
import type { Rng } from '../../contracts/index.ts';
import { McapFile } from '../../datasets/index.ts';
import { RosCodec } from '../../ros/index.ts';
import { withFolder } from './recording.ts';

const text = new RosCodec('std_msgs/msg/String');
const point = new RosCodec('geometry_msgs/msg/Point');

/** Chunks of `SMALL_CHUNKS`, a second from one to the next. */
export const SMALL_CHUNKS = 4;
export const SMALL_TOPICS = ['/said', '/point'] as const;

/** A whole recording of about two kilobytes: two topics in four chunks, metadata and an attachment. */
export async function smallRecording(): Promise<Buffer> {
  return withFolder(async (folder) => {
    const path = join(folder, 'small.mcap');
    const file = await McapFile.create({ file: path });
    await file.addMetadata('surepick', { seed: '1', run_id: 'small' });
    await file.addAttachment({ name: 'arm.urdf', media_type: 'application/xml', data: Buffer.from('<robot/>') }, 0n);
    const said = file.addChannel('/said', file.addSchema(text.definition.name, 'ros2msg', text.definition.text));
    const at = file.addChannel('/point', file.addSchema(point.definition.name, 'ros2msg', point.definition.text));
    for (let chunk = 0; chunk < SMALL_CHUNKS; chunk++) {
      for (let k = 0; k < 4; k++) {
        const stamp_ns = BigInt(chunk) * 1_000_000_000n + BigInt(k) * 250_000_000n;
        file.addMessage(said, stamp_ns, stamp_ns, text.encode({ data: `${chunk}/${k}` }));
        file.addMessage(at, stamp_ns, stamp_ns, point.encode({ x: chunk, y: k, z: chunk + k / 10 }));
      }
      await file.flush();
    }
    await file.addMetadata('outcome', { success: 'true' });
    await file.finish();
    return readFileSync(path);
  });
}

/** Parts of a file that a writer may put together as it likes, in truth or not. */
export interface ForgedChannel {
  readonly topic: string;
  readonly schema: { readonly name: string; readonly encoding: string; readonly text: string };
  readonly encoding: string;
  readonly messages: readonly Uint8Array[];
}

/** A recording without summary of these channels, in one chunk each. */
export function forgedRecording(
  channels: readonly ForgedChannel[],
  change: (chunk: McapTypes.Chunk) => McapTypes.Chunk = (chunk) => chunk,
): Buffer {
  const file = new McapRecordBuilder();
  file.writeMagic();
  file.writeHeader({ profile: 'other', library: 'somebody' });
  channels.forEach(({ topic, schema, encoding, messages }, id) => {
    const inner = new McapRecordBuilder();
    inner.writeSchema({ id: id + 1, name: schema.name, encoding: schema.encoding, data: Buffer.from(schema.text) });
    inner.writeChannel({ id, schemaId: id + 1, topic, messageEncoding: encoding, metadata: new Map() });
    messages.forEach((data, sequence) => {
      const time = BigInt(sequence) * 10_000_000n;
      inner.writeMessage({ channelId: id, sequence, logTime: time, publishTime: time, data });
    });
    file.writeChunk(change(chunkOfRecords(Buffer.from(inner.buffer))));
  });
  file.writeDataEnd({ dataSectionCrc: 0 });
  file.writeFooter({ summaryStart: 0n, summaryOffsetStart: 0n, summaryCrc: 0 });
  file.writeMagic();
  return Buffer.from(file.buffer);
}

export function chunkOfRecords(raw: Buffer, compression: 'zstd' | '' = 'zstd'): McapTypes.Chunk {
  return {
    ...{ messageStartTime: 0n, messageEndTime: 0n, compression },
    ...{ uncompressedSize: BigInt(raw.length), uncompressedCrc: crc32(raw) },
    records: compression === '' ? raw : zstd.compress(raw, 1),
  };
}

/** A copy with something wrong in it, and what that is. */
export function mutated(bytes: Buffer, rng: Rng): { readonly what: string; readonly bytes: Buffer } {
  const copy = Buffer.from(bytes);
  const at = rng.int(copy.length);
  const length = 1 + rng.int(64);
  switch (rng.int(7)) {
    case 0:
      copy[at] ^= 1 << rng.int(8);
      return { what: `a bit of byte ${at} flipped`, bytes: copy };
    case 1:
      copy.fill(rng.int(256), at, at + length);
      return { what: `${length} bytes from ${at} overwritten`, bytes: copy };
    case 2:
      return { what: `cut off at byte ${at}`, bytes: copy.subarray(0, at) };
    case 3:
      return { what: `zeros from byte ${at}`, bytes: copy.fill(0, at) };
    case 4:
      return {
        what: `${length} bytes at ${at} removed`,
        bytes: Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]),
      };
    case 5:
      return {
        what: `${length} bytes inserted at ${at}`,
        bytes: Buffer.concat([copy.subarray(0, at), Buffer.alloc(length, rng.int(256)), copy.subarray(at)]),
      };
    default: {
      // What counts are numbers of 4 and 8 bytes: make one huge, negative or off by one.
      const width = Math.min(8, copy.length - at);
      const value = [0xff, 0x7f, 0x80, 0x00][rng.int(4)];
      copy.fill(value, at, at + width);
      return { what: `${width} bytes from ${at} made ${value}`, bytes: copy };
    }
  }
}
