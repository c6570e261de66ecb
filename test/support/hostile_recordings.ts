import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { repairRecording, summarizeRecording } from '../../datasets/index.ts';
import { fingerprints, readAll } from './recording.ts';
import { mutated, smallRecording } from './small_recording.ts';

export type Look = 'at all' | 'at the messages' | 'at the summary' | 'at the pieces';

/** Resident memory that work takes beyond what the process has, bytes. */
export async function memoryOf(work: () => Promise<unknown>): Promise<number> {
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

/** Files that something is wrong with, and what becomes of them. */
export class HostileBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'surepick-hostile-'));
  readonly whole: Buffer;
  private expected: readonly string[] = [];
  private count = 0;

  private constructor(whole: Buffer) {
    this.whole = whole;
  }

  static async create(): Promise<HostileBench> {
    const bench = new HostileBench(await smallRecording());
    bench.expected = fingerprints((await readAll(bench.written(bench.whole))).messages);
    return bench;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  written(bytes: Uint8Array): string {
    const file = join(this.folder, `${this.count++}.mcap`);
    writeFileSync(file, bytes);
    return file;
  }

  /** What reading, summarizing and examining do: an answer or an InputError in one line that names the file. */
  async outcome(file: string, what: string, look: Look = 'at all') {
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

  /** Flips a bit of every `step`th byte: each is found, and no message comes that was not recorded. */
  async flipEvery(step: number): Promise<void> {
    const { whole, expected } = this;
    const rng = createRng(5, 'flips');
    for (let at = rng.int(step); at < whole.length; at += step) {
      const bytes = Buffer.from(whole);
      bytes[at] ^= 1 << rng.int(8);
      const look = rng.int(4) === 0 ? 'at the pieces' : 'at the messages';
      const { read, repair } = await this.outcome(this.written(bytes), `byte ${at} flipped`, look);
      expect(read?.end.complete ?? false, `byte ${at} flipped`).toBe(false);
      expect(repair?.state ?? 'refused', `byte ${at} flipped`).not.toBe('whole');
      const messages = fingerprints(read?.messages ?? []);
      expect(messages, `byte ${at} flipped`).toEqual(expected.filter((message) => messages.includes(message)));
    }
  }

  /** Cuts it off at every `step`th byte. */
  async cutEvery(step: number): Promise<void> {
    const { whole } = this;
    const rng = createRng(8, 'cuts');
    for (let length = rng.int(step); length < whole.length; length += step) {
      const what = `${length} bytes`;
      const look = rng.int(8) === 0 ? 'at all' : 'at the summary';
      const { read, summary, repair } = await this.outcome(this.written(whole.subarray(0, length)), what, look);
      expect(read?.end.complete ?? false, what).toBe(false);
      expect(summary, what).toBeNull();
      expect(repair?.state ?? 'refused', what).not.toBe('whole');
    }
  }

  /** Resident memory that so many mutations take, bytes. */
  mutate(mutations: number): Promise<number> {
    const rng = createRng(6, 'memory');
    return memoryOf(async () => {
      for (let k = 0; k < mutations; k++) {
        const { what, bytes } = mutated(this.whole, rng);
        await this.outcome(this.written(bytes), `mutation ${k}: ${what}`);
      }
    });
  }

  /** Changes every `step`th byte of the summary, which has no checksum; gives how many of so many were told from whole ones. */
  async misleadEvery(step: number): Promise<{ readonly refused: number; readonly changed: number }> {
    const { whole } = this;
    const start = Number(whole.readBigUInt64LE(whole.length - 8 - 20));
    const crc_at = whole.length - 12;
    let [refused, changed] = [0, 0];
    for (let at = start; at < crc_at - 16; at += step, changed++) {
      const bytes = Buffer.from(whole);
      bytes.writeBigUInt64LE([0n, 8n, 2n ** 64n - 1n, BigInt(whole.length)][at % 4], at);
      // Without a checksum nothing tells that the summary was changed.
      bytes.writeUInt32LE(0, crc_at);
      const { summary, repair } = await this.outcome(this.written(bytes), `summary changed at ${at}`);
      if (summary === null || repair?.state !== 'whole') refused++;
    }
    return { refused, changed };
  }
}
