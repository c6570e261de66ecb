import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOf } from '../../perception/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { sweep } from '../../test/support/sweep.ts';
import { ordersOf, runRollouts } from '../learned/rollout.ts';
import { manifestFileOf, readTaskPolicy } from '../policies/task_policy_file.ts';
import { type TrainingRecipe, VISION_RECIPE } from './recipe.ts';
import { trainPolicy } from './train_policy.ts';

const TINY: TrainingRecipe = {
  ...VISION_RECIPE,
  ...{ method: 'bc', demos: sweep(1, 2), steps: 40, held_out: 0, final: 1, hidden: [16], batch: 16 },
  eye: {
    ...{ width: 32, height: 24, paint_units: 4, episodes: sweep(1, 2), pictures: 3 },
    ...{ steps: 12, batch: 64, rate: 1e-2 },
  },
};
let folder = '';
let player_program = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vision '));
  player_program = await compiledProgram('../../stack/training/player_worker');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function train(name: string, workers: number, resume = false, signal?: AbortSignal) {
  mkdirSync(join(folder, name), { recursive: true });
  const out = join(folder, name, 'see.onnx');
  let learning = 0;
  const report = await trainPolicy(
    { recipe: TINY, out, workers, resume, player_program },
    { onEye: () => void learning++ },
    signal,
  );
  return { report, out, learning };
}

describe('training a policy that sees', () => {
  it('ends in the same bytes once it was stopped, in the long form by two workers; it is played from its pictures', async () => {
    const { report, out, learning } = await train('one', sweep(0, 1));
    expect(report?.parity).toBeLessThan(1e-5);
    expect(learning).toBe(TINY.eye?.steps);
    const stop = new AbortController();
    stop.abort();
    expect((await train('two', 0, false, stop.signal)).report).toBeNull();
    const second = await train('two', sweep(0, 2), true);
    expect(hashOf(readFileSync(second.out))).toBe(hashOf(readFileSync(out)));
    const model = readTaskPolicy(out);
    expect(model.manifest.images).toMatchObject({ cameras: ['overview', 'wrist'], width: 32, channels: 4 });
    expect(model.manifest.training.command).toContain('--policy-kind vision');
    const [played] = await runRollouts({ model, orders: ordersOf(TINY.seed + 4_000_000, 1), workers: 0 });
    expect(played.success ? 1 : 0).toBe(report?.manifest.metrics.success.value);
    expect(played.steps).toBeGreaterThan(1);
    const told = [...model.manifest.observation];
    [told[0], told[1]] = [told[1], told[0]];
    writeFileSync(manifestFileOf(out), JSON.stringify({ ...model.manifest, observation: [...told.slice(0, -1)] }));
    expect(() => readTaskPolicy(out)).toThrow('input.shape');
  }, 600_000);
});
