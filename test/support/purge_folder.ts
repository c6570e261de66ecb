import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAMERAS, createRng, TOPICS } from '../../contracts/index.ts';
import { hashFile, ManifestWriter, type RunRecord, readPictures, renderReport } from '../../datasets/index.ts';
import { record } from './recording.ts';
import { sampleRun } from './sample_run.ts';

/** A finished run of short noisy episodes, whose report shows pictures as they were recorded. */
export async function writeRun(folder: string, episodes = 3): Promise<{ readonly files: readonly string[] }> {
  mkdirSync(join(folder, 'episodes'), { recursive: true });
  const run = await sampleRun(episodes);
  const files = run.episodes.map(({ recording }) => join(folder, 'episodes', recording));
  for (const [k, file] of files.entries()) {
    await recordNoise(file, k);
    const log = file.replace('.mcap', '.audit.jsonl');
    writeFileSync(log, `{"secret of":"${createHash('sha256').update(`log ${k}`).digest('hex')}"}\n`);
  }
  const facts = { ...run, run_id: '20260101-120000-seed1' };
  const manifest = new ManifestWriter(join(folder, 'manifest.json'), facts);
  for (const episode of run.episodes) manifest.add(episode, folder);
  manifest.finish(facts);
  writeFileSync(join(folder, 'report.html'), renderReport(await withPictures(facts, files)));
  return { files };
}

/** A second of noise: colour pictures of 64 x 48 and joint states. */
export async function recordNoise(file: string, seed: number): Promise<void> {
  const rng = createRng(seed, 'noise');
  const [width, height] = [64, 48];
  await record(file, async (bus, clock, settle) => {
    for (let k = 0; k < 20; k++) {
      const stamp_ns = clock.now_ns();
      const data = Uint8Array.from({ length: 3 * width * height }, () => rng.int(256));
      bus.publish(CAMERAS.overview.colour, { stamp_ns, frame_id: 'overview', width, height, data });
      const names = ['panda_joint1'];
      const one = () => Float64Array.of(rng.uniform());
      bus.publish(TOPICS.joint_states, { stamp_ns, names, position: one(), velocity: one(), effort: one() });
      await settle();
      clock.advance(stamp_ns + 50_000_000n);
    }
  });
}

async function withPictures(run: RunRecord, files: readonly string[]): Promise<RunRecord> {
  const episodes: RunRecord['episodes'][number][] = [];
  for (const [k, episode] of run.episodes.entries()) {
    const pictures: Uint8Array[] = [];
    for await (const { data } of readPictures(files[k], [`${CAMERAS.overview.colour.name}/compressed`]))
      pictures.push(data);
    const images = episode.images.map((image, i) => ({ ...image, jpeg: pictures[i] ?? image.jpeg }));
    episodes.push({ ...episode, images });
  }
  return { ...run, episodes };
}

/** Every stretch of so many bytes of a file, each so many bytes apart. */
export function stretchesOf(content: Uint8Array, every: number, length: number): Buffer[] {
  const all: Buffer[] = [];
  for (let at = 0; at + length <= content.length; at += every) all.push(Buffer.from(content.subarray(at, at + length)));
  return all;
}

export const sha256Of = (file: string): string => hashFile(file).sha256;
