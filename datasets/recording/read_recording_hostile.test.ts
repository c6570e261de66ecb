import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zstd from '@foxglove/wasm-zstd';
import { type McapTypes, Opcode } from '@mcap/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { fingerprints, readAll } from '../../test/support/recording.ts';
import {
  chunkOfRecords,
  type ForgedChannel,
  forgedRecording,
  mutated,
  smallRecording,
} from '../../test/support/small_recording.ts';
import { readRecording, repairRecording, summarizeRecording } from './index.ts';

const STRING = { name: 'std_msgs/msg/String', encoding: 'ros2msg', text: 'string data' };
const cdr = (...bytes: number[]) => Uint8Array.from([0, 1, 0, 0, ...bytes]);
const A = cdr(2, 0, 0, 0, 65, 0);
const channel = (changes: Partial<ForgedChannel> = {}): ForgedChannel => ({
  ...{ topic: '/a', schema: STRING, encoding: 'cdr', messages: [A] },
  ...changes,
});

type Look = 'at all' | 'at the messages' | 'at the summary' | 'at the pieces';

/** Resident memory that work takes beyond what the process has, bytes. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 5);
  await work();
  clearInterval(timer);
  return Math.max(most, process.memoryUsage().rss) - before;
}

describe('hostile recordings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-hostile-'));
  let whole: Buffer;
  let expected: string[];
  let count = 0;

  beforeAll(async () => {
    whole = await smallRecording();
    expected = fingerprints((await readAll(written(whole))).messages);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const written = (bytes: Uint8Array): string => {
    const file = join(folder, `${count++}.mcap`);
    writeFileSync(file, bytes);
    return file;
  };

  /** What reading, summarizing and examining do: an answer or an InputError in one line that names the file. */
  async function outcome(file: string, what: string, look: Look = 'at all') {
    const told: string[] = [];
    const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof InputError)) throw new Error(`${what}: ${error}`, { cause: error });
        expect(error.message, what).toContain(file);
        expect(error.message.length, what).toBeLessThan(1000);
        told.push(error.message);
        return null;
      }
    };
    const read = await attempt(() => readAll(file));
    const summary =
      look === 'at the pieces' || look === 'at the messages' ? null : await attempt(() => summarizeRecording(file));
    const repair =
      look === 'at the summary' || look === 'at the messages'
        ? null
        : await attempt(() => repairRecording(file, { check: true }));
    return { read, summary, repair, told };
  }

  it('are told from whole ones at every byte that is flipped, and hold no message that was not recorded', async () => {
    const rng = createRng(5, 'flips');
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at] ^= 1 << rng.int(8);
      const look = at % 4 === 0 ? 'at the pieces' : 'at the messages';
      const { read, repair } = await outcome(written(bytes), `byte ${at} flipped`, look);
      expect(read?.end.complete ?? false, `byte ${at} flipped`).toBe(false);
      expect(repair?.state ?? 'refused', `byte ${at} flipped`).not.toBe('whole');
      const messages = fingerprints(read?.messages ?? []);
      expect(messages, `byte ${at} flipped`).toEqual(expected.filter((message) => messages.includes(message)));
    }
  });

  it('are told from whole ones when they are cut off at any byte', async () => {
    for (let length = 0; length < whole.length; length++) {
      const what = `${length} bytes`;
      const look = length % 8 === 0 ? 'at all' : 'at the summary';
      const { read, summary, repair } = await outcome(written(whole.subarray(0, length)), what, look);
      expect(read?.end.complete ?? false, `${length} bytes`).toBe(false);
      expect(summary, `${length} bytes`).toBeNull();
      expect(repair?.state ?? 'refused', `${length} bytes`).not.toBe('whole');
    }
  });

  it('take no more memory than a chunk may, whatever they claim', async () => {
    const rng = createRng(6, 'memory');
    const grown = await memoryOf(async () => {
      for (let k = 0; k < 150; k++) {
        const { what, bytes } = mutated(whole, rng);
        await outcome(written(bytes), `mutation ${k}: ${what}`);
      }
    });
    expect(grown).toBeLessThan(400e6);
  });

  it('do not get room for what zstd chunks claim or yield beyond the limit', async () => {
    const bomb = zstd.compress(Buffer.alloc(64 * 1024 * 1024), 1);
    const claims: [string, Partial<McapTypes.Chunk>, RegExp][] = [
      ['claims 2^63 bytes', { uncompressedSize: 2n ** 63n }, /at most 268435456/],
      ['claims 1 GiB', { uncompressedSize: 2n ** 30n }, /at most 268435456/],
      ['yields more than it claims', { records: bomb, uncompressedSize: 1000n }, /does not unpack to the 1000 bytes/],
      ['yields less than it claims', { uncompressedSize: 200_000_000n }, /claims 200000000/],
      [
        'holds no records',
        { records: bomb, uncompressedSize: 64n * 1024n * 1024n, uncompressedCrc: 0 },
        /kind 0 within/,
      ],
      ['is of no known compression', { compression: 'brotli' }, /compressed by "brotli"; .*zstd.* can be read/],
    ];
    for (const [what, change, reason] of claims) {
      const file = written(forgedRecording([channel()], (chunk) => ({ ...chunk, ...change })));
      const grown = await memoryOf(async () => {
        const { read, repair } = await outcome(file, what);
        expect(read?.end, what).toMatchObject({ complete: false, messages: 0, reason: expect.stringMatching(reason) });
        expect(repair, what).toMatchObject({ state: 'lost' });
      });
      expect(grown, what).toBeLessThan(700e6);
    }
  });

  it('are read in lz4, behind a chunk that fails, too', async () => {
    // One frame of lz4: a block as it is.
    const lz4 = (raw: Buffer) => {
      const head = Buffer.from('04224d18604082', 'hex');
      const block = Buffer.alloc(4);
      block.writeUInt32LE((0x80000000 | raw.length) >>> 0);
      return Buffer.concat([head, block, raw, Buffer.alloc(4)]);
    };
    const channels = ['/a', '/b', '/c'].map((topic) => channel({ topic }));
    const inOwn = (chunk: McapTypes.Chunk) => {
      const raw = zstd.decompress(chunk.records, Number(chunk.uncompressedSize));
      return { ...chunk, compression: 'lz4', records: lz4(raw) };
    };
    expect((await readAll(written(forgedRecording(channels, inOwn)))).messages.map(({ topic }) => topic)).toEqual([
      ...['/a', '/b', '/c'],
    ]);
    let chunks = 0;
    const spoilt = (chunk: McapTypes.Chunk) => {
      const sound = inOwn(chunk);
      return ++chunks === 2 ? { ...sound, records: sound.records.subarray(0, 20) } : sound;
    };
    const report = await repairRecording(written(forgedRecording(channels, spoilt)));
    expect(report).toMatchObject({ state: 'repaired', kept: { messages: 2 } });
    expect(report.topics.map(({ topic }) => topic)).toEqual(['/a', '/c']);
  });

  it('do not get room for records that claim giant lengths', async () => {
    for (const opcode of [Opcode.HEADER, Opcode.CHUNK, Opcode.ATTACHMENT, Opcode.METADATA, 0x90]) {
      for (const length of [2n ** 63n, 2n ** 64n - 1n, 2n ** 40n, BigInt(whole.length)]) {
        const bytes = Buffer.from(whole);
        bytes[8] = opcode;
        bytes.writeBigUInt64LE(length, 9);
        const { read } = await outcome(written(bytes), `record ${opcode} of ${length} bytes`);
        expect(read?.end.complete).toBe(false);
      }
    }
  });

  it('may not declare what no message has: types in types, endless arrays, megabytes of text', async () => {
    const separator = `\n${'='.repeat(80)}\n`;
    const nested = Array.from({ length: 400 }, (_, k) => `${k === 0 ? '' : `MSG: a/T${k}\n`}T${k + 1} x`).join(
      separator,
    );
    const texts: [string, string][] = [
      ['deeply nested', `${nested}${separator}MSG: a/T400\nbool y`],
      ['recursive', `A a${separator}MSG: test/A\ntest/A[] a`],
      ['megabytes long', `string data\n${'# nothing\n'.repeat(400_000)}`],
      ['no definition', '\u0000\u0001\u0002'],
      ['of an unknown type', 'no_such_package/Thing x'],
      ['of a hostile name', 'string __proto__'],
    ];
    for (const [what, text] of texts) {
      const hostile = channel({ topic: '/hostile', schema: { name: 'a/msg/T0', encoding: 'ros2msg', text } });
      const reader = readRecording(written(forgedRecording([hostile, channel()])));
      const topics: string[] = [];
      for await (const { topic } of reader) topics.push(topic);
      expect(topics, what).toEqual(['/a']);
      expect([...reader.skipped.keys()], what).toEqual(['/hostile']);
      const alone = await outcome(written(forgedRecording([hostile])), what);
      expect(alone.told.join(), what).toContain('has no topic that can be read');
    }
  });

  it('name the message that is none of its type, and where it is', async () => {
    const claims: [string, string, Uint8Array][] = [
      ['a string of 2^32 bytes', 'string data', cdr(255, 255, 255, 255, 65)],
      ['a sequence of 2^32 numbers', 'float64[] data', cdr(255, 255, 255, 255)],
      ['a sequence of 2^32 strings', 'string[] data', cdr(255, 255, 255, 255)],
      ['an array of 2^32 numbers', 'uint8[4000000000] data', cdr(1)],
      ['nothing', 'string data', new Uint8Array()],
    ];
    for (const [what, text, data] of claims) {
      const schema = { name: 'test/msg/Lie', encoding: 'ros2msg', text };
      const file = written(forgedRecording([channel({ schema, messages: [data] })]));
      const { told } = await outcome(file, what);
      expect(told[0], what).toMatch(/message 0 of \/a, logged at 0 ns: is no test\/msg\/Lie/);
    }
  });

  it('make few objects of few bytes', async () => {
    const schema = { name: 'test/msg/Many', encoding: 'ros2msg', text: `E[] e\n${'='.repeat(80)}\nMSG: test/E\n` };
    const data = new Uint8Array(50_000_000);
    data.set(cdr());
    new DataView(data.buffer).setUint32(4, data.length - 8, true);
    const file = written(forgedRecording([channel({ schema, messages: [data] })]));
    const grown = await memoryOf(async () => {
      await expect(readAll(file)).rejects.toThrow(/test\/msg\/Many \(.*at most \d+/);
    });
    expect(grown).toBeLessThan(900e6);
  });

  it('pass over topics that others understand, and name them', async () => {
    const foreign = [
      channel({ topic: '/json', encoding: 'json', schema: { name: 'x', encoding: 'jsonschema', text: '{}' } }),
      channel({ topic: '/proto', encoding: 'protobuf', schema: { name: 'x', encoding: 'protobuf', text: '..' } }),
      channel({ topic: '/idl', schema: { name: 'x/msg/Y', encoding: 'ros2idl', text: 'module x' } }),
    ];
    const file = written(forgedRecording([...foreign, channel()]));
    const reader = readRecording(file);
    const topics: string[] = [];
    for await (const { topic } of reader) topics.push(topic);
    expect(topics).toEqual(['/a']);
    expect(Object.fromEntries(reader.skipped)).toEqual({
      '/json': 'messages are json; cdr can be read',
      '/proto': 'messages are protobuf; cdr can be read',
      '/idl': 'schema x/msg/Y is ros2idl; ros2msg can be read',
    });
    const asked = readRecording(file, ['/json'])[Symbol.asyncIterator]();
    await expect(asked.next()).rejects.toThrow(/topic \/json: cannot be read: messages are json/);
    const alone = await outcome(written(forgedRecording(foreign)), 'foreign alone');
    expect(alone.told[0]).toMatch(/has no topic that can be read: of \/json, .* for 2 more/);
  });

  it('may not let an index lead anywhere else', async () => {
    const start = Number(whole.readBigUInt64LE(whole.length - 8 - 20));
    const crc_at = whole.length - 12;
    let refused = 0;
    for (let at = start; at < crc_at - 16; at += 3) {
      const bytes = Buffer.from(whole);
      bytes.writeBigUInt64LE([0n, 8n, 2n ** 64n - 1n, BigInt(whole.length)][at % 4], at);
      // Without a checksum nothing tells that the summary was changed.
      bytes.writeUInt32LE(0, crc_at);
      const { summary, repair } = await outcome(written(bytes), `summary changed at ${at}`);
      if (summary === null || repair?.state !== 'whole') refused++;
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('are refused when they are something else', async () => {
    const others: [string, Uint8Array][] = [
      ['a zip file', Buffer.from('PK\u0003\u0004 and so on')],
      ['a picture', Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1')],
      ['nothing', new Uint8Array()],
      ['a magic alone', whole.subarray(0, 8)],
      ['noise', Uint8Array.from({ length: 100_000 }, (_, k) => (k * 7919) >> 3)],
    ];
    for (const [what, bytes] of others) {
      const { read, repair } = await outcome(written(bytes), what);
      expect(read?.end.complete ?? false, what).toBe(false);
      expect(repair?.state ?? 'lost', what).toBe('lost');
    }
    const [inner, fifo, zero] = [join(folder, 'inner.mcap'), join(folder, 'fifo.mcap'), join(folder, 'zero.mcap')];
    mkdirSync(inner);
    execFileSync('mkfifo', [fifo]);
    symlinkSync('/dev/zero', zero);
    for (const file of [inner, fifo, zero]) {
      const { told } = await outcome(file, file);
      expect(told).toHaveLength(3);
      for (const line of told) expect(line).toMatch(/cannot be read/);
    }
  });

  it('cost what their size allows when every byte pretends to begin a chunk', async () => {
    const head = Buffer.alloc(64);
    const chunk = chunkOfRecords(Buffer.alloc(1000));
    head[0] = Opcode.CHUNK;
    const fake = Buffer.alloc(400_000);
    for (let at = 0; at + 64 < fake.length; at += 61) {
      const length = fake.length - at - 9;
      head.writeBigUInt64LE(BigInt(length), 1);
      head.writeBigUInt64LE(268_435_456n, 25);
      head.writeUInt32LE(1, 33);
      head.writeUInt32LE(4, 37);
      head.write(chunk.compression, 41, 'latin1');
      head.writeBigUInt64LE(BigInt(length - 44), 45);
      fake.set(head.subarray(0, 53), at);
    }
    const file = written(Buffer.concat([whole.subarray(0, 8), fake]));
    const { repair } = await outcome(file, 'fake chunks');
    expect(repair?.state).toBe('lost');
  });
});
