import { InputError } from '../../contracts/index.ts';
import { type Dataset, episodePath } from '../dataset/folder.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import { readSeries } from '../recording/series.ts';
import { summarizeRecording } from '../recording/summary.ts';
import { readSourceRecord } from './kept_feature.ts';

const MOST_FPS = 1000;

/**
 * The rate of the rows where nobody chose it: of an imported set its own, else the highest measured rate of a colour camera in
 * the first episode that can be read, else of the joints; a whole number from 1 to 1000.
 */
export async function chooseFps(dataset: Dataset, episodes: readonly DatasetEpisode[]): Promise<number> {
  let reason = 'there is none';
  for (const episode of episodes) {
    try {
      const path = episodePath(dataset, episode);
      const source = readSourceRecord((await summarizeRecording(path)).metadata);
      if (source !== null) return whole(source.fps);
      const { pictures, joints, command } = await readSeries(path);
      const rates = pictures.filter(({ kind }) => kind === 'colour').map(({ time_s }) => rateOf(time_s));
      const rate = Math.max(...rates, 0) || rateOf((joints ?? command)?.time_s ?? new Float64Array());
      if (rate > 0) return whole(rate);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      reason = error.message;
    }
  }
  throw new InputError(`dataset ${dataset.folder}`, `has no episode with joints that can be read (${reason})`);
}

const whole = (rate: number) => Math.min(MOST_FPS, Math.max(1, Math.round(rate)));

/** One over the median distance of stamps, 1/s; 0 for fewer than two. */
function rateOf(time_s: Float64Array): number {
  const sorted = time_s.slice().sort();
  const gaps = Float64Array.from(sorted.subarray(1), (t, k) => t - sorted[k])
    .filter((gap) => gap > 0)
    .sort();
  return gaps.length === 0 ? 0 : 1 / gaps[gaps.length >> 1];
}
