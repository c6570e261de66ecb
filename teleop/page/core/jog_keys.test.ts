import { expect, it } from 'vitest';
import { keyOf, pushOfKey } from './jog_keys.ts';

it.each([
  ['tool', 6],
  ['joints', 7],
] as const)('every axis of %s has a key each way, none has two, and none is a key that stops', (kind, axes) => {
  const keys = Array.from({ length: axes }, (_, axis) => [keyOf(axis, 1, kind), keyOf(axis, -1, kind)]).flat();
  expect(new Set(keys).size).toBe(2 * axes);
  keys.forEach((key, i) => {
    const push = { axis: Math.floor(i / 2), amount: i % 2 === 0 ? 1 : -1 };
    expect(pushOfKey(`Key${key}`, kind, axes)).toEqual(push);
  });
  for (const code of ['Escape', 'Pause', 'Space', 'Tab', 'Enter', 'Digit1', 'Key', 'toString', '']) {
    expect(pushOfKey(code, kind, axes)).toBeNull();
  }
});
