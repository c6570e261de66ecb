import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import zstd from '@foxglove/wasm-zstd';
import { type McapTypes, Opcode } from '@mcap/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostileBench, memoryOf } from '../../test/support/hostile_recordings.ts';
import { readAll } from '../../test/support/recording.ts';
import { chunkOfRecords, type ForgedChannel, forgedRecording } from '../../test/support/small_recording.ts';
import { readRecording, repairRecording } from './index.ts';

const STRING = { name: 'std_msgs/msg/String', encoding: 'ros2msg', text: 'string data' };
const cdr = (...bytes: number[]) => Uint8Array.from([0, 1, 0, 0, ...bytes]);
const A = cdr(2, 0, 0, 0, 65, 0);
const channel = (changes: Partial<ForgedChannel> = {}): ForgedChannel => ({
  ...{ topic: '/a', schema: STRING, encoding: 'cdr', messages: [A] },
  ...changes,
});

// Every byte, and more mutations, are in the long form.
describe('hostile recordings', () => {
  let bench: HostileBench;
  const written = (bytes: Uint8Array) => bench.written(bytes);
  const outcome: HostileBench['outcome'] = (...args) => bench.outcome(...args);

  beforeAll(async () => {
    bench = await HostileBench.create();
  });
  afterAll(() => bench.close());

  it('are told from whole ones when a byte is flipped, and hold no message that was not recorded', () =>
    bench.flipEvery(29));

  it('are told from whole ones when they are cut off', () => bench.cutEvery(29));

  it('take no more memory than a chunk may, whatever they claim', async () => {
    expect(await bench.mutate(40)).toBeLessThan(400e6);
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
      for (const length of [2n ** 63n, 2n ** 64n - 1n, 2n ** 40n, BigInt(bench.whole.length)]) {
        const bytes = Buffer.from(bench.whole);
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
    const { refused, changed } = await bench.misleadEvery(31);
    expect(refused).toBeGreaterThan(changed / 4);
  });

  it('are refused when they are something else', async () => {
    const others: [string, Uint8Array][] = [
      ['a zip file', Buffer.from('PK\u0003\u0004 and so on')],
      ['a picture', Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1')],
      ['nothing', new Uint8Array()],
      ['a magic alone', bench.whole.subarray(0, 8)],
      ['noise', Uint8Array.from({ length: 100_000 }, (_, k) => (k * 7919) >> 3)],
    ];
    for (const [what, bytes] of others) {
      const { read, repair } = await outcome(written(bytes), what);
      expect(read?.end.complete ?? false, what).toBe(false);
      expect(repair?.state ?? 'lost', what).toBe('lost');
    }
    const { folder } = bench;
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
    const file = written(Buffer.concat([bench.whole.subarray(0, 8), fake]));
    const { repair } = await outcome(file, 'fake chunks');
    expect(repair?.state).toBe('lost');
  });
});
