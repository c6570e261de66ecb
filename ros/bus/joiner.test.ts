import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { Guard } from './guard.ts';
import { Joiner } from './joiner.ts';

const message = (n: number) => ({ header: { stamp: { sec: 1, nanosec: n } }, n });
const companion = (n: number) => ({ header: { stamp: { sec: 1, nanosec: n } }, of: n });

function joinerOf() {
  const admitted: { n: unknown; of: unknown }[] = [];
  const errors: string[] = [];
  const guard = new Guard((error, where) => errors.push(`${where}: ${error}`));
  const joiner = new Joiner((fields, of) => admitted.push({ n: fields.n, of: of?.of }), guard, '/x');
  return { joiner, admitted, errors };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('joining two topics by stamp', () => {
  it('joins what belongs together, in the order of the first topic, however the two interleave', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = createRng(seed, 'join');
      const { joiner, admitted } = joinerOf();
      let messages = 0;
      let companions = 0;
      while (messages < 20 || companions < 20) {
        const first = companions === 20 || (messages < 20 && rng.uniform() < 0.5);
        // Neither runs ahead of the other by more than is kept.
        if (first ? messages - companions < 8 : companions - messages >= 8) joiner.message(message(messages++), true);
        else joiner.companion(companion(companions++));
      }
      const all = Array.from({ length: 20 }, (_, n) => ({ n, of: n }));
      expect(admitted, `seed ${seed}`).toEqual(all);
    }
  });

  it('lets a message in alone after 50 ms, and at once where nobody publishes companions', () => {
    const { joiner, admitted } = joinerOf();
    joiner.message(message(1), true);
    vi.advanceTimersByTime(49);
    expect(admitted).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(admitted).toEqual([{ n: 1, of: undefined }]);
    joiner.message(message(2), false);
    expect(admitted).toHaveLength(2);
  });

  it('does not keep companions for ever', () => {
    const { joiner, admitted } = joinerOf();
    for (let n = 0; n < 40; n++) joiner.companion(companion(n));
    joiner.message(message(0), false);
    joiner.message(message(39), true);
    expect(admitted).toEqual([
      { n: 0, of: undefined },
      { n: 39, of: 39 },
    ]);
  });

  it('reports a message without a stamp, and goes on', () => {
    const { joiner, admitted, errors } = joinerOf();
    const guard = new Guard((error) => errors.push(String(error)));
    guard.wrap('x', () => joiner.companion({}))();
    expect(errors).toHaveLength(1);
    joiner.message(message(3), false);
    expect(admitted).toEqual([{ n: 3, of: undefined }]);
  });
});
