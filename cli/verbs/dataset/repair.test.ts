import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { smallRecording } from '../../../test/support/small_recording.ts';
import { addRepair } from './repair.ts';

let folder = '';
let part = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'repair verb '));
  mkdirSync(join(folder, 'episodes'));
  const whole = await smallRecording();
  writeFileSync(join(folder, 'episodes', 'a.mcap'), whole);
  part = join(folder, 'episodes', 'b.mcap.part');
  writeFileSync(part, whole.subarray(0, whole.length / 2));
  // As one that nobody writes any more.
  utimesSync(part, 1, 1);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

async function repair(...args: string[]) {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    });
  }
  const program = new Command('surepick').exitOverride();
  addRepair(program);
  process.exitCode = 0;
  await program.parseAsync(['repair', ...args], { from: 'user' });
  vi.restoreAllMocks();
  return { ...said, code: process.exitCode };
}

it('says what it would do, does it, and has nothing to do then', async () => {
  const looked = await repair(folder, '--check');
  expect(looked.code).toBe(1);
  expect(looked.stderr).toMatch(/b\.mcap\.part: repairable; .*not finished\n {2}kept \d+ messages over/);
  expect(existsSync(part)).toBe(true);
  const { stdout, code } = await repair(folder, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ schema: 'surepick/dataset_repair', repaired: 1, repairable: 0, whole: 1, lost: 0, refused: [] },
    files: [{ state: 'whole' }, { state: 'repaired', result: part.slice(0, -5), original: `${part}.damaged` }],
  });
  expect(await repair(folder)).toMatchObject({ code: 0, stderr: '2 whole\n', stdout: '' });
});

it('repairs one file, without its original when told so', async () => {
  expect((await repair(part, '--replace')).stderr).toContain(`now ${part.slice(0, -5)}`);
  expect(readdirSync(join(folder, 'episodes'))).toEqual(['a.mcap', 'b.mcap']);
});

it('refuses what is being written, what is not there, and what is no recording', async () => {
  const writing = setInterval(() => utimesSync(part, new Date(), new Date()), 100);
  utimesSync(part, new Date(), new Date());
  await expect(repair(part)).rejects.toThrow(/is still being written; repair it when its recorder has ended/);
  clearInterval(writing);
  await expect(repair(join(folder, 'none'))).rejects.toThrow(/none: does not exist/);
  const other = join(folder, 'other.mcap');
  writeFileSync(other, 'PK');
  await expect(repair(other)).rejects.toThrow(/is not an MCAP file, nor is any part of one in it/);
  const told = await repair(folder);
  expect(told.code).toBe(1);
  expect(told.stderr).toContain('not repaired: recording');
});
