import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addGap } from './gap.ts';

const report = join(mkdtempSync(join(tmpdir(), 'gap-')), 'gap.html');

async function gap(...args: string[]): Promise<void> {
  const program = new Command('surepick').exitOverride().configureOutput({ writeErr: () => {} });
  addGap(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(['gap', ...args], { from: 'user' });
}

describe('surepick gap', () => {
  it.each([
    [['--policies', 'expert,oracle'], /policy "oracle": .*onnx:FILE/],
    [['--policies', 'expert,expert'], /policy expert twice: each once/],
    [['--policies', 'onnx:nowhere.onnx'], /nowhere\.manifest\.json/],
    [['--policies', 'expert', '--second-world', 'nowhere.json'], /nowhere\.json/],
    [['--policies', 'expert', '--around', 'nowhere.json'], /nowhere\.json/],
    [['--policies', 'expert', '--around', 'gain=1~0'], /around gain=1~0/],
    [['--policies', 'expert', '--report', '/no/such/folder/gap.html'], /\/no\/such\/folder.*exist/],
    [['--policies', 'expert', '--to', 'bullet'], /--to.*bullet/],
    [['--policies', 'expert', '--episodes', '0'], /--episodes/],
  ])('refuses %j before anything is played', async (args, words) => {
    await expect(gap('--report', report, ...args)).rejects.toThrow(words);
    expect(existsSync(report)).toBe(false);
  });
});
