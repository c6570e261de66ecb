import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManifestWriter } from '../../datasets/index.ts';
import { PANDA_URDF } from '../../robots/index.ts';
import { record } from './recording.ts';
import { sampleRun } from './sample_run.ts';
import { publishEpisode } from './synthetic_episode.ts';

/** Writes a run of one episode, recorded as `surepick run` does, into `parent`/`name`; gives the recording's file. */
export async function writeRecordedRun(parent: string, name: string, seconds: number): Promise<string> {
  const folder = join(parent, name);
  mkdirSync(join(folder, 'episodes'), { recursive: true });
  const run = await sampleRun(1);
  const file = join(folder, 'episodes', run.episodes[0].recording);
  const urdf = { name: 'panda.urdf', media_type: 'application/xml', data: readFileSync(PANDA_URDF) };
  const drawn = { seed: 1, seconds, colour_noise: 3, depth_noise_m: 0.001 };
  await record(file, (bus, clock, settle) => publishEpisode(bus, clock, drawn, settle), { attachments: [urdf] });
  const manifest = new ManifestWriter(join(folder, 'manifest.json'), { ...run, run_id: name });
  manifest.add(run.episodes[0], folder);
  manifest.finish(run);
  return file;
}
