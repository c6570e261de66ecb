import { parseArgs } from 'node:util';
import { describe, expect, it } from 'vitest';
import { commandOf, DEFAULT_RECIPES, type TrainingRecipe, wholeNumber, worldsAt } from './training_command.ts';
import { TrainingLog } from './training_log.ts';

const RECIPE: TrainingRecipe = { role: 'fast', seed: 3, ...DEFAULT_RECIPES.fast };

describe('a recipe of a training', () => {
  it('is told whole by its command', () => {
    const words = commandOf(RECIPE).split(' ').slice(2);
    const options = Object.fromEntries(
      ['role', 'seed', 'steps', 'worlds', 'batch', 'crop', 'rate'].map((name) => [name, { type: 'string' as const }]),
    );
    const { values } = parseArgs({ args: words, options });
    const { role, seed, steps, worlds, batch, crop, rate } = RECIPE;
    expect(values).toEqual({
      ...{ role, seed: `${seed}`, steps: `${steps}`, worlds: `${worlds}`, batch: `${batch}` },
      ...{ crop: `${crop.width}`, rate: `${rate}` },
    });
  });

  it('draws from more worlds as steps go on, from all of them for most of them, never from more', () => {
    for (const { worlds, steps } of [RECIPE, { worlds: 10, steps: 5 }, { worlds: 500, steps: 3 }]) {
      let before = 0;
      for (let k = 0; k < steps; k += Math.ceil(steps / 200)) {
        const now = worldsAt(k, { worlds, steps });
        expect(now).toBeGreaterThanOrEqual(before);
        expect(now).toBeGreaterThan(0);
        expect(now).toBeLessThanOrEqual(worlds);
        if (k >= steps / 3) expect(now).toBe(worlds);
        before = now;
      }
    }
    expect(worldsAt(0, RECIPE)).toBeLessThan(RECIPE.worlds / 10);
  });

  it('takes whole numbers within limits alone', () => {
    expect(wholeNumber('--steps', '12', 1)).toBe(12);
    for (const text of ['', '-1', '1.5', '1e3', 'many', '99999999999999999999'])
      expect(() => wholeNumber('--steps', text, 0)).toThrow(/--steps .*whole number of at least 0/);
    expect(() => wholeNumber('--crop', '121', 32, 120)).toThrow(/32 to 120/);
  });
});

describe('the line of a training', () => {
  const losses = (loss: number) => ({ loss, loss_semantic: loss / 2, loss_offset: loss / 4, loss_centre: loss / 4 });

  it('tells means now and then, and at the end', () => {
    let text = '';
    const log = new TrainingLog(70, { write: (more) => (text += more) });
    for (let step = 1; step <= 70; step++) log.add(step, losses(step <= 50 ? 2 : 1));
    expect(text.trim().split('\n')).toEqual([
      'step 50 of 70: loss 2.0000, loss_semantic 1.0000, loss_offset 0.5000, loss_centre 0.5000',
      'step 70 of 70: loss 1.0000, loss_semantic 0.5000, loss_offset 0.2500, loss_centre 0.2500',
    ]);
  });

  it('is rewritten on a terminal', () => {
    let text = '';
    const log = new TrainingLog(100, { isTTY: true, write: (more) => (text += more) });
    for (let step = 1; step <= 100; step++) log.add(step, losses(1));
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toMatch(/^\rstep 50 /);
  });
});
