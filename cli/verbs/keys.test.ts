import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KeyStore, keyFolder } from '../../safety/index.ts';
import { addKeys } from './keys.ts';

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'keys verb '));
  vi.stubEnv('XDG_CONFIG_HOME', join(scratch, 'config'));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true, force: true });
});

async function keys(...args: string[]): Promise<string> {
  let said = '';
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
  }
  const program = new Command('surepick').exitOverride();
  addKeys(program);
  await program.parseAsync(['keys', ...args], { from: 'user' });
  return said;
}

it('writes a locked copy of a key that only its owner reads, and puts it back elsewhere', async () => {
  const [words, copy] = ['words.txt', 'ada.backup.json'].map((name) => join(scratch, name));
  writeFileSync(words, 'a long sentence\n', { mode: 0o600 });
  await keys('new', 'ada', '--owner', 'Ada');
  const before = new KeyStore(keyFolder(process.env)).show('ada');
  expect(await keys('export', 'ada', '--out', copy, '--copy-passphrase-file', words)).toContain('keys restore');
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(readFileSync(copy, 'utf8')).not.toContain('MC4CAQAwBQYDK2Vw');
  await expect(keys('export', 'ada', '--out', copy, '--copy-passphrase-file', words)).rejects.toThrow(
    'is there already',
  );
  vi.stubEnv('XDG_CONFIG_HOME', join(scratch, 'other'));
  await expect(keys('restore', copy)).rejects.toThrow('wants its passphrase');
  await keys('restore', copy, '--passphrase-file', words);
  const after = new KeyStore(keyFolder(process.env));
  expect(after.show('ada')).toEqual({ ...before, passphrase: true });
  expect(after.load('ada', 'a long sentence').public_key).toBe(before.public_key);
});
