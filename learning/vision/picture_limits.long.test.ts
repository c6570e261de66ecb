import { describe, expect, it } from 'vitest';
import { wilson95 } from '../../contracts/index.ts';
import { ClassicalDetector, loadPictureLimits } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { describeCount, evaluatePictures } from './picture_evaluation.ts';
import { WorldGenerator } from './worlds.ts';

const generator = new WorldGenerator(loadRobot('panda'));
const WORLDS = 25;

describe.each(['overview', 'wrist'] as const)('pictures of the %s camera that nothing was fitted on', (camera) => {
  it('are flagged in 95 of 100 cases when something is wrong with them, and in 5 of 100 when nothing is', async () => {
    const limits = await loadPictureLimits(camera);
    const sample = { seed: 7300, worlds: WORLDS };
    const counts = await evaluatePictures(generator, new ClassicalDetector(), camera, limits, sample);
    const table = counts.map(describeCount).join('\n');
    const faulty = counts.filter(({ kind }) => kind !== 'sound');
    const sum = (of: (count: (typeof counts)[number]) => number) => faulty.reduce((total, one) => total + of(one), 0);
    const hits = sum(({ flagged }) => flagged);
    const all = sum((one) => one.all);
    expect(wilson95(hits, all)[0], table).toBeGreaterThan(0.95);
    for (const { kind, flagged, all: of_kind } of counts) {
      // No kind's interval may lie below the figure, and that of sound pictures not above theirs.
      const [low, high] = wilson95(flagged, of_kind);
      if (kind === 'sound') expect(low, table).toBeLessThanOrEqual(0.05);
      else expect(high, table).toBeGreaterThanOrEqual(0.95);
    }
  });
});
