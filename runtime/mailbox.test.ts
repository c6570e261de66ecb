import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FloodSetup } from '../test/support/flood.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../test/support/heap.ts';
import { compiledProgram } from '../test/support/programs.ts';
import { MailboxReader, MailboxWriter, mailboxBytes } from './mailbox.ts';

const VALUES = 64;
const BYTES = 8 * VALUES;

describe('a mailbox', () => {
  it('gives the newest message once, and nothing before the first', () => {
    const buffer = new SharedArrayBuffer(mailboxBytes(BYTES));
    const [writer, reader] = [new MailboxWriter(buffer, BYTES), new MailboxReader(buffer, BYTES)];
    const send = (value: number) => {
      writer.slot.f64.fill(value);
      writer.send();
    };
    expect(reader.take()).toBe(false);
    for (let round = 1; round < 50; round++) {
      for (let k = 0; k <= round % 4; k++) send(10 * round + k);
      expect(reader.take()).toBe(true);
      expect(Array.from(reader.slot.f64)).toEqual(new Array(VALUES).fill(10 * round + (round % 4)));
      expect(reader.take()).toBe(false);
      expect(reader.slot.f64[0]).toBe(10 * round + (round % 4));
    }
    expect(reader.taken).toBe(49);
  });

  it('holds what was taken still while more is written', () => {
    const buffer = new SharedArrayBuffer(mailboxBytes(BYTES));
    const [writer, reader] = [new MailboxWriter(buffer, BYTES), new MailboxReader(buffer, BYTES)];
    writer.slot.f64.fill(1);
    writer.send();
    reader.take();
    for (let k = 2; k < 20; k++) {
      writer.slot.f64.fill(k);
      writer.send();
      expect(reader.slot.f64.every((value) => value === 1)).toBe(true);
    }
  });

  it('allocates nothing', () => {
    const buffer = new SharedArrayBuffer(mailboxBytes(BYTES));
    const [writer, reader] = [new MailboxWriter(buffer, BYTES), new MailboxReader(buffer, BYTES)];
    const grown = heapGrowthPerCall(() => {
      writer.slot.f64[0]++;
      writer.send();
      reader.take();
    });
    expect(grown).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});

describe('a mailbox between two threads', () => {
  let program = '';
  beforeAll(async () => {
    program = await compiledProgram('flood');
  });

  /** Reads beside a thread that writes as fast as it can, until that is `enough`; a busy machine may take long over it. */
  async function beside(setup: Omit<FloodSetup, 'stop'>, read: () => void, enough: () => boolean): Promise<void> {
    const stop = new SharedArrayBuffer(4);
    const worker = new Worker(program, { workerData: { ...setup, stop } });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const started = performance.now();
    const spent = () => performance.now() - started;
    while (spent() < 700 || (!enough() && spent() < 30_000)) for (let i = 0; i < 1000; i++) read();
    Atomics.store(new Int32Array(stop), 0, 1);
    await new Promise((resolve) => worker.once('exit', resolve));
  }

  it('never shows a torn message, where bare shared memory does', async () => {
    const bytes = BYTES;
    const buffer = new SharedArrayBuffer(mailboxBytes(bytes));
    const bare = new SharedArrayBuffer(bytes);
    const reader = new MailboxReader(buffer, bytes);
    const plain = new Float64Array(bare);
    const copy = new Float64Array(VALUES);
    let [newest, torn, older, torn_plain] = [0, 0, 0, 0];
    const read = () => {
      copy.set(plain);
      if (copy.some((value) => value !== copy[0])) torn_plain++;
      if (!reader.take()) return;
      const { f64 } = reader.slot;
      for (let i = 1; i < VALUES; i++) if (f64[i] !== f64[0]) torn++;
      if (f64[0] <= newest) older++;
      newest = f64[0];
    };
    await beside(
      { mailbox: { buffer, bytes }, channel: null, bare },
      read,
      () => reader.taken > 1000 && torn_plain > 0,
    );
    expect({ torn, older }).toEqual({ torn: 0, older: 0 });
    expect(reader.taken).toBeGreaterThan(1000);
    expect(torn_plain).toBeGreaterThan(0);
  });
});
