import { expect, it } from 'vitest';
import { DEFAULT_RECIPE, STATE_FEATURES, VISION_RECIPE } from './recipe.ts';
import { environmentOf, featuresOf, sizeOf } from './told.ts';
import { seenSize } from './vision_seeing.ts';
import { VISION_FEATURES } from './vision_training.ts';

it('an eye tells as many numbers as it takes the place of, in the same order', () => {
  const state = featuresOf({ task: 'pick-place', eye: null });
  const told = featuresOf(VISION_RECIPE);
  expect(seenSize(sizeOf(told))).toBe(sizeOf(state));
  const common = STATE_FEATURES.filter((name) => VISION_FEATURES.some((other) => other === name));
  expect(STATE_FEATURES.slice(0, common.length)).toEqual(common);
  expect(VISION_FEATURES.slice(-common.length)).toEqual(common);
});

it('a policy is shown what it is trained to be told: pictures of the eye’s size, or the state', () => {
  const { observation, image_width, image_height } = environmentOf(VISION_RECIPE);
  expect({ observation, width: image_width, height: image_height }).toMatchObject({
    ...{ observation: 'rgbd', width: VISION_RECIPE.eye?.width, height: VISION_RECIPE.eye?.height },
  });
  expect(environmentOf(DEFAULT_RECIPE).observation).toBe('state');
});

it('names a feature that the task has not', () => {
  expect(() => featuresOf({ task: 'sort', eye: null })).toThrow(/feature .* task sort has/);
});
