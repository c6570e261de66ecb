import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportPolicy, initialCloningState } from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { sweep } from '../../test/support/sweep.ts';
import { featureCatalogue } from '../env/index.ts';
import { type FineTuningEvents, fineTunePolicy } from './fine_tune.ts';
import { DEFAULT_FINE_TUNING } from './fine_tuning_recipe.ts';
import { manifestOf, publishPolicy } from './publish.ts';
import { ARM_FEATURES, OBJECT_FEATURES } from './recipe.ts';
import { trainingFolderOf } from './train_policy.ts';

const TINY = {
  ...DEFAULT_FINE_TUNING,
  ...{ rounds: 3, episodes_per_round: sweep(1, 2), round_steps: 40, batch: 16, value_steps: 20, held_out: 1, final: 1 },
};
const ACTIONS = ['dx', 'dy', 'dz', 'dyaw', 'gripper'];
let folder = '';
let parent = '';
let player_program = '';

/** A network that was never trained, as a policy with its manifest: it goes down until the gate stops it. */
async function untrained(file: string): Promise<void> {
  const robot = loadRobot('panda');
  const catalogue = featureCatalogue(robot, { task: 'pick-place', action: 'ee_delta' });
  const features = [...ARM_FEATURES, ...OBJECT_FEATURES].flatMap((name) => catalogue.get(name) ?? []);
  const inputs = features.reduce((sum, { size }) => sum + size, 0);
  const network = { inputs, hidden: [8], chunk: 4, action: ACTIONS.length };
  const { theta } = initialCloningState({ shape: network, seed: 3 });
  const ones = (size: number) => new Array<number>(size).fill(1);
  const { model } = await exportPolicy(network, theta, new Float32Array(0));
  const scales = {
    observation: { mean: new Array<number>(inputs).fill(0), scale: ones(inputs) },
    action: { mean: [0, 0, -1, 0, 0], scale: ones(ACTIONS.length) },
  };
  const policy = { model, network, ...scales, ensembling_decay: 0.05 };
  const manifest = manifestOf(file, policy, {
    recipe: { task: 'pick-place', seed: 3, randomize: 'none', method: 'none' },
    ...{ robot, features, action_names: ACTIONS, rate_hz: 25, steps: 0, sets: [], command: '' },
    tried: { successes: 0, episodes: 0 },
  });
  await publishPolicy(file, policy, manifest);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fine tuning '));
  parent = join(folder, 'parent.onnx');
  await untrained(parent);
  player_program = await compiledProgram('../../stack/training/player_worker');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Fine-tunes until the end of a round; gives the parameters that were kept of it. */
async function until(round: number, name: string, workers: number, resume: boolean): Promise<Buffer> {
  mkdirSync(join(folder, name), { recursive: true });
  const out = join(folder, name, 'tuned.onnx');
  const stop = new AbortController();
  const events: FineTuningEvents = { onRound: (done) => void (done === round && stop.abort()) };
  const setting = { recipe: TINY, from: parent, out, workers, resume, player_program };
  expect(await fineTunePolicy(setting, events, stop.signal)).toBeNull();
  expect(existsSync(out)).toBe(false);
  return readFileSync(join(trainingFolderOf(out), `checkpoint-${round}`));
}

it('comes to the same parameters interrupted and taken up again, in the long form by two workers; without a better round it writes nothing', async () => {
  const one = await until(2, 'one', 1, false);
  await until(1, 'twice', 1, false);
  const out = join(folder, 'twice', 'tuned.onnx');
  const setting = { recipe: TINY, from: parent, out, workers: 1, resume: false, player_program };
  await expect(fineTunePolicy(setting)).rejects.toThrow('--resume');
  expect((await until(2, 'twice', sweep(1, 2), true)).equals(one)).toBe(true);
  const report = await fineTunePolicy({ ...setting, resume: true });
  expect(report?.manifest).toBeNull();
  expect(report?.curves.success.map(({ successes }) => successes)).toEqual([0, 0, 0, 0]);
  expect([out, trainingFolderOf(out)].map(existsSync)).toEqual([false, false]);
}, 240_000);
