import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiledProgram } from '../../test/support/programs.ts';
import { manifestFileOf } from '../policies/task_policy_file.ts';
import { rebuildPolicy } from './rebuild_policy.ts';
import { recipeOfCommand } from './recorded_command.ts';
import { trainPolicy } from './train_policy.ts';

const COMMAND =
  'surepick train --task pick-place --policy-kind state --method bc --demos 2 --engine cannon --randomize none --rounds 2 --steps 20 --seed 3 --out tiny.onnx';
const folder = mkdtempSync(join(tmpdir(), 'rebuild '));
const file = join(folder, 'tiny.onnx');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let programs: { player: string; rollout: string };

beforeAll(async () => {
  const player = await compiledProgram('../../stack/training/player_worker');
  programs = { player, rollout: await compiledProgram('../../stack/learned/rollout_worker') };
  const recipe = { ...recipeOfCommand(COMMAND, file), held_out: 1, final: 1 };
  await trainPolicy({ recipe, out: file, workers: 1, resume: false, player_program: player });
}, 120_000);

const rebuild = () => rebuildPolicy({ file, workers: 2, episodes: 2, seed: 8, programs });

it('other bytes are judged by success on the same worlds', async () => {
  const [network, beside] = [file, manifestFileOf(file)].map((path) => readFileSync(path));
  const manifest = JSON.parse(beside.toString('utf8'));
  manifest.training.command = COMMAND.replace('--seed 3', '--seed 4');
  writeFileSync(manifestFileOf(file), JSON.stringify(manifest));
  try {
    const rebuilt = await rebuild();
    expect(rebuilt?.sha256.rebuilt).not.toBe(rebuilt?.sha256.there);
    expect(rebuilt?.comparison?.pairs).toBe(2);
    expect(rebuilt?.outcome).toBe((rebuilt?.comparison?.difference ?? -1) >= -0.005 ? 'close' : 'different');
  } finally {
    writeFileSync(file, network);
    writeFileSync(manifestFileOf(file), beside);
  }
}, 120_000);
