import { describe, expect, it } from 'vitest';
import { assertSafe, mintSafeCommand, SafeCommand } from './safe_command.ts';

describe('a command that no gate made', () => {
  const genuine = mintSafeCommand(7);
  const forged: readonly (readonly [string, () => unknown])[] = [
    ['nothing', () => null],
    ['a plain object of the same fields', () => ({ ...genuine })],
    ['a copy', () => structuredClone(genuine)],
    ['an object of its prototype', () => Object.create(SafeCommand.prototype)],
    ['one with its prototype put under it', () => Object.setPrototypeOf({ ...genuine }, SafeCommand.prototype)],
    ['one that inherits from a genuine one', () => Object.create(genuine)],
    ['a stand-in before a genuine one', () => new Proxy(genuine, {})],
  ];

  it.each(forged)('is refused: %s', (_what, make) => {
    expect(() => assertSafe(make())).toThrow(TypeError);
  });

  it('cannot be constructed without the gate’s own key, nor with one of the same name', () => {
    for (const key of [Symbol('gate'), Symbol.for('gate')])
      expect(() => new SafeCommand(key, 7)).toThrow('only be made by the safety gate');
    expect(() => Reflect.construct(SafeCommand, ['gate', 7])).toThrow(TypeError);
    expect(() => assertSafe(genuine)).not.toThrow();
  });
});
