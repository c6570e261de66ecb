import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { type KeptMessage, SlabRing } from './slab_ring.ts';

const LIMITS = { window_ms: 1000, bytes: 64 << 10, slab_bytes: 4 << 10 };
const all = (pieces: Iterable<readonly KeptMessage[]>) =>
  [...pieces].flat().map(({ channel, log_ns, data }) => `${channel} ${log_ns} ${data.length} ${data[0] ?? ''}`);

describe('the messages of the last while', () => {
  it('are all that came within it, in order, or the newest that have room; what goes is told', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const rng = createRng(seed);
      const dropped: string[] = [];
      const ring = new SlabRing(LIMITS, (message) => dropped.push(...all([[message]])));
      const told: { line: string; at_ms: number }[] = [];
      let now_ms = 0;
      for (let k = 0; k < 3000; k++) {
        now_ms += rng.range(0, 4);
        const data = new Uint8Array(rng.int(rng.int(50) === 0 ? 9000 : 60)).fill(k & 255);
        ring.add(k % 7, now_ms, BigInt(k), data);
        told.push({ line: `${k % 7} ${k} ${data.length} ${data[0] ?? ''}`, at_ms: now_ms });
        if (ring.bytes > LIMITS.bytes + LIMITS.slab_bytes) expect.fail(`seed ${seed}: ${ring.bytes} bytes`);
      }
      const kept = all(ring.since(0));
      expect([...dropped, ...kept], `seed ${seed}`).toEqual(told.map(({ line }) => line));
      expect(kept.length, `seed ${seed}`).toBe(ring.messages);
      const recent = told.filter(({ at_ms }) => at_ms >= now_ms - LIMITS.window_ms).length;
      if (ring.bytes < LIMITS.bytes / 2) expect(kept.length, `seed ${seed}`).toBeGreaterThanOrEqual(recent);
    }
  });

  it('stay as they were while somebody reads them, whatever comes', () => {
    const ring = new SlabRing(LIMITS);
    for (let k = 0; k < 1000; k++) ring.add(1, k, BigInt(k), new Uint8Array(100).fill(k & 255));
    const before = all(ring.since(0));
    const lent = ring.since(0);
    for (let k = 1000; k < 9000; k++) ring.add(2, k, BigInt(k), new Uint8Array(90).fill(k & 255));
    expect(all(lent)).toEqual(before);
  });

  it('leave out one that is as large as a quarter of everything', () => {
    const ring = new SlabRing(LIMITS);
    ring.add(0, 1, 1n, new Uint8Array(LIMITS.bytes / 4));
    ring.add(0, 2, 2n, new Uint8Array(8));
    expect(all(ring.since(0))).toEqual(['0 2 8 0']);
  });

  it('take the same memory after 20 minutes at ten times the rate', async () => {
    const ring = new SlabRing({ window_ms: 60_000, bytes: 16 << 20, slab_bytes: 512 << 10 });
    const [small, picture] = [new Uint8Array(300).fill(7), new Uint8Array(20_000).fill(9)];
    let now_ms = 0;
    const run = (minutes: number) => {
      for (let k = 0; k < minutes * 60_000; k++) {
        now_ms += 1;
        ring.add(k % 30, now_ms, BigInt(k), small);
        if (k % 7 === 0) ring.add(31, now_ms, BigInt(k), picture);
      }
    };
    const used = async () => {
      for (let k = 0; k < 3; k++) {
        globalThis.gc?.();
        await setTimeout(20);
      }
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    run(10);
    const [bytes, before] = [ring.bytes, await used()];
    run(10);
    expect((await used()) - before).toBeLessThan(1e6);
    expect(Math.abs(ring.bytes - bytes)).toBeLessThanOrEqual(512 << 10);
  });
});
