import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { DRAWN_JOINTS, type DrawnEpisode, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { differingFiles, setContents } from '../../test/support/set_contents.ts';
import { LONG } from '../../test/support/sweep.ts';
import { episodePath, openDataset, readPictures, readSeries } from '../index.ts';
import { exportLerobot, type LerobotExportOptions } from './export_lerobot.ts';

const NONE: Readonly<Record<string, number>> = {};
const ARM = { joints: DRAWN_JOINTS, cameras: ['front', 'wrist'] };
const DRAWN: readonly DrawnEpisode[] = [
  { ...ARM, seconds: 1.4, text: 'Lift it.', split: 'train' },
  { ...ARM, seconds: 0.9, text: 'Put it down.', success: false, split: 'test' },
  { ...ARM, seconds: 1.1, text: 'Lift it.', split: 'train' },
  { ...ARM, seconds: 1.2, text: 'Lift it.', split: 'train' },
];

const SHORT = { ...ARM, seconds: 0.05 };
const TINY = { ...ARM, seconds: 0.2 };
const MIXED = [...DRAWN, SHORT, ...DRAWN.slice(0, LONG ? 4 : 2)];
/** The last three cannot be exported with the first. */
const WITH_BAD = [...MIXED, { ...TINY, joints: ['other'] }, TINY, TINY];
/** Episodes after which an export is interrupted, again and again. */
const INTERRUPTIONS = LONG ? [[1], [3, 5], [2, 4, 6, 8]] : [[3, 5]];

const folder = mkdtempSync(join(tmpdir(), 'surepick-lerobot-'));
const source = join(folder, 'drawn');
beforeAll(async () => {
  await drawnDataset(source, WITH_BAD);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @param which  positions of the episodes */
async function exported(name: string, which: readonly number[], more: Partial<LerobotExportOptions> = {}) {
  const dataset = await openDataset(source);
  const episodes = which.map((k) => dataset.index.episodes[k]);
  return exportLerobot({
    ...{ dataset, episodes, out: join(folder, name), fps: 10, cameras: null, depth: false, float64: false },
    ...{ video: null, workers: 1, resume: false },
    ...more,
  });
}

describe('export as a LeRobot set', () => {
  it('is whole and the same after interruptions anywhere, and with any number of readers', async () => {
    const all = [...MIXED.keys()];
    const small = { data_file_bytes: 40_000 };
    await exported('whole', all, small);
    const whole = setContents(join(folder, 'whole'));
    expect([...whole.keys()].filter((path) => path.startsWith('data/')).length).toBeGreaterThan(2);
    await exported('three', all, { ...small, workers: 3 });
    expect(differingFiles(whole, setContents(join(folder, 'three')))).toEqual([]);
    for (const ends of INTERRUPTIONS) {
      const name = `cut-${ends.join('-')}`;
      const out = join(folder, name);
      for (const [k, end] of ends.entries()) {
        const stop = new AbortController();
        const onEpisode = (done: number) => done >= end && stop.abort();
        const cut = await exported(name, all, { ...small, signal: stop.signal, onEpisode, resume: k > 0 });
        expect(cut.complete).toBe(false);
        // A process that is killed leaves parts of files behind.
        mkdirSync(join(out, 'data', 'chunk-000'), { recursive: true });
        writeFileSync(join(out, 'data', 'chunk-000', 'file-001.parquet.part'), 'half');
        appendFileSync(join(out, 'surepick_export.progress.jsonl'), '{"bytes":12,"fea');
      }
      const last = await exported(name, all, { ...small, resume: true });
      expect(last.complete).toBe(true);
      const left = setContents(out, ['file-001.parquet.part']);
      expect(differingFiles(whole, left), ends.join(', ')).toEqual([]);
    }
    await expect(exported('whole', all)).rejects.toThrow(/holds a whole export/);
  });

  it('goes on only with what it was begun with', async () => {
    const stop = new AbortController();
    await exported('begun', [0, 1], { signal: stop.signal, onEpisode: () => stop.abort() });
    await expect(exported('begun', [0, 1])).rejects.toThrow('was interrupted: --resume goes on');
    await expect(exported('begun', [0, 1], { resume: true, fps: 20 })).rejects.toThrow('with other options');
  });

  it('names what it leaves out, and why', async () => {
    const { episodes } = (await openDataset(source)).index;
    const [other, longer, empty] = [-3, -2, -1].map((k) => episodes.length + k);
    appendFileSync(join(source, episodes[longer].file), 'x');
    writeFileSync(join(source, episodes[empty].file), '');
    const { report } = await exported('good', [0, 1, DRAWN.length, other, longer, empty]);
    expect(report?.episodes.map(({ id }) => id)).toEqual(['drawn-0', 'drawn-1']);
    expect(Object.fromEntries((report?.skipped ?? []).map(({ id, why }) => [id, why]))).toEqual({
      [`drawn-${DRAWN.length}`]: expect.stringMatching(/^[01] rows; 2 are the fewest/),
      [`drawn-${other}`]: expect.stringContaining('observation.state is float32 1 other.pos, not float32 4'),
      [`drawn-${longer}`]: 'its recording is not the one that the index names',
      [`drawn-${empty}`]: 'its recording is not the one that the index names',
    });
    expect(report?.left_out).toMatchObject([{ topic: '/rosout', episodes: 2 }]);
    expect(report?.action).toEqual({ as_state: true, how: 'that of observation.state' });
    // Samples come every 20 ms, up to 4 ms late; pictures every fifth.
    const { max_age_s } = report?.timing ?? { max_age_s: NONE };
    expect(max_age_s['observation.state']).toBeLessThanOrEqual(0.024);
    expect(max_age_s['observation.images.front']).toBeLessThanOrEqual(0.104);
    expect(report?.precision.max_change['observation.state']).toBeLessThan(2 ** -24);
    expect(report?.units['observation.state']).toEqual(['rad', 'rad', 'rad', 'm']);
  });

  it('is read by pyarrow and pandas: every value is the newest sample at its row', async (context) => {
    const environment = await pythonEnvironment('parquet', ['pyarrow==21.0.0', 'pandas==2.3.3']);
    if ('missing' in environment) return requirePeer(context, 'parquet', environment.missing, false);
    const out = join(folder, 'set');
    await exported('set', [0, 1, 2, 3], { fps: 20, data_file_bytes: 60_000 });
    const script = join(PACKAGE_ROOT, 'test', 'support', 'parquet_reader.py');
    const { stdout } = await promisify(execFile)(environment.python, [script, out], { maxBuffer: 1 << 28 });
    const read = SET.parse(JSON.parse(stdout));
    expect(read.task_index_name).toBe('task');
    expect(read.tasks).toEqual({ 'Lift it.': 0, 'Put it down.': 1 });
    expect(read.info).toMatchObject({ codebase_version: 'v3.0', fps: 20, splits: { train: '0:3', test: '3:4' } });
    expect(read.data.length).toBeGreaterThan(1);
    const rows = read.data.flatMap((file) => file.rows);
    expect(rows.map(({ index }) => index)).toEqual(rows.map((_, k) => k));
    const dataset = await openDataset(source);
    const ordered = [0, 2, 3, 1].map((k) => dataset.index.episodes[k]);
    for (const [k, episode] of ordered.entries()) {
      const path = episodePath(dataset, episode);
      const series = await readSeries(path);
      const pictures: { t: number; sha256: string }[] = [];
      for await (const { stamp_ns, data } of readPictures(path, ['/front/color/image_raw/compressed']))
        pictures.push({
          t: Number(stamp_ns - series.start_ns) / 1e9,
          sha256: createHash('sha256').update(data).digest('hex'),
        });
      const { joints, command } = series;
      if (joints === null || command === null) throw new Error('the drawn episode has no joints');
      const told = read.episodes[k];
      const own = rows.slice(told.dataset_from_index, told.dataset_to_index);
      expect(told).toMatchObject({ episode_index: k, length: own.length, tasks: [episode.text] });
      const newest = (times: ArrayLike<number>, t: number) => Array.from(times).findLastIndex((at) => at <= t + 1e-6);
      const first_s = Math.max(joints.time_s[0], command.time_s[0], pictures[0].t);
      const values = (all: Float64Array, at: number) =>
        Array.from(all.subarray(joints.names.length * at, joints.names.length * (at + 1)), Math.fround);
      own.forEach((row, frame) => {
        const t = first_s + frame / 20;
        const at = newest(joints.time_s, t);
        expect(row['observation.state']).toEqual(values(joints.position, at));
        expect(row['observation.effort']).toEqual(values(joints.effort, at));
        expect(row.action).toEqual(values(command.position, newest(command.time_s, t)));
        const picture =
          pictures[
            newest(
              pictures.map((each) => each.t),
              t,
            )
          ];
        expect(row['observation.images.front']).toMatchObject({ bytes: picture.sha256 });
        expect(row).toMatchObject({ frame_index: frame, episode_index: k, timestamp: Math.fround(frame / 20) });
        expect(row['next.done']).toBe(frame === own.length - 1);
        expect(row['next.success']).toBe(frame === own.length - 1 && episode.outcome.success);
      });
      const last = newest(joints.time_s, first_s + own.length / 20);
      expect(joints.time_s[last]).toBeLessThan(first_s + own.length / 20);
    }
    const groups = read.data.flatMap((file) => file.groups);
    expect(groups).toEqual(read.episodes.map(({ length }) => length));
    const positions = rows.map((row) => z.array(z.number()).parse(row['observation.state'])[1]);
    const mean = positions.reduce((sum, value) => sum + value, 0) / positions.length;
    const { mean: means, std, count } = read.stats['observation.state'];
    expect(means[1]).toBeCloseTo(mean, 12);
    expect(std[1]).toBeCloseTo(
      Math.sqrt(positions.reduce((sum, q) => sum + (q - mean) ** 2, 0) / positions.length),
      12,
    );
    expect(count).toEqual([rows.length]);
    expect(read.stats['observation.images.front'].mean).toHaveLength(3);
    expect(JSON.parse(readFileSync(join(out, 'surepick_export.json'), 'utf8'))).toMatchObject({
      dataset: { name: 'drawn' },
    });
  });
});

const statistics = z.object({ mean: z.array(z.any()), std: z.array(z.any()), count: z.array(z.number()) });
const SET = z.object({
  data: z.array(z.object({ rows: z.array(z.record(z.string(), z.unknown())), groups: z.array(z.number()) })),
  tasks: z.record(z.string(), z.number()),
  task_index_name: z.string(),
  episodes: z.array(
    z.looseObject({ dataset_from_index: z.number(), dataset_to_index: z.number(), length: z.number() }),
  ),
  stats: z.record(z.string(), statistics),
  info: z.looseObject({}),
});
