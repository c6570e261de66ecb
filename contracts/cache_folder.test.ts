import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cacheFolder } from './cache_folder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-cache-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const home = join(scratch, 'home');
const [one, other] = ['one', 'other'].map((name) => join(scratch, name));

it('is the same for two checkouts of a user, and another for another user', () => {
  const shared = join(home, '.cache', 'surepick', 'things');
  expect([one, other].map((checkout) => cacheFolder('things', { HOME: home }, checkout))).toEqual([shared, shared]);
  expect(cacheFolder('things', { HOME: home, XDG_CACHE_HOME: scratch }, one)).toBe(join(scratch, 'surepick', 'things'));
  expect(cacheFolder('things', { HOME: scratch }, one)).not.toBe(shared);
});

it('is the checkout’s own where it has one, or where the user’s cannot be written', () => {
  mkdirSync(join(other, '.cache', 'things'), { recursive: true });
  expect(cacheFolder('things', { HOME: home }, other)).toBe(join(other, '.cache', 'things'));
  const file = join(scratch, 'file');
  writeFileSync(file, '');
  expect(cacheFolder('things', { HOME: file }, one)).toBe(join(one, '.cache', 'things'));
});

it('is where SUREPICK_CACHE says, which has to be an absolute path', () => {
  expect(cacheFolder('things', { HOME: home, SUREPICK_CACHE: '/kept' }, other)).toBe('/kept/things');
  expect(() => cacheFolder('things', { SUREPICK_CACHE: 'kept' }, one)).toThrow(/SUREPICK_CACHE=kept.*absolute path/);
});
