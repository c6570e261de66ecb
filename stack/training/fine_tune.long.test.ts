import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseTaskPolicyManifest } from '../../control/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { fineTunePolicy } from './fine_tune.ts';
import { DEFAULT_FINE_TUNING } from './fine_tuning_recipe.ts';
import { DEFAULT_RECIPE } from './recipe.ts';
import { trainPolicy } from './train_policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'fine tuning '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('makes a weak policy better on worlds that neither has seen, and says what it came from', async () => {
  const player_program = await compiledProgram('../../stack/training/player_worker');
  const from = join(folder, 'weak.onnx');
  const weak = { ...DEFAULT_RECIPE, method: 'bc', demos: 80, steps: 3000, seed: 5 } as const;
  const parent = await trainPolicy({ recipe: weak, out: from, workers: 2, resume: false, player_program });
  const recipe = { ...DEFAULT_FINE_TUNING, seed: 77, final: 500 };
  const out = join(folder, 'tuned.onnx');
  const report = await fineTunePolicy({ recipe, from, out, workers: 2, resume: false, player_program });
  expect(report?.comparison?.interval[0]).toBeGreaterThan(0);
  const manifest = parseTaskPolicyManifest(report?.manifest, out);
  expect(manifest.lineage?.parents[0].sha256).toBe(parent?.manifest.sha256);
  expect(manifest.training.data.length).toBe(1 + (manifest.lineage?.turn ?? 0));
}, 3_600_000);
