import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashOf } from '../../perception/index.ts';
import { rebuildPolicy } from './rebuild_policy.ts';
import { recipeOfCommand } from './recorded_command.ts';
import { trainPolicy } from './train_policy.ts';

const COMMAND =
  'surepick train --task pick-place --policy-kind state --method bc --demos 2 --engine cannon --randomize none --rounds 2 --steps 20 --seed 3 --out tiny.onnx';
const folder = mkdtempSync(join(tmpdir(), 'rebuild '));
const file = join(folder, 'tiny.onnx');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const recipe = { ...recipeOfCommand(COMMAND, file), held_out: 1, final: 1 };
  await trainPolicy({ recipe, out: file, workers: 0, resume: false });
}, 120_000);

it('the command of a manifest makes the same bytes again, however much was tried on the way', async () => {
  const rebuilt = await rebuildPolicy({ file, workers: 0, episodes: 1, seed: 8 });
  expect(rebuilt).toMatchObject({ outcome: 'same_bytes', command: COMMAND, comparison: null });
  expect(rebuilt?.sha256.there).toBe(hashOf(readFileSync(file)));
}, 120_000);
