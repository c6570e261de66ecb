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
    it('recorded or not; of an episode alone, after others and beside them', {
      timeout: 300_000,
    }, async () => {
      const one = await sim(...all, ...trace('batch'));
      // What differs in the short form is told apart in the long one: by being recorded, by being alone, by the workers.
      const part = LONG ? all : last;
      const recorded = ['run', '--seed', SEED, '--json', ...part, ...trace('alone'), '--out', join(scratch, 'run')];
      const ended = await (LONG ? hostedCli : cli)([...recorded, '--workers', String(sweep(1, 2))], scratch);
      const run = lastJson(ended, runJson);
      expect(ended.code).toBe(0);
      const failures = (of: typeof one) => of.failures.map(({ episode, ...why }) => ({ episode, ...why }));
      const among = failures(one).filter(({ episode }) => LONG || episode === episodes - 1);
      expect(failures(run)).toEqual(among);
      if (LONG) {
        const two = await sim(...all, '--workers', '2');
        expect([two.digest, failures(two)]).toEqual([one.digest, failures(one)]);
        expect(run.digest).toBe(one.digest);
        await play(cli, [...last, ...trace('alone')]);
      }
      expectSameLines('batch', 'alone');
    });

    it('in randomised worlds, with any number of workers, and when they are played again from what was written down', {
      timeout: 300_000,
    }, async () => {
      const world = [...EXPERT, '--randomize', 'hard', '--objects', 'test'];
      const one = await sim(...world, ...all, ...trace('random'));
      const again = await sim('--replay', join(scratch, 'random.jsonl'), '--workers', '2');
      expect(again.digest).toBe(one.digest);
      if (!LONG) return;
      const two = await sim(...world, ...all, '--workers', '2');
      const by_one = await sim('--replay', join(scratch, 'random.jsonl'), '--workers', '1');
      expect([two.digest, by_one.digest]).toEqual([one.digest, one.digest]);
    });

    // In the short form stack/episode.test.ts tells them apart, by the beginnings of their episodes.
    it.runIf(LONG)('another seed and another kind of world give other digests', async () => {
      const plain = [...EXPERT, '--episodes', '1'];
      const worlds = [[], ['--randomize', 'hard', '--objects', 'test'], ['--seed', '2']];
      const digests: string[] = [];
      for (const world of worlds) digests.push((await sim(...plain, ...world)).digest);
      expect(new Set(digests).size).toBe(worlds.length);
    });
  });
}
