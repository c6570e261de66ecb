import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { parseCalibration } from '../../perception/index.ts';
import { addCalibrate } from './calibrate.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'calibrate-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

async function calibrate(...args: string[]): Promise<void> {
  const quiet = { writeErr: () => undefined };
  const program = new Command('surepick').exitOverride().configureOutput(quiet);
  addCalibrate(program);
  for (const verb of program.commands) {
    for (const command of [verb, ...verb.commands]) command.exitOverride().configureOutput(quiet);
  }
  await program.parseAsync(['calibrate', ...args], { from: 'user' });
}

describe('calibrate', () => {
  it('writes the board true to size, and refuses one that looks alike turned round', async () => {
    const out = join(folder, 'board.svg');
    await calibrate('target', '--columns', '7', '--rows', '4', '--square', '0.03', '--out', out);
    expect(readFileSync(out, 'utf8')).toMatch(/width="270mm".*7 × 4 squares of 30 mm/s);
    const alike = calibrate('target', '--columns', '8', '--rows', '6', '--out', out);
    await expect(alike).rejects.toThrow(InputError);
    await expect(calibrate('target', '--square', 'x', '--out', out)).rejects.toThrow(/a number from 0.001 to 0.5/);
  });

  it('writes what it measured of a camera, and exits with 1 where that misses what was asked', async () => {
    const out = join(folder, 'cameras.json');
    const args = ['cameras', '--camera', 'wrist', '--views', '8', '--date', '2026-05-01T10:00:00Z', '--out', out];
    await calibrate(...args, '--max-position', '0.01');
    expect(process.exitCode).toBeUndefined();
    const file = parseCalibration(readFileSync(out, 'utf8'), out);
    expect(file.cameras.map(({ name, method }) => [name, method])).toEqual([['wrist', 'motion']]);
    await calibrate(...args, '--max-position', '0');
    expect(process.exitCode).toBe(1);
    await expect(calibrate(...args, '--date', 'today')).rejects.toThrow(/--date/);
    await expect(calibrate(...args, '--views', '2')).rejects.toThrow(/from 6 to 200/);
  }, 120_000);
});
