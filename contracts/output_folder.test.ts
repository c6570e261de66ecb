import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareOutputFolder } from './output_folder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-folder-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('prepareOutputFolder', () => {
  it('makes missing parents and leaves the folder empty', () => {
    const folder = prepareOutputFolder(join(scratch, 'a', 'b'), '--out');
    expect(readdirSync(folder)).toEqual([]);
    expect(prepareOutputFolder(folder, '--out')).toBe(folder);
  });

  it('refuses what is a file or lies below one, naming flag and path', () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    expect(() => prepareOutputFolder(file, '--out')).toThrow(/--out .*file: cannot be written/);
    expect(() => prepareOutputFolder(join(file, 'x', 'y'), '--out')).toThrow(/--out .*y: cannot be written/);
  });

  it.runIf(existsSync('/proc/self'))('refuses a file system that takes no folders, without hanging', () => {
    expect(() => prepareOutputFolder('/proc/surepick/x', '--out')).toThrow(/cannot be written/);
  });
});
