import { describe, expect, it } from 'vitest';
import { listParameters } from './list_parameters.ts';

const NAMES = ['a', 'b.c', 'b.d.e', 'b.d.f', 'bc.d', 'g.h.i.j'];

describe('list of parameters', () => {
  it.each([
    [[], 0, NAMES, ['b', 'b.d', 'bc', 'g.h.i']],
    [[], 1, ['a'], []],
    [[], 2, ['a', 'b.c', 'bc.d'], ['b', 'bc']],
    [['b'], 0, ['b.c', 'b.d.e', 'b.d.f'], ['b', 'b.d']],
    [['b'], 1, ['b.c'], ['b']],
    [['b.d', 'a'], 1, ['a', 'b.d.e', 'b.d.f'], ['b.d']],
    [['z'], 0, [], []],
  ] as [string[], number, string[], string[]][])('under %j to depth %i', (wanted, depth, names, prefixes) => {
    expect(listParameters(NAMES, wanted, depth)).toEqual({ names, prefixes });
  });
});
