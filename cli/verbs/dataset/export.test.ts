import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exportLerobot, exportMcap, openDataset, readIndex } from '../../../datasets/index.ts';
import { lastJson } from '../../../test/support/cli.ts';
import { hostedCli } from '../../../test/support/cli_host.ts';
import { DRAWN_JOINTS, drawnDataset } from '../../../test/support/lerobot_dataset.ts';
import { differingFiles, setContents } from '../../../test/support/set_contents.ts';

const IDS = ['drawn-0', 'drawn-1', 'drawn-2'];
const REVERSED = [...DRAWN_JOINTS].reverse();
const ARM = { joints: DRAWN_JOINTS, commanded: REVERSED, cameras: ['front'] };

const folder = mkdtempSync(join(tmpdir(), 'surepick-export-cli-'));
beforeAll(async () => {
  await drawnDataset(join(folder, 'cups'), [
    { ...ARM, seconds: 0.7, split: 'train', text: 'Lift it.' },
    { ...ARM, seconds: 0.5, split: 'train', success: false },
    { ...ARM, seconds: 0.6, split: 'test' },
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OWN = { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') };
const surepick = (...args: string[]) => hostedCli(['dataset', ...args], folder, OWN);

async function done<T>(schema: z.ZodType<T>, ...args: string[]): Promise<T> {
  const ended = await surepick(...args, '--json');
  expect(ended.code, ended.stderr).toBe(0);
  return lastJson(ended, schema);
}

const lerobotJson = z.looseObject({
  schema: z.literal('surepick/dataset_export'),
  format: z.literal('lerobot'),
  complete: z.literal(true),
  episodes: z.number(),
  rows: z.number(),
  fps: z.number(),
  splits: z.record(z.string(), z.string()),
  action: z.strictObject({ as_state: z.boolean(), how: z.string() }),
  not_held: z.array(z.string()),
  skipped: z.array(z.unknown()),
});
const mcapJson = z.looseObject({
  schema: z.literal('surepick/dataset_export'),
  format: z.literal('mcap'),
  complete: z.literal(true),
  messages: z.number(),
  kept: z.array(z.string()),
  episodes: z.array(z.looseObject({ id: z.string() })),
});
const importJson = z.looseObject({
  schema: z.literal('surepick/dataset_import'),
  format: z.string(),
  complete: z.literal(true),
  episodes: z.unknown(),
});
const features = z.looseObject({
  features: z.record(z.string(), z.looseObject({ names: z.array(z.string()).nullable().optional() })),
});

describe('surepick dataset export and import', () => {
  it('write a LeRobot set, the same with any number of readers and after an interruption, and read it', async () => {
    const made = await done(lerobotJson, 'export', 'cups', '--format', 'lerobot', '--out', 'set', '--workers', '2');
    expect(made).toMatchObject({ episodes: 3, fps: 10, splits: { train: '0:2', test: '2:3' }, skipped: [] });
    expect(made.action).toEqual({ as_state: true, how: 'that of observation.state' });
    const info = features.parse(JSON.parse(readFileSync(join(folder, 'set', 'meta', 'info.json'), 'utf8')));
    expect(info.features.action.names).toEqual(DRAWN_JOINTS.map((name) => `${name}.pos`));
    expect(readIndex(join(folder, 'cups')).products).toMatchObject([
      { kind: 'export', format: 'lerobot', told: join(folder, 'set'), episodes: IDS },
    ]);

    const dataset = await openDataset(join(folder, 'cups'));
    const stop = new AbortController();
    const cut = await exportLerobot({
      ...{
        dataset,
        episodes: dataset.index.episodes,
        out: join(folder, 'cut'),
        fps: null,
        cameras: null,
        depth: false,
      },
      ...{ float64: false, video: null, workers: 1, resume: false, signal: stop.signal, onEpisode: () => stop.abort() },
    });
    expect(cut.complete).toBe(false);
    const refused = await surepick('export', 'cups', '--format', 'lerobot', '--out', 'cut');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--resume goes on')]);
    await done(lerobotJson, 'export', 'cups', '--format', 'lerobot', '--out', 'cut', '--workers', '1', '--resume');
    const own = ['surepick_export.json'];
    const [whole, again] = ['set', 'cut'].map((out) => setContents(join(folder, out), own));
    expect(differingFiles(whole, again)).toEqual([]);

    const back = await done(importJson, 'import', 'set', '--format', 'lerobot', '--out', 'back', '--name', 'again');
    expect(back).toMatchObject({ format: 'lerobot', episodes: 3, skipped: [] });
    const index = readIndex(join(folder, 'back'));
    expect(index.name).toBe('again');
    expect(index.episodes.map(({ outcome, split }) => [outcome.success, split])).toEqual([
      [true, 'train'],
      [false, 'train'],
      [true, 'test'],
    ]);
  });

  it('write rosbag2 bags, keep those that an interruption left, and read them', async () => {
    const made = await done(mcapJson, 'export', 'cups', '--format', 'mcap', '--out', 'bags');
    expect(made.episodes.map(({ id }) => id)).toEqual(IDS);
    expect(made.kept).toEqual([]);
    const { episodes } = readIndex(join(folder, 'cups'));
    const recorded = episodes.flatMap(({ signals }) => signals).reduce((sum, { messages }) => sum + messages, 0);
    expect(made.messages).toBe(recorded);

    const dataset = await openDataset(join(folder, 'cups'));
    const stop = new AbortController();
    await exportMcap({
      ...{ dataset, episodes, out: join(folder, 'cut bags'), topics: null, from_s: null, to_s: null, merge: false },
      ...{ resume: false, signal: stop.signal, onEpisode: () => stop.abort() },
    });
    expect(readdirSync(join(folder, 'cut bags')).sort()).toEqual(['drawn-0', 'export.json']);
    const more = await done(mcapJson, 'export', 'cups', '--format', 'mcap', '--out', 'cut bags', '--resume');
    expect(more.kept).toEqual(['drawn-0']);
    const bags = ['bags', 'cut bags'].map((out) => setContents(join(folder, out), ['export.json']));
    expect(differingFiles(bags[0], bags[1])).toEqual([]);

    const some = [
      'export',
      'cups',
      '--format',
      'mcap',
      '--out',
      'some',
      '--episodes',
      '0,2',
      '--topics',
      '/joint_states',
    ];
    const { messages } = await done(mcapJson, ...some);
    const of = (k: number) => episodes[k].signals.find(({ topic }) => topic === '/joint_states')?.messages ?? 0;
    expect(messages).toBe(of(0) + of(2));

    const back = await done(importJson, 'import', 'bags', '--format', 'rosbag2', '--out', 'of_bags');
    expect(back).toMatchObject({ format: 'rosbag2', episodes: IDS, revision: 1 });
    // A dataset may be added to.
    const added = await done(importJson, 'import', 'some', '--format', 'rosbag2', '--out', 'of_bags');
    expect(added).toMatchObject({ episodes: [expect.any(String), expect.any(String)], revision: 2 });
    expect(readIndex(join(folder, 'of_bags')).episodes).toHaveLength(5);
    const told = readIndex(join(folder, 'of_bags')).episodes.find(({ text }) => text === 'Lift it.');
    expect(told?.outcome.success).toBe(true);
  });

  it.each<[string, string[], RegExp]>([
    [
      'a folder that holds something',
      ['export', 'cups', '--format', 'lerobot', '--out', 'full'],
      /--out full: must be new/,
    ],
    ['one for bags, too', ['export', 'cups', '--format', 'mcap', '--out', 'full'], /--out full: must be new or empty/],
    ['one to import to', ['import', 'cups', '--format', 'lerobot', '--out', 'full'], /cups|--out full/],
    ['an unknown format', ['export', 'cups', '--format', 'zarr', '--out', 'new'], /zarr.*lerobot, mcap/],
    ['an unknown format to read', ['import', 'cups', '--format', 'zarr', '--out', 'new'], /zarr.*lerobot, rosbag2/],
    ['no format', ['export', 'cups', '--out', 'new'], /--format/],
    ['no dataset', ['export', 'nowhere', '--format', 'mcap', '--out', 'new'], /nowhere/],
    [
      'an episode that is not there',
      ['export', 'cups', '--format', 'mcap', '--out', 'new', '--episodes', '7'],
      /0 to 2/,
    ],
    [
      'a time that is over',
      ['export', 'cups', '--format', 'mcap', '--out', 'new', '--from', '2', '--to', '1'],
      /--to 1/,
    ],
    ['a rate that is none', ['export', 'cups', '--format', 'lerobot', '--out', 'new', '--fps', '0'], /--fps/],
  ])('refuse %s in one line, with exit code 2', async (_, args, said) => {
    mkdirSync(join(folder, 'full'), { recursive: true });
    writeFileSync(join(folder, 'full', 'notes.txt'), 'mine');
    const { code, stdout, stderr } = await surepick(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(said);
    expect(existsSync(join(folder, 'new'))).toBe(false);
    expect(readdirSync(join(folder, 'full'))).toEqual(['notes.txt']);
  });

  it('export nothing of people who refused', async () => {
    const tagged = await surepick('tag', 'cups', '--episodes', 'drawn-1', '--consent', 'refused');
    expect(tagged.code, tagged.stderr).toBe(0);
    const made = await done(lerobotJson, 'export', 'cups', '--format', 'lerobot', '--out', 'agreed', '--workers', '1');
    expect(made).toMatchObject({ episodes: 2, left_out: expect.anything() });
    const names = readFileSync(join(folder, 'agreed', 'surepick_export.json'), 'utf8');
    expect([names.includes('drawn-0'), names.includes('drawn-1')]).toEqual([true, false]);
  });
});
