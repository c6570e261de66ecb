import { expect, it } from 'vitest';
import { commandOf, DEFAULT_RECIPE, type TrainingRecipe, VISION_RECIPE } from './recipe.ts';
import { recipeOfCommand } from './recorded_command.ts';

it('a command leads back to the recipe that it was made of', () => {
  const changes: readonly Partial<TrainingRecipe>[] = [
    {},
    { method: 'bc', demos: 12, steps: 700, seed: 41, rounds: 0 },
    { senses: ['joint_position', 'tool_wrench'], seed: 3 },
    { engine: 'mujoco', randomize: 'hard', disturb: 'patch:0.06,texture:1', around: 'gain_scale=0.9~0.01' },
  ];
  for (const recipe of [DEFAULT_RECIPE, VISION_RECIPE])
    for (const change of changes) {
      const changed = { ...recipe, ...change };
      expect(recipeOfCommand(commandOf(changed, 'a.onnx'), 'a.onnx')).toEqual(changed);
    }
});

it.each([
  ['python train.py'],
  ['surepick train'],
  [`${commandOf(DEFAULT_RECIPE, 'a.onnx')} --more 1`],
  [commandOf(DEFAULT_RECIPE, 'a.onnx').replace('--steps 15000', '--steps many')],
  [commandOf(DEFAULT_RECIPE, 'a.onnx').replace('--steps 15000', '--steps 015000')],
  [commandOf({ ...DEFAULT_RECIPE, imported: { folder: 'demos', sha256: '0' } }, 'a.onnx')],
])('another command is named: %s', (command) => {
  expect(() => recipeOfCommand(command, 'a.onnx')).toThrow(`a.onnx: training.command '${command}'`);
});
