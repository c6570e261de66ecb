import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadPictureLimits, PICTURE_LIMITS_FILE, parsePictureLimits } from './picture_limits.ts';
import { FEATURE_TESTS, OBJECT_TESTS, scoreOf } from './picture_tests.ts';

const text = readFileSync(PICTURE_LIMITS_FILE, 'utf8');
const shipped = parsePictureLimits(text, PICTURE_LIMITS_FILE);

describe('limits of sound pictures', () => {
  it('are shipped for every test of every camera, each on its side, with what they were fitted on', () => {
    const tests = [...FEATURE_TESTS, ...OBJECT_TESTS];
    for (const [camera, limits] of Object.entries(shipped.cameras)) {
      expect(Object.keys(limits).sort(), camera).toEqual(tests.map(({ name }) => name).sort());
      for (const { name, side } of tests) {
        const { middle, limit } = limits[name];
        expect(side === 'high' ? limit > middle : limit < middle, `${camera} ${name}`).toBe(true);
      }
      expect(shipped.fitted.sound_pictures[camera]).toBeGreaterThan(100);
    }
    expect(shipped.fitted.command).toContain('fit_picture_limits');
  });

  it('score 0 in the middle, 1 at the limit, nothing on the other side, and nothing that was not measured', () => {
    for (const test of [
      { middle: 2, limit: 4 },
      { middle: 2, limit: -1 },
    ]) {
      expect(scoreOf(test.middle, test)).toBe(0);
      expect(scoreOf(test.limit, test)).toBe(1);
      expect(scoreOf(2 * test.limit - test.middle, test)).toBe(2);
      expect(scoreOf(2 * test.middle - test.limit, test)).toBe(0);
      expect(scoreOf(Number.NaN, test)).toBe(0);
    }
    expect(scoreOf(5, undefined)).toBe(0);
  });

  it.each([
    ['no JSON', '{', /must be JSON/],
    ['another schema', JSON.stringify({ ...shipped, schema: 'x' }), /at schema/],
    ['a limit that is no number', text.replace(/"limit": [-\d.e]+/, '"limit": "high"'), /at cameras\.\w+\.\w+\.limit/],
    [
      'a limit without room',
      text.replace(/"middle": ([-\d.e]+),\s*"limit": [-\d.e]+/, '"middle": 1, "limit": 1'),
      /must differ/,
    ],
    ['a camera too few', JSON.stringify({ ...shipped, cameras: { overview: {} } }), /at cameras\.wrist/],
  ])('are refused with %s', (_what, bad, says) => {
    expect(() => parsePictureLimits(bad, 'limits.json')).toThrow(says);
  });

  it('are refused where there is no file', async () => {
    await expect(loadPictureLimits('overview', '/nowhere/limits.json')).rejects.toThrow(/cannot be read/);
  });
});
