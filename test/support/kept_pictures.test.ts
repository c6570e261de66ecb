import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeptPictures } from './kept_pictures.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-kept-'));
const output = join(folder, 'output');
const kept = new KeptPictures(folder, output, false);
afterAll(() => rmSync(folder, { recursive: true }));

/** 100 pixels square, with a mark of this width in the lower half. */
async function picture(mark: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="100" height="100" fill="#dcdfe2"/>
    <rect x="40" y="60" width="${mark}" height="10" fill="#b3261e"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

beforeAll(async () => {
  expect(await new KeptPictures(folder, output, true).difference('marked', await picture(20))).toBe('');
});

it('finds nothing in the same picture, nor in one that differs in fewer pixels than may', async () => {
  expect(await kept.difference('marked', await picture(20))).toBe('');
  expect(await kept.difference('marked', await picture(24))).toBe('');
  expect(readdirSync(folder)).toEqual(['marked.png']);
});

it('says how much differs and where, and leaves both pictures to look at', async () => {
  expect(await kept.difference('marked', await picture(30))).toMatch(
    /^marked: 1\.00 % of the pixels differ .* at x 60, y 60\..*marked\.png.*marked\.difference\.png/,
  );
  expect(readdirSync(output).sort()).toEqual(['marked.difference.png', 'marked.png']);
});
