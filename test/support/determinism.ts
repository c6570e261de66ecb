import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { batchJson, cli, lastJson, runJson } from './cli.ts';
import { hostedCli } from './cli_host.ts';
import { LONG, sweep } from './sweep.ts';

const traceLine = z.looseObject({ episode: z.number() });
/** In its episodes the hand hides what is looked for, for as long as it takes to be found fault with. */
const SEED = '77';
const EXPERT = ['--policy', 'expert', '--observation', 'state'];

/**
 * Same options, same bytes, at the command line: in a process that has played other batches before, and in one of its own.
 *
 * @param episodes  of each batch, two at least
 */
export function describeDeterminism(episodes: number): void {
  const scratch = mkdtempSync(join(tmpdir(), 'surepick-determinism-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const play = async (run: typeof cli, args: readonly string[]): Promise<z.infer<typeof batchJson>> => {
    const ended = await run(['sim', '--seed', SEED, '--json', ...args], scratch);
    expect(ended).toMatchObject({ code: 0 });
    return lastJson(ended, batchJson);
  };
  const sim = (...args: string[]) => play(hostedCli, args);
  const all = ['--episodes', String(episodes)];
  const last = ['--first', String(episodes - 1), '--episodes', '1'];
  const trace = (name: string) => ['--trace', join(scratch, `${name}.jsonl`)];
  const lines = (name: string) =>
    readFileSync(join(scratch, `${name}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n');

  /** The last episode of the batch's trace has the lines of the one that was played alone. */
  const expectSameLines = (batch: string, alone: string): void => {
    const among = lines(batch).filter((line) => traceLine.parse(JSON.parse(line)).episode === episodes - 1);
    const single = lines(alone);
    const differs = among.findIndex((line, i) => line !== single[i]);
    expect(among.length).toBeGreaterThan(100);
    expect({ lines: single.length, differs, of: single[differs] }).toEqual({
      lines: among.length,
      differs: -1,
      of: undefined,
    });
  };

  describe('same options, same bytes', () => {
    it('with one worker, with two, and recorded; of an episode alone and after others', {
      timeout: 300_000,
    }, async () => {
      const one = await sim(...all, ...trace('batch'));
      const out = join(scratch, 'run');
      // What differs in the short form is told apart in the long one: by the workers, or by the recording.
      const two = LONG ? await sim(...all, '--workers', '2') : null;
      const recorded = ['run', '--seed', SEED, '--json', ...all, '--workers', String(sweep(2, 1)), '--out', out];
      const ended = await hostedCli(recorded, scratch);
      const run = lastJson(ended, runJson);
      expect({ code: ended.code, digest: run.digest }).toEqual({ code: 0, digest: one.digest });
      expect({ ...run.failures }).toEqual({ ...one.failures });
      if (two !== null) expect([two.digest, { ...two.failures }]).toEqual([one.digest, { ...one.failures }]);
      await play(cli, [...last, ...trace('alone')]);
      expectSameLines('batch', 'alone');
    });

    it('in randomised worlds, with any number of workers, and when they are played again from what was written down', {
      timeout: 300_000,
    }, async () => {
      const world = [...EXPERT, '--randomize', 'hard', '--objects', 'test'];
      const one = await sim(...world, ...all, ...trace('random'));
      const two = await sim(...world, ...all, '--workers', '2');
      const again = await sim('--replay', join(scratch, 'random.jsonl'), '--workers', String(sweep(1, 2)));
      const plain = await sim(...EXPERT, ...all);
      expect([two.digest, again.digest]).toEqual([one.digest, one.digest]);
      expect(plain.digest).not.toBe(one.digest);
    });

    it('another seed gives another digest', async () => {
      const one = await sim(...EXPERT, '--episodes', '1', '--seed', '1');
      const two = await sim(...EXPERT, '--episodes', '1', '--seed', '2');
      expect(one.digest).not.toBe(two.digest);
    });
  });
}
