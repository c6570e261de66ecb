import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { ModelRepository, openDetector } from '../../perception/index.ts';

const PROGRAM = join(PACKAGE_ROOT, 'dist', 'learning', 'vision', 'train.js');
const SMALL = ['--steps', '6', '--worlds', '3', '--batch', '2', '--crop', '64', '--held-out', '1'];
const folder = mkdtempSync(join(tmpdir(), 'train '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function train(out: string, ...words: string[]): Promise<{ sha256: string; bytes: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    PROGRAM,
    ...SMALL,
    '--out',
    join(folder, out),
    ...words,
  ]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

async function refusal(...words: string[]): Promise<{ code: number; stderr: string }> {
  const out = ['--out', join(folder, 'refused')];
  return promisify(execFile)(process.execPath, [PROGRAM, ...out, ...words]).then(
    () => ({ code: 0, stderr: '' }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );
}

describe('the training command', () => {
  it('makes equal bytes again, whatever draws its pictures and on however many threads', async () => {
    const first = await train('a');
    expect(await train('b', '--drawers', '2', '--threads', '2')).toMatchObject(first);
    expect((await train('c', '--seed', '2')).sha256).not.toBe(first.sha256);
  }, 600_000);

  it('publishes a model that is verified whole and detects, for both roles', async () => {
    await train('d');
    await train('d', '--role', 'full');
    const repository = new ModelRepository(join(folder, 'd'));
    expect((await repository.verify()).map(({ name, verified, problem }) => [name, verified, problem])).toEqual([
      ['vision', true, ''],
      ['vision-full', true, ''],
    ]);
    const detector = await openDetector('vision-full', { repository, fallback: false });
    await detector.close();
  }, 600_000);

  it('refuses what it cannot do in one line', async () => {
    for (const [words, message] of [
      [['--role', 'tiny'], /--role tiny: .*fast, full/],
      [['--steps', '0'], /--steps 0: .*at least 1/],
      [['--crop', '60'], /--crop 60: .*multiple of 8/],
      [['--rate', 'fast'], /--rate fast: .*between 0 and 1/],
      [['--resume'], /checkpoint .*without --resume/],
      [['--speed', '3'], /--speed/],
    ] as const) {
      const { code, stderr } = await refusal(...words);
      expect(code, words.join(' ')).toBe(2);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  }, 300_000);
});
