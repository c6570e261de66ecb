import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../../../test/support/cli.ts';
import { ReplayBench, SPEEDY } from '../../../test/support/replays.ts';

const bench = new ReplayBench();
const { folder } = bench;
afterAll(() => bench.close());

const surepick = (...args: string[]) => cli(args, folder);
const json = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');

describe('surepick dataset replay and card', () => {
  let digests: readonly string[] = [];
  beforeAll(async () => {
    digests = await bench.recordRun('w1', 2, SPEEDY, 0.4);
  });

  it('replays what is recorded, and shows it as a page', async () => {
    const args = ['dataset', 'replay', 'w1', '--workers', '1', '--out', 'r.html', '--json'];
    const { code, stdout, stderr } = await surepick(...args);
    expect(code, stderr).toBe(0);
    const tally = json(stdout);
    expect(tally).toMatchObject({ schema: 'surepick/dataset_replay', mode: 'closed_loop' });
    expect(tally).toMatchObject({ same: 2, asked: 2, interrupted: false });
    expect(tally.replays.map(({ digest }: { digest: object }) => digest)).toEqual(
      digests.map((digest) => ({ recorded: digest, replayed: digest })),
    );
    expect(stderr).toContain('/diagnostics/latency');
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain('2 of 2 replayed to the byte');
  });

  it('plays commands in the other engine, and tells how far it drifts', async () => {
    const { code, stdout, stderr } = await surepick(
      'dataset',
      'replay',
      'w1',
      '--episodes',
      '0',
      '--engine',
      'other',
      '--out',
      'd.html',
      '--json',
    );
    expect(code, stderr).toBe(0);
    const [driven] = json(stdout).replays;
    expect(driven).toMatchObject({ result: 'played', recorded_engine: 'cannon', engine: 'mujoco' });
    expect(driven.tool.mm.p95).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'd.html'), 'utf8')).toMatch(/data-drift="tool-0"/);
  });

  it('shows a run as a page, and prints its numbers', async () => {
    const { code, stdout, stderr } = await surepick('dataset', 'card', 'w1', '--out', 'card.html', '--json');
    expect(code, stderr).toBe(0);
    expect(json(stdout)).toMatchObject({
      schema: 'surepick/dataset_card',
      episodes: 2,
      signature: { status: 'unsigned' },
    });
    expect(readFileSync(join(folder, 'card.html'), 'utf8')).toMatch(/<h1>w1<\/h1>/);
  });

  it('refuses in one line what it cannot use', async () => {
    const refused: [string[], RegExp][] = [
      [['dataset', 'replay', 'nowhere'], /nowhere: must be a recording/],
      [['dataset', 'card', 'w1', '--out', 'no/where.html'], /cannot be written|no\/where/],
    ];
    const ended = await Promise.all(refused.map(async ([args, said]) => ({ said, ...(await surepick(...args)) })));
    for (const { code, stderr, said } of ended) {
      expect(code, stderr).toBe(2);
      expect(stderr.trim().split('\n').at(-1)).toMatch(said);
    }
  });

  it('ends with 1 where one of them is damaged, and says which', async () => {
    const file = join(folder, 'w1', 'episodes', 'episode-0001.mcap');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(file, bytes);
    const { code, stdout } = await surepick('dataset', 'replay', 'w1', '--episodes', '1', '--json');
    expect(code).toBe(1);
    expect(json(stdout).replays.map(({ result }: { result: string }) => result)).toEqual(['damaged']);
  });
});
