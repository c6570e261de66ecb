import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { SIGNAL_ROLES, type Signal } from '../dataset/schema.ts';
import { joinLeftOut, leftOut } from './left_out.ts';

function signals(rng: Rng): Signal[] {
  return Array.from({ length: rng.int(12) }, (_, k) => {
    const role = SIGNAL_ROLES[rng.int(SIGNAL_ROLES.length)];
    return { role, topic: `/topic_${k}`, type: 'a/msg/B', camera: '', messages: 1 + rng.int(100) };
  });
}

const messagesOf = (all: readonly { readonly messages: number }[]) =>
  all.reduce((sum, { messages }) => sum + messages, 0);

describe('what is left out', () => {
  it('is every message that is in no column, once, with a reason', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed).stream('left out');
      const all = signals(rng);
      const used = all.filter(() => rng.uniform() < 0.5);
      const left = leftOut(all, new Set(used.map(({ topic }) => topic)));
      const topics = [...used, ...left].map(({ topic }) => topic);
      expect(topics.sort(), `seed ${seed}`).toEqual(all.map(({ topic }) => topic).sort());
      expect(messagesOf(used) + messagesOf(left), `seed ${seed}`).toBe(messagesOf(all));
      for (const { why } of left) expect(why, `seed ${seed}`).not.toBe('');
    }
  });

  it('is counted over episodes, whatever their order, a line for each topic and reason', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed).stream('joined');
      const each = Array.from({ length: 1 + rng.int(5) }, () => leftOut(signals(rng), new Set()));
      const joined = joinLeftOut(each.flat());
      expect(joinLeftOut(each.reverse().flat()), `seed ${seed}`).toEqual(joined);
      expect(messagesOf(joined), `seed ${seed}`).toBe(messagesOf(each.flat()));
      expect(
        joined.reduce((sum, { episodes }) => sum + episodes, 0),
        `seed ${seed}`,
      ).toBe(each.flat().length);
      const keys = joined.map(({ topic, why }) => `${topic}\n${why}`);
      expect(new Set(keys).size, `seed ${seed}`).toBe(keys.length);
      for (const { topic, why, messages } of joined) {
        const own = each.flat().filter((line) => line.topic === topic && line.why === why);
        expect(messages, `seed ${seed}: ${topic}`).toBe(messagesOf(own));
      }
    }
  });
});
