import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { firstDifference } from './first_difference.ts';

describe('the first difference of two values', () => {
  it.each([
    [{ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }, 'b[1]', '2', '3'],
    [{ a: Float64Array.of(1, 2) }, { a: Float64Array.of(1, 2, 3) }, 'a.length', '2', '3'],
    [{ a: { b: 'x' } }, { a: { b: 'y' } }, 'a.b', '"x"', '"y"'],
    [{ a: 0 }, { a: -0 }, 'a', '0', '-0'],
    [{ a: 1n }, { a: 2n }, 'a', '1', '2'],
    [{ a: 1 }, { b: 1 }, 'a', '1', '1'],
    [{ a: { b: 1 } }, { a: null }, 'a', '{"b":1}', 'null'],
    [{ a: 1, b: 2 }, { a: 1 }, 'b', '2', 'nothing'],
  ])('names it (%#)', (recorded, replayed, field, was, is) => {
    expect(firstDifference(recorded, replayed)).toEqual({ field, recorded: was, replayed: is });
  });

  it('is none of equal values, NaN among them', () => {
    const value = { a: [Number.NaN, { b: Uint8Array.of(1) }], c: 'd', e: 1n };
    expect(firstDifference(value, structuredClone(value))).toBeNull();
  });

  it('finds the one leaf that was changed, wherever it is', () => {
    const rng = createRng(31).stream('first_difference');
    for (let k = 0; k < 200; k++) {
      const leaves = Array.from({ length: 12 }, () => rng.range(-1, 1));
      const shape = (x: readonly number[]) => ({
        p: { q: x.slice(0, 3), r: [x[3], { s: x[4] }] },
        t: Float64Array.from(x.slice(5)),
      });
      const changed = [...leaves];
      const at = Math.floor(rng.range(0, 12));
      changed[at] += 1;
      const paths = [
        'p.q[0]',
        'p.q[1]',
        'p.q[2]',
        'p.r[0]',
        'p.r[1].s',
        ...[0, 1, 2, 3, 4, 5, 6].map((i) => `t[${i}]`),
      ];
      expect(firstDifference(shape(leaves), shape(changed))?.field, `case ${k}`).toBe(paths[at]);
    }
  });
});
