import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { OtherSupervisors } from './other_supervisors.ts';

describe('another supervisor of the same arm', () => {
  it('is never this one, however often its states change and however late they come back', () => {
    const rng = createRng(1, 'echo');
    const others = new OtherSupervisors();
    const under_way: bigint[] = [];
    for (let k = 0; k < 5000; k++) {
      const stamp_ns = BigInt(k) * 2_500_000n;
      others.send(stamp_ns);
      under_way.push(stamp_ns);
      while (under_way.length > 300 || (under_way.length > 0 && rng.uniform() < 0.5))
        others.hear(under_way.shift() ?? 0n, k * 0.0025);
      expect(others.areHeard(k * 0.0025)).toBe(false);
    }
  });

  it('is noticed by its second word, and gone a second after its last', () => {
    const others = new OtherSupervisors();
    others.send(1n);
    others.hear(1n, 0);
    others.hear(70n, 10);
    expect(others.areHeard(10)).toBe(false);
    others.hear(71n, 10.1);
    expect(others.areHeard(10.1)).toBe(true);
    others.hear(1n, 10.2);
    expect(others.areHeard(11.1)).toBe(true);
    expect(others.areHeard(11.11)).toBe(false);
  });

  it('is not one that has ended, whose last word the bus keeps', () => {
    const others = new OtherSupervisors();
    others.hear(70n, 0);
    others.hear(70n, 0.1);
    for (let k = 0; k < 50; k++) others.send(BigInt(100 + k));
    others.hear(99n, 5);
    expect(others.areHeard(5)).toBe(false);
  });
});
