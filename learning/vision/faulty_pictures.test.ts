import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { ClassicalDetector, loadPictureLimits } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { DRAWN_FAULTS, type DrawnFault, drawFaultyPictures, drawSound } from './faulty_pictures.ts';
import { pictureScore } from './picture_fit.ts';
import { PictureValues } from './picture_values.ts';
import { WorldGenerator } from './worlds.ts';

const generator = new WorldGenerator(loadRobot('panda'));
const world = (k: number) =>
  ({ task: 'pick-place', level: 'hard', object_set: 'test', reaching: 0.5, start_up: `run/${k}` }) as const;
/** What a single picture of the camera over the table shows nearly always. */
const SURE: readonly DrawnFault[] = ['lens_cap', 'motion_blur', 'defocus', 'no_depth', 'stuck', 'delayed'];

describe('faulty pictures of held-out worlds', () => {
  it('are flagged by limits that were fitted on sound pictures alone, and sound ones are not', async () => {
    const limits = await loadPictureLimits('overview');
    const values = new PictureValues(new ClassicalDetector());
    const missed: string[] = [];
    let [sound, flagged] = [0, 0];
    for (let k = 0; k < sweep(2, 6); k++) {
      const pictures = drawFaultyPictures(generator, createRng(7000).stream(`${k}`), world(k), 'overview');
      for (const { fault, before, frame, age_s } of pictures) {
        if (fault !== null && !SURE.includes(fault)) continue;
        const score = pictureScore(limits, await values.of(before, frame, age_s, false));
        if (fault === null) {
          sound++;
          if (score > 1) flagged++;
        } else if (!(score > 1)) missed.push(`${fault} of world ${k}`);
      }
    }
    expect(missed).toEqual([]);
    expect(flagged).toBeLessThanOrEqual(Math.ceil(0.05 * sound));
  });

  it('are the same for the same stream, of every kind, and leave the sound picture as it is', () => {
    const draw = () => drawFaultyPictures(generator, createRng(7100), world(0), 'wrist');
    const [first, again] = [draw(), draw()];
    const kinds = first.map(({ fault }) => fault);
    expect(DRAWN_FAULTS.filter((fault) => fault !== 'unknown_object' && !kinds.includes(fault))).toEqual([]);
    expect(again.map(({ fault, age_s }) => [fault, age_s])).toEqual(first.map(({ fault, age_s }) => [fault, age_s]));
    for (const [k, { frame }] of first.entries()) {
      expect(Buffer.compare(frame.colour.data, again[k].frame.colour.data), `${kinds[k]}`).toBe(0);
    }
    const alone = drawSound(generator, createRng(7100), world(0), 'wrist', false);
    expect(Buffer.compare(alone.frame.colour.data, first[0].frame.colour.data)).toBe(0);
  });
});
