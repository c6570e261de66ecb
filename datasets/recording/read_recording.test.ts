import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { publishOneOfEach } from '../../test/support/one_of_each.ts';
import { fingerprints, readAll as read, record } from '../../test/support/recording.ts';
import { publishEpisode } from '../../test/support/synthetic_episode.ts';

describe('readRecording', () => {
  let whole: Buffer;
  let expected: string[];
  const folder = mkdtempSync(join(tmpdir(), 'surepick-read-'));

  beforeAll(async () => {
    const file = join(folder, 'whole.mcap');
    const episode = { seed: 5, seconds: 3, colour_noise: 4, depth_noise_m: 0.002 };
    await record(file, (bus, clock, settle) => publishEpisode(bus, clock, episode, settle));
    whole = readFileSync(file);
    expected = fingerprints((await read(file)).messages);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('reads a whole file to its footer', async () => {
    const { end } = await read(join(folder, 'whole.mcap'));
    expect(end).toEqual({
      ...{ complete: true, reason: '', messages: expected.length, end_ns: 3_000_000_000n },
      ...{ bytes_read: whole.length, bytes: whole.length },
    });
  });

  it('reads a prefix of what was recorded from any prefix of the file, and never calls it complete', async () => {
    const rng = createRng(11);
    const cut = join(folder, 'cut.mcap.part');
    const lengths = [9, 60, 200, whole.length - 1, ...Array.from({ length: 30 }, () => 9 + rng.int(whole.length - 9))];
    let last = 0;
    for (const length of lengths.sort((a, b) => a - b)) {
      writeFileSync(cut, whole.subarray(0, length));
      const { messages, end } = await read(cut);
      expect(end.complete, `cut after ${length} bytes`).toBe(false);
      expect(end.reason).toContain('not finished');
      expect(end.bytes_read).toBeLessThanOrEqual(length);
      expect(fingerprints(messages), `cut after ${length} bytes`).toEqual(expected.slice(0, messages.length));
      expect(messages.length).toBeGreaterThanOrEqual(last);
      last = messages.length;
    }
    expect(last).toBe(expected.length);
  });

  it('stops before a damaged chunk and says where', async () => {
    const damaged = Buffer.from(whole);
    const at = Math.floor(whole.length / 2);
    for (let i = 0; i < 64; i++) damaged[at + i] ^= 0xff;
    const file = join(folder, 'damaged.mcap');
    writeFileSync(file, damaged);
    const { messages, end } = await read(file);
    expect(end.complete).toBe(false);
    expect(end.reason).toMatch(/damaged after byte \d+/);
    expect(messages.length).toBeGreaterThan(0);
    expect(fingerprints(messages)).toEqual(expected.slice(0, messages.length));
  });

  it('refuses what is not an MCAP file, and what is not there', async () => {
    const foreign = join(folder, 'foreign.mcap');
    writeFileSync(foreign, 'PK\u0003\u0004 this is something else entirely');
    await expect(read(foreign)).rejects.toThrow(/foreign\.mcap: is not an MCAP file/);
    await expect(read(join(folder, 'absent.mcap'))).rejects.toThrow(/absent\.mcap: cannot be read/);
  });

  it('gives every kind of message', async () => {
    const file = join(folder, 'each.mcap');
    await record(file, (bus, clock) => publishOneOfEach(bus, clock));
    const { messages } = await read(file);
    expect(messages.map(({ topic }) => topic)).toHaveLength(17);
    expect(new Set(messages.map(({ type }) => type)).size).toBeGreaterThanOrEqual(10);
  });
});
