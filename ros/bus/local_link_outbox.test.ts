import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { LinkOutbox } from './local_link_outbox.ts';

describe('what waits for a full socket', () => {
  it('keeps the newest of each sender in order, takes turns, and counts bytes and what it dropped', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed, 'outbox');
      const outbox = new LinkOutbox();
      const keys = [{}, {}, {}];
      const keeps = keys.map(() => 1 + rng.int(5));
      const waiting: number[][] = keys.map(() => []);
      let dropped = 0;
      for (let n = 0; n < 200; n++) {
        if (rng.uniform() < 0.6) {
          const who = rng.int(keys.length);
          outbox.add(keys[who], [Uint8Array.of(who, n), new Uint8Array(3)], keeps[who]);
          waiting[who].push(n);
          if (waiting[who].length > keeps[who]) {
            waiting[who].shift();
            dropped++;
          }
        } else {
          const next = outbox.next();
          if (next === undefined) expect(waiting.flat(), `seed ${seed}`).toEqual([]);
          else expect(waiting[next[0][0]].shift(), `seed ${seed}`).toBe(next[0][1]);
        }
        expect(outbox.bytes).toBe(5 * waiting.flat().length);
        expect(outbox.empty).toBe(waiting.flat().length === 0);
        for (const [who, key] of keys.entries()) expect(outbox.has(key)).toBe(waiting[who].length > 0);
      }
      expect(outbox.dropped).toBe(dropped);
    }
  });

  it('lets a talkative sender starve nobody', () => {
    const outbox = new LinkOutbox();
    const [talkative, quiet] = [{}, {}];
    for (let n = 0; n < 5; n++) outbox.add(talkative, [Uint8Array.of(n)], 10);
    outbox.add(quiet, [Uint8Array.of(99)], 10);
    expect([outbox.next(), outbox.next()].map((pieces) => pieces?.[0][0])).toEqual([0, 99]);
  });
});
