import { describe, expect, test } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { DISTURBANCE_NAMES, DISTURBANCES, type DisturbanceKind, parseDisturbances } from './words.ts';

describe('disturbances in words', () => {
  test('names with strengths, several with commas between; a strength that is drawn may be left out', () => {
    expect(parseDisturbances('push')).toEqual([{ name: 'push', strength: null }]);
    expect(parseDisturbances('slip:0.03,light:0.5')).toEqual([
      { name: 'slip', strength: 0.03 },
      { name: 'light', strength: 0.5 },
    ]);
  });

  test.each([
    ['shove', /^disturbance "shove": NAME\[:STRENGTH\], of push, slip/],
    ['', /^disturbance ""/],
    ['push:0.03:2', /^disturbance "push:0.03:2"/],
    ['push:far', /^disturbance push of strength "far": m from 0.005 to 0.15/],
    ['push:', /^disturbance push of strength ""/],
    ['push:NaN', /strength "NaN"/],
    ['push:0.2', /strength "0.2"/],
    ['dropout', /^disturbance dropout without a strength: dropout:X, X from 0 to 0.99/],
    ['distractors:1.5', /strength "1.5": a whole number from 0 to 8/],
    ['slip,slip:0.02', /^disturbance slip twice/],
  ])('%s is refused by name', (text, message) => {
    expect(() => parseDisturbances(text)).toThrow(InputError);
    expect(() => parseDisturbances(text)).toThrow(message);
  });

  test.each(DISTURBANCE_NAMES)('%s: the strengths of the suite rise, within what is allowed', (name) => {
    const { suite, range, drawn }: DisturbanceKind = DISTURBANCES[name];
    expect(suite).toEqual([...suite].sort((a, b) => a - b));
    for (const strength of [...suite, ...(drawn ?? [])]) {
      expect(parseDisturbances(`${name}:${strength}`)).toEqual([{ name, strength }]);
      expect(strength).toBeGreaterThan(range[0] === 0 ? 0 : range[0] - 1e-12);
    }
  });
});
