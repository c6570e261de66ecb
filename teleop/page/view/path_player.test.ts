import { expect, it } from 'vitest';
import { playPath } from './path_player.ts';

const PATH = [
  [0, 0],
  [1, 2],
  [2, 8],
];

it('goes along the path once in even steps, rests at its end, and begins again', () => {
  const out = new Float64Array(2);
  const at = (elapsed_s: number) => {
    expect(playPath(PATH, elapsed_s, false, out)).toBe(true);
    return [...out];
  };
  expect(at(0)).toEqual([0, 0]);
  expect(at(0.625)).toEqual([0.5, 1]);
  expect(at(1.875)).toEqual([1.5, 5]);
  expect(at(2.5)).toEqual([2, 8]);
  expect(at(3.4)).toEqual([2, 8]);
  expect(at(3.5)).toEqual([0, 0]);
});

it('shows the end alone to those who asked for less motion', () => {
  const out = new Float64Array(2);
  for (const elapsed_s of [0, 0.5, 2, 9]) {
    playPath(PATH, elapsed_s, true, out);
    expect([...out]).toEqual([2, 8]);
  }
});

it('has nothing to show of an empty path, and one pose of one', () => {
  const out = new Float64Array(2);
  expect(playPath([], 0, false, out)).toBe(false);
  expect(playPath([[3, 4]], 1.2, false, out)).toBe(true);
  expect([...out]).toEqual([3, 4]);
});
