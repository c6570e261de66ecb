import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { readIndex } from '../../../datasets/index.ts';
import { lastJson } from '../../../test/support/cli.ts';
import { hostedCli } from '../../../test/support/cli_host.ts';
import { writeSmallDataset } from '../../../test/support/small_dataset.ts';

const qualityJson = z.looseObject({
  schema: z.literal('surepick/dataset_quality'),
  kind: z.literal('dataset'),
  revision: z.number(),
  complete: z.boolean(),
  episodes: z.array(
    z.object({
      id: z.string(),
      score: z.number(),
      findings: z.array(z.object({ check: z.string(), severity: z.string(), from_s: z.number(), to_s: z.number() })),
    }),
  ),
});

let scratch = '';
let folder = '';
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'quality verb '));
  folder = join(scratch, 'cups');
  await writeSmallDataset(folder, [{ id: 'good' }, { id: 'torn', gap: true }]);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const quality = (...args: string[]) =>
  hostedCli(['dataset', 'quality', ...args], scratch, { XDG_CONFIG_HOME: scratch });

it('scores episodes, keeps scores in the index, writes a page, and fails below a wanted score', async () => {
  const ended = await quality(folder, '--json', '--out', join(scratch, 'pages', 'q.html'), '--min-score', '0.9');
  expect(ended.code, ended.stderr).toBe(1);
  const { revision, complete, episodes } = lastJson(ended, qualityJson);
  expect({ revision, complete }).toEqual({ revision: 4, complete: true });
  expect(episodes).toMatchObject([
    { id: 'good', score: 1, findings: [] },
    { id: 'torn', score: 0.8, findings: [{ check: 'gaps', severity: 'minor', from_s: 1, to_s: 1.6 }] },
  ]);
  expect(ended.stderr).toContain('below 0.9: torn 0.80');
  expect(ended.stderr).toContain('1 of 2 episodes without a finding');
  const index = readIndex(folder);
  expect(index.revision).toBe(4);
  expect(index.episodes.map((episode) => episode.quality?.score)).toEqual([1, 0.8]);
  expect(readFileSync(join(scratch, 'pages', 'q.html'), 'utf8')).toContain('id="episode-torn"');
});

it('is done with 0 where nothing is asked for, and prints nothing on stdout', async () => {
  expect(await quality(folder)).toMatchObject({ code: 0, stdout: '' });
});

it.each([
  [['nowhere'], /nowhere.*dataset\.json/],
  [['cups', '--out', 'cups/dataset.json/q.html'], /out cups\/dataset\.json\/q\.html.*cannot be written/],
])('refuses %j in one line', async (args, line) => {
  const { code, stderr } = await quality(...args);
  expect(code, stderr).toBe(2);
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(line);
});
