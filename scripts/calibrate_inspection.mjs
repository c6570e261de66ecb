// Thresholds of the surface inspector from scores of objects shown to the camera, on seeds that no test and no report
// uses. Run it after a change of camera, renderer or inspector, and write what it recommends into
// perception/surface_inspector.ts:
//   npm run build && node scripts/calibrate_inspection.mjs [SCENES]

import { inspectionScores } from '../dist/stack/inspection_scores.js';
import { say } from './bootstrap.mjs';

const FIRST_SEED = 900_000;
const GOOD_QUANTILE = 0.998;

const scenes = Number(process.argv[2] ?? 300);
const samples = inspectionScores(Array.from({ length: scenes }, (_, k) => FIRST_SEED + k));
const scores = (truth) =>
  samples
    .filter((sample) => sample.truth === truth)
    .map((sample) => sample.score)
    .sort((a, b) => a - b);
const quantile = (sorted, share) => sorted[Math.floor(share * (sorted.length - 1))];

for (const truth of ['good', 'ambiguous', 'defective']) {
  const sorted = scores(truth);
  const shares = [0, 0.05, 0.5, 0.95, 1].map((share) => quantile(sorted, share).toFixed(1));
  say(`${truth}: ${sorted.length} objects; least, 5 %, median, 95 %, greatest score ${shares.join(', ')}`);
}
// A good object in the region of the unsure costs less than a faint spot passed for good: the upper tail of the good
// decides the lower threshold, and the upper one lies midway, in ratio, to the least clear defect.
const good_below = quantile(scores('good'), GOOD_QUANTILE);
const defective_from = Math.sqrt(good_below * scores('defective')[0]);
say(`recommended: good_below ${good_below.toFixed(1)}, defective_from ${defective_from.toFixed(1)}`);
