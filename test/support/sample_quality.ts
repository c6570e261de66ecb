import { createRng } from '../../contracts/index.ts';
import { type DatasetIndex, type Examined, examineEvidence, scoreOf } from '../../datasets/index.ts';
import { episodeOf } from './dataset_episodes.ts';
import { governedIndex } from './governed.ts';
import { plausibleEvidence } from './quality_evidence.ts';
import { FAULTS } from './quality_faults.ts';

/** Episodes by what is wrong with them, of the faults' names with their strengths; the first is good. */
const SPOILT: readonly (readonly (readonly [string, number])[])[] = [
  [],
  [['gap in joint states', 1.2]],
  [
    ['pictures frozen', 2],
    ['wrench at its limit', 0.3],
  ],
  [
    ['joints behind command', 0.35],
    ['positions in degrees', 57.3],
    ['jitter of stamps', 0.3],
  ],
  [['gap in joint states', 0.05]],
  [['success with an empty gripper', 0.001]],
];

/** Six episodes as they are examined. @param text  stands in every field that takes text, where it is given */
export function sampleQuality(text = ''): { readonly index: DatasetIndex; readonly examined: readonly Examined[] } {
  const examined = SPOILT.map((faults, k): Examined => {
    const good = plausibleEvidence(900 + k, 7 + (k % 3));
    const evidence = faults.reduce((of, [name, strength]) => {
      const fault = FAULTS.find((each) => each.name === name);
      if (fault === undefined) throw new Error(`no fault ${name}`);
      return fault.apply(of, strength, createRng(k, name));
    }, good);
    const found = examineEvidence(evidence);
    const observations = found.map((of) => ({ ...of, detail: `${of.detail}${text}`, fix: `${of.fix}${text}` }));
    const episode = episodeOf(`e-${k}`, { task: `${text}pick-place`, duration_s: evidence.series.duration_s });
    const rates_hz = { 'joint states': 100 - k / 10, [`${text}overview colour`]: 10, 'wrist colour': 9.5 + k / 10 };
    return { episode, observations, score: scoreOf(observations), rates_hz };
  });
  const index = governedIndex(
    examined.map(({ episode }) => episode),
    { name: `${text}cups`.slice(-100) },
  );
  return { index, examined };
}
