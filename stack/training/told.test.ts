import { expect, it } from 'vitest';
import { EYE_GRIPPER, EYE_ONLY } from '../../learning/index.ts';
import { DEFAULT_RECIPE, VISION_RECIPE } from './recipe.ts';
import { environmentOf, featuresOf, sizeOf, taughtFeaturesOf } from './told.ts';
import { seenSize } from './vision_seeing.ts';
import { FOR_THE_EYE } from './vision_training.ts';

it.each([undefined, ['joint_position', 'tool_wrench']])(
  'an eye tells as many numbers as it takes the place of, after the same ones of the arm: %s',
  (senses) => {
    const recipe = { ...VISION_RECIPE, ...(senses === undefined ? {} : { senses }) };
    const [told, taught] = [featuresOf(recipe), taughtFeaturesOf(recipe)];
    expect(seenSize(sizeOf(told))).toBe(sizeOf(taught));
    const [only, common] = [told.slice(0, FOR_THE_EYE.length), told.slice(FOR_THE_EYE.length)];
    expect(sizeOf(only)).toBe(EYE_ONLY);
    expect(
      sizeOf(
        told.slice(
          0,
          told.findIndex(({ name }) => name === 'gripper_width'),
        ),
      ),
    ).toBe(EYE_GRIPPER);
    expect(taught.slice(0, common.length)).toEqual(common);
    expect(common.slice(common.length - (senses ?? []).length).map(({ name }) => name)).toEqual(senses ?? []);
    expect(featuresOf({ ...recipe, eye: null })).toEqual(taught);
  },
);

it.each([['object0_offset'], ['tool_position'], ['wanted_class'], ['smell']])(
  'a sense is one of the arm that not every policy is told, each once: not %s',
  (sense) => {
    for (const senses of [[sense], ['tool_wrench', sense], ['tool_wrench', 'tool_wrench']])
      expect(() => featuresOf({ ...VISION_RECIPE, senses })).toThrow(/sense '.*each once, of .*tool_wrench/);
  },
);

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
