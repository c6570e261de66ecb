import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRAWN_JOINTS, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { withFolder } from '../../test/support/recording.ts';
import { differingFiles, setContents } from '../../test/support/set_contents.ts';
import { episodePath, openDataset, readPictures } from '../index.ts';
import { exportLerobot } from './export_lerobot.ts';
import { importLerobot } from './import_lerobot.ts';
import { findVideoEncoder, hasFfmpeg, measureEncoder, type VideoEncoder } from './video_encoder.ts';
import { ffmpegSource } from './video_source.ts';

const NOW = '2026-03-04T05:06:07Z';
const REMEDY = 'install ffmpeg, or let pip install imageio-ffmpeg';

/** The system's ffmpeg, else the one that a Python package brings; null where neither can be had. */
async function anyFfmpeg(): Promise<string | null> {
  if (await hasFfmpeg()) return 'ffmpeg';
  const environment = await pythonEnvironment('ffmpeg', ['imageio-ffmpeg==0.8.1']);
  if ('missing' in environment) return null;
  const folder = join(environment.python, '..', '..', 'lib');
  const [python] = readdirSync(folder);
  const binaries = join(folder, python, 'site-packages', 'imageio_ffmpeg', 'binaries');
  const binary = readdirSync(binaries).find((name) => name.startsWith('ffmpeg'));
  return binary === undefined ? null : join(binaries, binary);
}

describe('videos', () => {
  let ffmpeg: string | null = null;
  let encoder: VideoEncoder | null = null;
  const folder = mkdtempSync(join(tmpdir(), 'surepick-video-'));
  beforeAll(async () => {
    ffmpeg = await anyFfmpeg();
    encoder = ffmpeg === null ? null : await findVideoEncoder(ffmpeg);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('cannot be made without ffmpeg, and it is said how to get it', async () => {
    await expect(findVideoEncoder('no-such-ffmpeg')).rejects.toThrow(/--video: .*install ffmpeg/);
    expect(await hasFfmpeg('no-such-ffmpeg')).toBe(false);
  });

  it('hold the pictures of several episodes, in order, after interruptions too, and are read back', async (context) => {
    if (ffmpeg === null || encoder === null) return requirePeer(context, 'ffmpeg', REMEDY, false);
    const drawn = { joints: DRAWN_JOINTS, cameras: ['front'] };
    await drawnDataset(
      join(folder, 'a'),
      [1, 0.8, 1.2].map((seconds) => ({ ...drawn, seconds })),
    );
    const dataset = await openDataset(join(folder, 'a'));
    const asked = {
      fps: 10,
      cameras: null,
      depth: false,
      float64: false,
      video: encoder,
      workers: 1,
      video_file_bytes: 14_000,
    };
    const options = { dataset, episodes: dataset.index.episodes, ...asked };
    const made = await exportLerobot({ ...options, out: join(folder, 'set'), resume: false });
    expect(made.report?.not_held.join('\n')).toContain('encoded anew, with loss');
    const whole = setContents(join(folder, 'set'));
    expect([...whole.keys()].filter((path) => path.endsWith('.mp4'))).toHaveLength(2);
    const stop = new AbortController();
    const onEpisode = (done: number) => done === 3 && stop.abort();
    await exportLerobot({ ...options, out: join(folder, 'cut'), resume: false, signal: stop.signal, onEpisode });
    await exportLerobot({ ...options, out: join(folder, 'cut'), resume: true });
    expect(differingFiles(whole, setContents(join(folder, 'cut')))).toEqual([]);

    const source = join(folder, 'set');
    const back = await importLerobot({
      source,
      out: join(folder, 'b'),
      name: 'b',
      now: NOW,
      video: ffmpegSource(ffmpeg),
    });
    expect(back.skipped).toEqual([]);
    const again = await openDataset(join(folder, 'b'));
    const still = join(folder, 'still');
    await exportLerobot({ ...options, video: null, out: still, resume: false });
    await importLerobot({ source: still, out: join(folder, 'd'), name: 'd', now: NOW, video: null });
    const pictures = await openDataset(join(folder, 'd'));
    for (const [k, episode] of again.index.episodes.entries()) {
      const before = await shades(episodePath(pictures, pictures.index.episodes[k]));
      const after = await shades(episodePath(again, episode));
      expect(after.length).toBe(made.report?.episodes[k].rows);
      // Encoding changes the shade of a picture little; another picture would be far off.
      const changes = after.map((shade, row) => Math.abs(shade - before[row]));
      expect(Math.max(...changes), `episode ${k}`).toBeLessThan(6);
    }
    const none = await importLerobot({ source, out: join(folder, 'c'), name: 'c', now: NOW, video: null });
    expect(none.remarks.join('\n')).toContain('left out: videos of observation.images.front: install ffmpeg');
  });

  it('are measured before they are made', async (context) => {
    if (encoder === null) return requirePeer(context, 'ffmpeg', REMEDY, false);
    const raw = { width: 64, height: 48, channels: 3 } as const;
    const picture = new Uint8Array(
      await sharp(new Uint8Array(3 * 64 * 48).fill(90), { raw })
        .jpeg()
        .toBuffer(),
    );
    const pictures = Array.from({ length: 20 }, () => picture);
    const used = encoder;
    await withFolder(async (own) => {
      let t = 0;
      const measured = await measureEncoder(used, pictures, own, () => t++);
      expect(measured.pictures_per_s).toBe(20);
      expect(measured.size).toBeGreaterThan(0);
      expect(readdirSync(own)).toEqual([]);
    });
  });
});

/** Mean of the green of every picture. */
async function shades(path: string): Promise<number[]> {
  const all: number[] = [];
  for await (const { data } of readPictures(path, ['/front/color/image_raw/compressed']))
    all.push((await sharp(data).stats()).channels[1].mean);
  return all;
}
