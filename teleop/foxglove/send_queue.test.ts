import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { CHANNEL_PRIORITIES } from '../../ros/index.ts';
import { SendQueue, type Waiting } from './send_queue.ts';

const message = (subscription: number, n: number, size = 10): Waiting => ({
  ...{ subscription, log_ns: BigInt(n), data: new Uint8Array(size) },
});
const drain = (queue: SendQueue, unsent = 0): string[] => {
  const sent: string[] = [];
  for (let next = queue.next(unsent); next !== null; next = queue.next(unsent))
    sent.push(`${next.subscription}/${next.log_ns}`);
  return sent;
};

describe('what waits for a client', () => {
  it('goes in the order of importance, and a topic in its own order', () => {
    const queue = new SendQueue();
    queue.push('picture', message(1, 1));
    queue.push('diagnostic', message(2, 1));
    queue.push('state', message(3, 1));
    queue.push('scene', message(4, 1));
    queue.push('state', message(3, 2));
    expect(drain(queue)).toEqual(['3/1', '3/2', '4/1', '2/1', '1/1']);
  });

  it('of equal importance goes in turn, however much one topic has', () => {
    const queue = new SendQueue();
    for (let i = 0; i < 4; i++) queue.push('state', message(1, i));
    queue.push('state', message(2, 0));
    expect(drain(queue).slice(0, 2)).toEqual(['1/0', '2/0']);
  });

  it('is of pictures the newest, and of others so many', () => {
    const queue = new SendQueue({ picture: 0, other: 0, depth: 3 });
    for (let i = 0; i < 10; i++) {
      queue.push('picture', message(1, i));
      queue.push('state', message(2, i));
    }
    expect(drain(queue)).toEqual(['2/7', '2/8', '2/9', '1/9']);
    expect(queue.dropped).toBe(9 + 7);
  });

  it('begins no picture while much is unsent, and nothing while very much is', () => {
    const queue = new SendQueue({ picture: 100, other: 1000, depth: 3 });
    queue.push('picture', message(1, 0));
    queue.push('state', message(2, 0));
    expect(drain(queue, 1001)).toEqual([]);
    expect(drain(queue, 101)).toEqual(['2/0']);
    expect(drain(queue, 100)).toEqual(['1/0']);
  });

  it('is forgotten with its subscription', () => {
    const queue = new SendQueue();
    queue.push('state', message(1, 0));
    queue.push('state', message(2, 0));
    queue.forget(1);
    expect(drain(queue)).toEqual(['2/0']);
  });

  it('loses nothing uncounted and keeps each topic in order, whatever comes and goes', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed);
      const queue = new SendQueue({ picture: 50, other: 500, depth: 1 + rng.int(5) });
      const last = new Map<number, bigint>();
      let [pushed, sent] = [0, 0];
      const take = (unsent: number) => {
        const next = queue.next(unsent);
        if (next === null) return false;
        expect(next.log_ns > (last.get(next.subscription) ?? -1n), `seed ${seed}`).toBe(true);
        last.set(next.subscription, next.log_ns);
        sent++;
        return true;
      };
      for (let i = 0; i < 300; i++) {
        const topic = rng.int(8);
        queue.push(CHANNEL_PRIORITIES[topic % 4], message(topic, i));
        pushed++;
        if (rng.int(3) === 0) take(rng.int(700));
      }
      while (take(0));
      expect(sent + queue.dropped, `seed ${seed}`).toBe(pushed);
    }
  });
});
