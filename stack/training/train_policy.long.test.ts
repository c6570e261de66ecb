import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { wilson95 } from '../../contracts/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { DEFAULT_RECIPE } from './recipe.ts';
import { trainPolicy } from './train_policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'training '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EPISODES = 500;

it('the recipe as it comes gives a policy whose success is at least 0.95 with 95 % confidence', async () => {
  const player_program = await compiledProgram('../../stack/training/player_worker');
  const recipe = { ...DEFAULT_RECIPE, final: EPISODES };
  const report = await trainPolicy({
    recipe,
    out: join(folder, 'pick.onnx'),
    workers: 2,
    resume: false,
    player_program,
  });
  const { value, interval } = report?.manifest.metrics.success ?? { value: 0, interval: [0, 0] };
  expect(interval).toEqual(wilson95(Math.round(value * EPISODES), EPISODES));
  expect(interval[0], `success ${value}`).toBeGreaterThanOrEqual(0.95);
}, 1_800_000);
