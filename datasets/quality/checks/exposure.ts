import type { Evidence } from '../evidence.ts';
import { cut, type Observation, percent, plotOf, seconds } from '../observation.ts';
import type { PictureFeatures } from '../picture_features.ts';
import { stretches } from '../statistics.ts';

/** Mean grey value below which a picture is dark, and above which it is over-bright; share of pixels clipped at one end. */
const DARK = 25;
const BRIGHT = 238;
const CLIPPED_SHARE = 0.9;
/** Share of an episode's pictures from which it is major. */
const MAJOR_SHARE = 0.2;

/** Dark, over-bright and undecodable pictures of each camera. */
export function findExposure({ cameras }: Evidence): readonly Observation[] {
  return cameras.flatMap((camera) => [
    ...judged(camera, 'dark', (k) => camera.brightness[k] < DARK || camera.black_share[k] > CLIPPED_SHARE),
    ...judged(camera, 'bright', (k) => camera.brightness[k] > BRIGHT || camera.white_share[k] > CLIPPED_SHARE),
    ...broken(camera),
  ]);
}

function judged(camera: PictureFeatures, check: 'dark' | 'bright', spoiled: (k: number) => boolean): Observation[] {
  const { time_s, brightness } = camera;
  const runs = stretches(time_s.length, 1, spoiled);
  if (runs.length === 0) return [];
  const count = runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const [first, last] = runs.reduce((a, b) => (b[1] - b[0] > a[1] - a[0] ? b : a));
  const share = count / time_s.length;
  const [from_s, to_s] = [time_s[first], time_s[last]];
  const limit = check === 'dark' ? DARK : BRIGHT;
  const extreme =
    check === 'dark'
      ? Math.min(...brightness.subarray(first, last + 1))
      : Math.max(...brightness.subarray(first, last + 1));
  const detail = `${camera.camera}: ${count} of ${time_s.length} pictures too ${check} (${percent(share)}), grey ${extreme.toFixed(0)} where ${limit} is the limit, longest ${seconds(to_s - from_s)}`;
  const plot = plotOf(`${camera.camera}: mean grey value`, time_s, brightness, [limit]);
  const fix = share > MAJOR_SHARE ? `drop, or leave ${camera.camera} out` : cut(from_s, to_s);
  const severity = share > MAJOR_SHARE ? 'major' : 'minor';
  return [{ check, severity, detail, fix, from_s, to_s, plot }];
}

function broken({ camera, broken_s, time_s }: PictureFeatures): Observation[] {
  if (broken_s.length === 0) return [];
  const [from_s, to_s] = [Math.min(...broken_s), Math.max(...broken_s)];
  const all = broken_s.length + time_s.length;
  const detail = `${camera}: ${broken_s.length} of ${all} pictures cannot be decoded, 0 allowed`;
  const severity = broken_s.length > MAJOR_SHARE * all ? 'major' : 'minor';
  return [{ check: 'broken_picture', severity, detail, fix: 'leave those pictures out', from_s, to_s }];
}
