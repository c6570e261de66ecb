import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { batchJson, cli, lastJson, runJson } from './support/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-determinism-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const traceLine = z.looseObject({ episode: z.number() });
const EPISODES = 3;
const seed = ['--seed', '20'];

async function sim(...args: string[]): Promise<z.infer<typeof batchJson>> {
  const ended = await cli(['sim', ...seed, '--json', ...args], scratch);
  expect(ended).toMatchObject({ code: 0 });
  return lastJson(ended, batchJson);
}

describe('same options, same bytes', () => {
  it('with one worker, with two, and recorded', async () => {
    const one = await sim('--episodes', String(EPISODES));
    const two = await sim('--episodes', String(EPISODES), '--workers', '2');
    const ended = await cli(
      ['run', ...seed, '--json', '--episodes', String(EPISODES), '--out', join(scratch, 'run')],
      scratch,
    );
    const run = lastJson(ended, runJson);
    expect({ code: ended.code, two: two.digest, run: run.digest }).toEqual({
      code: 0,
      two: one.digest,
      run: one.digest,
    });
    expect({ ...two.failures }).toEqual({ ...one.failures });
  });

  it('of an episode alone and after others', async () => {
    await sim('--episodes', '3', '--trace', join(scratch, 'batch.jsonl'));
    await sim('--first', '2', '--episodes', '1', '--trace', join(scratch, 'alone.jsonl'));
    const lines = (name: string) => readFileSync(join(scratch, name), 'utf8').trimEnd().split('\n');
    const third = lines('batch.jsonl').filter((line) => traceLine.parse(JSON.parse(line)).episode === 2);
    const alone = lines('alone.jsonl');
    const differs = third.findIndex((line, i) => line !== alone[i]);
    expect(third.length).toBeGreaterThan(100);
    expect({ lines: alone.length, differs, of: alone[differs] }).toEqual({
      lines: third.length,
      differs: -1,
      of: undefined,
    });
  });

  it('in randomised worlds, with any number of workers, and when they are played again from what was written down', async () => {
    const world = ['--policy', 'expert', '--observation', 'state', '--randomize', 'hard', '--objects', 'test'];
    const trace = join(scratch, 'random.jsonl');
    const one = await sim(...world, '--episodes', '2', '--trace', trace);
    const two = await sim(...world, '--episodes', '2', '--workers', '2');
    const again = await sim('--replay', trace, '--workers', '2');
    const plain = await sim(...world.slice(0, 4), '--episodes', '2');
    expect([two.digest, again.digest]).toEqual([one.digest, one.digest]);
    expect(plain.digest).not.toBe(one.digest);
  });

  it('another seed gives another digest', async () => {
    const policy = ['--policy', 'expert', '--observation', 'state', '--episodes', '1'];
    const digests = await Promise.all(['1', '2'].map((other) => sim(...policy, '--seed', other)));
    expect(new Set(digests.map(({ digest }) => digest)).size).toBe(2);
  });
});
