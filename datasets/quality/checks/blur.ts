import type { Evidence } from '../evidence.ts';
import { cut, type Observation, percent, plotOf, seconds } from '../observation.ts';
import type { PictureFeatures } from '../picture_features.ts';
import { medianOf, stretches } from '../statistics.ts';

/** Sharpness below which a picture is blurred whatever its camera, and share of the camera's usual one. */
const LEAST = 0.5;
const LEAST_SHARE = 0.72;
/** Pictures with less contrast (grey values a pixel) show nothing that could be sharp. */
const LEAST_CONTRAST = 0.5;
const FEWEST = 2;
const MAJOR_SHARE = 0.2;

/**
 * Blurred pictures: the Laplacian falls faster with blur than the gradient does, so that their ratio falls whatever is seen
 * (Pertuz et al., Pattern Recognition 46, 2013, compare such measures).
 */
export function findBlur({ cameras }: Evidence): readonly Observation[] {
  return cameras.flatMap(blurOf);
}

function blurOf({ camera, time_s, sharpness, contrast }: PictureFeatures): Observation[] {
  const usual = medianOf(sharpness);
  const limit = Math.max(LEAST, LEAST_SHARE * usual);
  const runs = stretches(time_s.length, FEWEST, (k) => contrast[k] > LEAST_CONTRAST && sharpness[k] < limit);
  if (runs.length === 0) return [];
  const count = runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const share = count / time_s.length;
  const [first, last] = runs.reduce((a, b) => (b[1] - b[0] > a[1] - a[0] ? b : a));
  const [from_s, to_s] = [time_s[first], time_s[last]];
  const least = Math.min(...sharpness.subarray(first, last + 1));
  const detail = `${camera}: ${count} of ${time_s.length} pictures blurred (${percent(share)}), sharpness ${least.toFixed(2)} where ${limit.toFixed(2)} is the limit, longest ${seconds(to_s - from_s)}`;
  const fix = share > MAJOR_SHARE ? `focus or clean ${camera}; drop` : cut(from_s, to_s);
  const plot = plotOf(`${camera}: sharpness`, time_s, sharpness, [limit]);
  return [{ check: 'blur', severity: share > MAJOR_SHARE ? 'major' : 'minor', detail, fix, from_s, to_s, plot }];
}
