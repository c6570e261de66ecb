import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostedCli } from '../../../test/support/cli_host.ts';
import { expectDrifts, expectReplayed } from '../../../test/support/replay_verb.ts';
import { ReplayBench, SPEEDY } from '../../../test/support/replays.ts';

const bench = new ReplayBench();
const { folder } = bench;
afterAll(() => bench.close());

const surepick = (...args: string[]) => hostedCli(args, folder);
const json = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');

describe('surepick dataset replay and card', () => {
  let digests: readonly string[] = [];
  beforeAll(async () => {
    digests = await bench.recordRun('w1', 2, SPEEDY, 0.4);
  });

  it('replays what is recorded, and shows it as a page', () => expectReplayed(hostedCli, folder, 'w1', 1, digests));

  it('plays commands in the other engine, and tells how far it drifts', () => expectDrifts(hostedCli, folder, 'w1'));

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

  it.each<[string[], RegExp]>([
    [['dataset', 'replay', 'nowhere'], /nowhere: must be a recording/],
    [['dataset', 'card', 'w1', '--out', 'no/where.html'], /cannot be written|no\/where/],
  ])('refuses %j in one line', async (args, said) => {
    const { code, stderr } = await surepick(...args);
    expect(code, stderr).toBe(2);
    expect(stderr.trim().split('\n').at(-1)).toMatch(said);
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
