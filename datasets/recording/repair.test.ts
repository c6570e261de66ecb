import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { messagesOf } from '../../test/support/mcap.ts';
import { fingerprints, readAll } from '../../test/support/recording.ts';
import {
  chunkOfRecords,
  forgedRecording,
  mutated,
  SMALL_CHUNKS,
  smallRecording,
} from '../../test/support/small_recording.ts';
import { McapFile, type RepairReport, readRecording, repairRecording, summarizeRecording } from './index.ts';

const PER_CHUNK = 8;

describe('repairRecording', () => {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-repair-'));
  let whole: Buffer;
  let expected: string[];
  let count = 0;

  beforeAll(async () => {
    whole = await smallRecording();
    expected = fingerprints((await readAll(written(whole))).messages);
    expect(expected).toHaveLength(SMALL_CHUNKS * PER_CHUNK);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const written = (bytes: Buffer, ending = '.mcap'): string => {
    const file = join(folder, `${count++}${ending}`);
    writeFileSync(file, bytes);
    return file;
  };

  /** Repairs, and holds that the result is valid, a selection of what there was, and stays as it is. */
  async function repaired(file: string, what: string): Promise<RepairReport> {
    const report = await repairRecording(file);
    if (report.result === null) return report;
    const { messages, end } = await readAll(report.result);
    expect(end, what).toMatchObject({ complete: true, messages: report.kept.messages });
    const kept = fingerprints(messages);
    expect(kept, what).toEqual(expected.filter((message) => kept.includes(message)));
    expect((await summarizeRecording(report.result)).messages, what).toBe(kept.length);
    const counts = [...(await messagesOf(report.result)).values()].reduce((sum, n) => sum + n, 0);
    expect(counts, `${what}, by the format's own reader`).toBe(kept.length);
    const bytes = readFileSync(report.result);
    expect(await repairRecording(report.result), what).toMatchObject({ state: 'whole', reason: '', original: null });
    expect(readFileSync(report.result).equals(bytes), what).toBe(true);
    return report;
  }

  /** Where chunks stand, by the summary of the whole file. */
  const chunkOffsets = (of = whole): number[] => {
    const found: number[] = [];
    for (let at = 8; at < of.length && of[at] !== 0x0f; at += 9 + Number(of.readBigUInt64LE(at + 1)))
      if (of[at] === 0x06) found.push(at);
    return found;
  };

  it('leaves a whole file as it is', async () => {
    const file = written(whole);
    expect(await repairRecording(file)).toMatchObject({
      state: 'whole',
      result: file,
      lost: { messages: 0, bytes: 0 },
    });
    expect(readFileSync(file).equals(whole)).toBe(true);
    expect(existsSync(`${file}.damaged`)).toBe(false);
  });

  it('keeps every other chunk when one is damaged, wherever it is, and says exactly what is lost', async () => {
    for (const [k, offset] of chunkOffsets().entries()) {
      const bytes = Buffer.from(whole);
      bytes[offset + 90] ^= 0x10;
      const file = written(bytes);
      const report = await repaired(file, `chunk ${k}`);
      expect(report, `chunk ${k}`).toMatchObject({
        state: 'repaired',
        kept: { messages: (SMALL_CHUNKS - 1) * PER_CHUNK, chunks: SMALL_CHUNKS - 1 },
        lost: { messages: PER_CHUNK, exact: true, records: [] },
        original: `${file}.damaged`,
      });
      expect(report.topics).toEqual([
        { topic: '/point', type: 'geometry_msgs/msg/Point', kept: 12, lost: 4 },
        { topic: '/said', type: 'std_msgs/msg/String', kept: 12, lost: 4 },
      ]);
      expect(report.lost.seconds).toBeCloseTo(k === 0 || k === SMALL_CHUNKS - 1 ? 1 : 1.25, 6);
      expect(report.reason).toContain(`damaged after byte ${offset}`);
      expect(readFileSync(`${file}.damaged`).equals(bytes)).toBe(true);
    }
  });

  it('finds the chunks behind damage again, also where the length of a record is wrong', async () => {
    const [, second, third] = chunkOffsets();
    const bytes = Buffer.from(whole);
    bytes.writeBigUInt64LE(0xffff_ffff_ffffn, second + 1);
    expect((await repaired(written(bytes), 'length')).kept.messages).toBe(3 * PER_CHUNK);
    const hole = Buffer.from(whole);
    hole.fill(0, second + 5, third - 5);
    expect((await repaired(written(hole), 'hole')).kept.messages).toBe(3 * PER_CHUNK);
    const gone = Buffer.concat([whole.subarray(0, second + 11), whole.subarray(third)]);
    expect((await repaired(written(gone), 'removed')).kept.messages).toBe(3 * PER_CHUNK);
  });

  /** Without its summary, as a process leaves it that was killed. */
  const unfinished = (bytes: Buffer): Buffer =>
    bytes.subarray(0, bytes.lastIndexOf(Buffer.from([0x0f, 4, 0, 0, 0, 0, 0, 0, 0])));

  it('keeps what comes behind the chunk that declares it when that one is lost, without a summary, too', async () => {
    for (const [k, offset] of chunkOffsets().entries()) {
      const bytes = Buffer.from(whole);
      bytes[offset + 70] ^= 1;
      const report = await repaired(written(unfinished(bytes), '.mcap.part'), `part, chunk ${k}`);
      expect(report, `chunk ${k}`).toMatchObject({ state: 'repaired', kept: { messages: 3 * PER_CHUNK } });
    }
  });

  it('loses the messages of a channel all of whose declarations are lost, and takes it from the summary where there is one', async () => {
    const bytes = Buffer.from(whole);
    for (const offset of chunkOffsets().slice(0, 3)) bytes[offset + 70] ^= 1;
    expect((await repaired(written(bytes), 'with summary')).kept.messages).toBe(PER_CHUNK);
    const report = await repairRecording(written(unfinished(bytes), '.mcap.part'));
    expect(report).toMatchObject({ state: 'lost', result: null, kept: { messages: 0 } });
    expect(report.reason).toContain('does not unpack');
    expect(report.lost.messages).toBeGreaterThanOrEqual(PER_CHUNK);
  });

  it('declares a schema anew where the chunk that had it is lost and its channel is declared in a later one', async () => {
    const part = join(folder, `${count++}.mcap`);
    const file = await McapFile.create({ file: part });
    const schema = file.addSchema('std_msgs/msg/String', 'ros2msg', 'string data');
    const channels = ['/a', '/b'].map((topic) => file.addChannel(topic, schema));
    // The second topic begins in the chunk behind those that declare again.
    for (const [k, channel] of [0, 0, 0, 1, 0].entries()) {
      const data = Uint8Array.of(0, 1, 0, 0, 2, 0, 0, 0, 65 + k, 0);
      file.addMessage(channels[channel], BigInt(k + 1), BigInt(k + 1), data);
      await file.flush();
    }
    await file.finish();
    const bytes = readFileSync(part);
    for (const offset of chunkOffsets(bytes).slice(0, 3)) bytes[offset + 70] ^= 1;
    const { result } = await repairRecording(written(unfinished(bytes), '.mcap.part'));
    const { messages, end } = await readAll(result ?? '');
    expect(end.complete).toBe(true);
    expect(messages.map(({ topic, message }) => [topic, message.data])).toEqual([
      ...[
        ['/b', 'D'],
        ['/a', 'E'],
      ],
    ]);
  });

  it('finishes a part under its final name, keeps metadata and attachments, and says in the file what happened', async () => {
    const cut = chunkOffsets()[2] + 20;
    const file = written(whole.subarray(0, cut), '.mcap.part');
    const report = await repairRecording(file, { now: '2026-01-02T03:04:05Z' });
    const result = file.slice(0, -'.part'.length);
    expect(report).toMatchObject({ state: 'repaired', result, original: `${file}.damaged`, kept: { messages: 16 } });
    expect(existsSync(file)).toBe(false);
    const { metadata, attachments } = await summarizeRecording(result);
    expect([...metadata.keys()]).toEqual(['surepick', 'repaired']);
    expect(metadata.get('surepick')).toEqual({ seed: '1', run_id: 'small' });
    expect(metadata.get('repaired')).toMatchObject({
      ...{ kept_messages: '16', lost_is: 'at least', repaired_at: '2026-01-02T03:04:05Z' },
      reason: expect.stringContaining('not finished'),
    });
    expect(attachments.map(({ name, data }) => [name, Buffer.from(data).toString()])).toEqual([
      ['arm.urdf', '<robot/>'],
    ]);
    expect(await repairRecording(result)).toMatchObject({ state: 'whole' });
  });

  it('gives a part that is whole its name, and one whose repair was cut off the rest of it', async () => {
    const file = written(whole, '.mcap.part');
    expect(await repairRecording(file)).toMatchObject({ state: 'repaired', original: null });
    const result = file.slice(0, -'.part'.length);
    expect(readFileSync(result).equals(whole)).toBe(true);
    const cut = whole.subarray(0, chunkOffsets()[2]);
    const part = written(cut, '.mcap.part');
    await repairRecording(part);
    writeFileSync(part, cut);
    expect(await repairRecording(part)).toMatchObject({ state: 'repaired', original: `${part}.damaged-2` });
    writeFileSync(part, cut.subarray(0, -1));
    await expect(repairRecording(part)).rejects.toThrow(/is there already; move one of them away/);
    expect(existsSync(part)).toBe(true);
  });

  it('changes nothing when it only looks, and keeps no original when told so', async () => {
    const bytes = Buffer.from(whole);
    bytes[chunkOffsets()[1] + 70] ^= 1;
    const file = written(bytes);
    const before = readdirSync(folder).length;
    expect(await repairRecording(file, { check: true })).toMatchObject({ state: 'repairable', result: null });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(before);
    expect(await repairRecording(file, { replace: true })).toMatchObject({ state: 'repaired', original: null });
    expect(readdirSync(folder)).toHaveLength(before);
  });

  it('restores something valid from any mutation, and never anything that was not recorded', async () => {
    const rng = createRng(31, 'mutations');
    const states = new Map<string, number>();
    for (let k = 0; k < 80; k++) {
      const { what, bytes } = mutated(whole, rng);
      const ending = k % 2 === 0 ? '.mcap' : '.mcap.part';
      const state = await repaired(written(bytes, ending), `case ${k}: ${what}`).then(
        (report) => report.state,
        (error: Error) => {
          if (error.name !== 'InputError') throw new Error(`case ${k}: ${what}`, { cause: error });
          return 'refused';
        },
      );
      states.set(state, (states.get(state) ?? 0) + 1);
    }
    expect(states.get('repaired') ?? 0).toBeGreaterThan(50);
  });

  it('keeps what was written outside chunks, and makes indexes for files without', async () => {
    const string = { name: 'std_msgs/msg/String', encoding: 'ros2msg', text: 'string data' };
    const data = Uint8Array.of(0, 1, 0, 0, 2, 0, 0, 0, 65, 0);
    const bytes = forgedRecording([{ topic: '/a', schema: string, encoding: 'cdr', messages: [data, data] }], (chunk) =>
      chunkOfRecords(Buffer.from(chunk.records)),
    );
    // A chunk in a chunk is none of MCAP.
    await expect(repairRecording(written(bytes))).resolves.toMatchObject({ state: 'lost' });
    const plain = forgedRecording([{ topic: '/a', schema: string, encoding: 'cdr', messages: [data, data] }]);
    const report = await repairRecording(written(plain));
    expect(report).toMatchObject({ state: 'repaired', kept: { messages: 2 }, lost: { messages: 0 } });
    expect(report.reason).toContain('not indexed');
    const [message] = (await readAll(report.result ?? '')).messages;
    expect(message).toMatchObject({ topic: '/a', message: { data: 'A' } });
    expect(readRecording(report.result ?? '').skipped.size).toBe(0);
  });
});
