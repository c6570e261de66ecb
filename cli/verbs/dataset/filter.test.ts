import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { readIndex } from '../../../datasets/index.ts';
import { lastJson } from '../../../test/support/cli.ts';
import { hostedCli } from '../../../test/support/cli_host.ts';
import { writeSmallDataset } from '../../../test/support/small_dataset.ts';

const filterJson = z.looseObject({
  schema: z.literal('surepick/dataset_filter'),
  complete: z.boolean(),
  revision: z.number(),
  episodes: z.array(z.string()),
  copied: z.number(),
  split: z.looseObject({ level: z.string(), counts: z.record(z.string(), z.number()) }).nullable(),
  leaks: z.array(z.unknown()),
  weights: z.record(z.string(), z.number()).optional(),
});

let scratch = '';
beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'filter verb '));
  const scored = (id: string, score: number, task: string, object: string) => ({
    ...{ id, task, objects: [object], scene_sha256: id.repeat(64).slice(0, 64) },
    quality: { score, findings: [] },
  });
  await writeSmallDataset(join(scratch, 'cups'), [
    scored('a', 1, 'sort', 'cup'),
    scored('b', 0.9, 'pick-place', 'box'),
    scored('c', 0.3, 'pick-place', 'ball'),
    scored('d', 0.95, 'pick-place', 'can'),
  ]);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const filter = (...args: string[]) =>
  hostedCli(['dataset', 'filter', ...args], scratch, { XDG_CONFIG_HOME: scratch, XDG_STATE_HOME: scratch });

it('makes a dataset of what meets the condition, with parts and weights, and notes it in the first', async () => {
  const args = ['--where', 'quality.score >= 0.9', '--split', '34/33/33', '--weights', 'task', '--out', 'good'];
  const ended = await filter('cups', ...args, '--json');
  expect(ended.code, ended.stderr).toBe(0);
  const { episodes, complete, revision, copied, split, leaks, weights } = lastJson(ended, filterJson);
  expect({ episodes, complete, revision, copied, leaks }).toEqual({
    ...{ episodes: ['a', 'b', 'd'], complete: true, revision: 1, copied: 3, leaks: [] },
  });
  expect(split).toMatchObject({ level: 'kinds', counts: { train: 1, validation: 1, test: 1 } });
  // Half of what is drawn is of the one episode that sorts.
  expect(weights?.a).toBeCloseTo(1.5, 2);
  expect(weights?.b).toBeCloseTo(0.75, 2);
  expect(weights?.d).toBeCloseTo(0.75, 2);
  expect(readIndex(join(scratch, 'good')).episodes.map(({ id }) => id)).toEqual(['a', 'b', 'd']);
  expect(readdirSync(join(scratch, 'good', 'episodes')).sort()).toEqual(['a.mcap', 'b.mcap', 'd.mcap']);
  expect(readIndex(join(scratch, 'cups')).products).toMatchObject([{ kind: 'dataset', episodes: ['a', 'b', 'd'] }]);
});

it('changes parts and name of the one input where that is the output, and leaves none of its episodes out', async () => {
  const ended = await filter('cups', '--out', 'cups', '--split', '50/50', '--name', 'mugs', '--json');
  expect(ended.code, ended.stderr).toBe(0);
  const { revision, copied, split } = lastJson(ended, filterJson);
  expect({ revision, copied, counts: split?.counts }).toEqual({
    ...{ revision: 4, copied: 0, counts: { train: 2, validation: 2, test: 0 } },
  });
  const { name, episodes } = readIndex(join(scratch, 'cups'));
  expect(name).toBe('mugs');
  expect(new Set(episodes.map((episode) => episode.split))).toEqual(new Set(['train', 'validation']));
  const refused = await filter('cups', '--out', 'cups', '--where', 'quality.score > 0.5');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/c would be left out.*dataset purge/);
  expect(readIndex(join(scratch, 'cups')).revision).toBe(4);
});

it('names the column of what a condition does not know, and writes nothing', async () => {
  const { code, stderr, stdout } = await filter('cups', '--where', "task == 'sort'", 'tusk == 1', '--out', 'new');
  expect(code).toBe(2);
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^error: .*column 1: tusk is no field/)]);
  expect(stdout).toBe('');
  expect(existsSync(join(scratch, 'new'))).toBe(false);
});

it('refuses a folder with other things in it, and conditions that nothing meets', async () => {
  writeFileSync(join(scratch, 'mine.txt'), '');
  for (const [args, line] of [
    [['--out', '.'], /must be new or empty/],
    [['--out', 'new', '--where', 'quality.score < 0.1'], /no episode of 4 meets all conditions/],
  ] as const) {
    const { code, stderr } = await filter('cups', ...args);
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(line);
  }
});
