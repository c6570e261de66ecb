import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { DRAWN_JOINTS, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { withFolder } from '../../test/support/recording.ts';
import { openDataset, readPictures, readSeries } from '../index.ts';
import { exportLerobot } from './export_lerobot.ts';
import { importLerobot } from './import_lerobot.ts';

/** lerobot 0.6 needs Python 3.12; 5.4 GB. An interpreter that has it already is taken from SUREPICK_LEROBOT_PYTHON. */
async function lerobot(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const own = process.env.SUREPICK_LEROBOT_PYTHON;
  return own ? { python: own } : pythonEnvironment('lerobot', ['lerobot[dataset]==0.6.1']);
}

async function run(python: string, script: string, ...args: string[]): Promise<string> {
  const path = join(PACKAGE_ROOT, 'test', 'support', script);
  return (await promisify(execFile)(python, [path, ...args], { maxBuffer: 1 << 26 })).stdout;
}

const seen = z.object({
  ...{ frames: z.number(), episodes: z.number(), fps: z.number(), robot: z.string().nullable() },
  ...{
    cameras: z.array(z.string()),
    depth: z.array(z.string()),
    tasks: z.array(z.string()),
    names: z.array(z.string()),
  },
  sums: z.record(z.string(), z.number()),
  shapes: z.record(z.string(), z.array(z.number())),
  highest: z.record(z.string(), z.number()),
});

it('lerobot reads every frame of a set that was exported', async (context) => {
  const environment = await lerobot();
  if ('missing' in environment) return requirePeer(context, 'lerobot', environment.missing, false);
  await withFolder(async (folder) => {
    const drawn = { joints: DRAWN_JOINTS, cameras: ['front', 'wrist'], depth: true };
    await drawnDataset(join(folder, 'a'), [
      { ...drawn, seconds: 1, text: 'Lift it.' },
      { ...drawn, seconds: 1.5, text: 'Put it down.' },
    ]);
    const dataset = await openDataset(join(folder, 'a'));
    const asked = { fps: 20, cameras: null, depth: true, float64: false, video: null, workers: 1, resume: false };
    const made = await exportLerobot({ dataset, episodes: dataset.index.episodes, out: join(folder, 'set'), ...asked });
    const frames = made.report?.episodes.reduce((sum, { rows }) => sum + rows, 0) ?? 0;
    const read = seen.parse(
      JSON.parse((await run(environment.python, 'lerobot_reader.py', join(folder, 'set'))).trim()),
    );
    expect(read).toMatchObject({ frames, episodes: 2, fps: 20, robot: 'drawn', tasks: ['Lift it.', 'Put it down.'] });
    expect(read.names).toEqual(DRAWN_JOINTS.map((name) => `${name}.pos`));
    expect(read.depth).toEqual(['observation.images.front_depth', 'observation.images.wrist_depth']);
    expect(read.shapes['observation.images.front']).toEqual([3, 32, 48]);
    expect(read.highest['observation.images.front']).toBeLessThanOrEqual(1);
    // Millimetres as they were drawn: from 500, by column and time.
    expect(read.highest['observation.images.front_depth']).toBeGreaterThan(547);
    expect(read.sums['next.done']).toBe(2);
  });
}, 900_000);

it('sets that lerobot wrote are imported, every value and picture', async (context) => {
  const environment = await lerobot();
  if ('missing' in environment) return requirePeer(context, 'lerobot', environment.missing, false);
  await withFolder(async (folder) => {
    await run(environment.python, 'lerobot_writer.py', join(folder, 'set'));
    const out = join(folder, 'b');
    const now = '2026-01-02T03:04:05Z';
    const made = await importLerobot({ source: join(folder, 'set'), out, name: 'b', now, video: null });
    expect(made.skipped).toEqual([]);
    expect(made.episodes.map(({ text }) => text)).toEqual(['task 0', 'task 1']);
    expect(made.episodes[0].robot).toMatchObject({ name: 'other', joint_names: ['a', 'b', 'c'] });
    for (const [episode, { file }] of made.episodes.entries()) {
      const series = await readSeries(join(out, file));
      const ks = Array.from({ length: 6 + episode }, (_, row) => 10 * episode + row);
      expect(Array.from(series.joints?.position ?? [])).toEqual(ks.flatMap((k) => [k, Math.fround(0.1 * k), 0 - k]));
      expect(Array.from(series.command?.position ?? [])).toEqual(ks.flatMap((k) => [k + 0.5, k]));
      expect(Array.from(series.joints?.time_s ?? [], (t) => Math.round(1e6 * t))).toEqual(
        ks.map((_, row) => 50_000 * row),
      );
      const shades: number[] = [];
      for await (const { data } of readPictures(join(out, file), ['/top/color/image_raw/compressed']))
        shades.push((await sharp(data).stats()).channels[0].mean);
      expect(shades).toEqual(ks.map((k) => 10 * k));
    }
  });
}, 900_000);
