import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportPolicy, initialCloningState } from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { sweep } from '../../test/support/sweep.ts';
import { featureCatalogue } from '../env/index.ts';
import { type FineTuningEvents, type FineTuningReport, fineTunePolicy } from './fine_tune.ts';
import { DEFAULT_FINE_TUNING } from './fine_tuning_recipe.ts';
import { manifestOf, publishPolicy } from './publish.ts';
import { ARM_FEATURES, OBJECT_FEATURES } from './recipe.ts';
import { trainingFolderOf } from './train_policy.ts';

const TINY = {
  ...DEFAULT_FINE_TUNING,
  ...{ rounds: 2, episodes_per_round: sweep(1, 2), round_steps: 40, batch: 16, value_steps: 20, held_out: 1, final: 1 },
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

interface Tuned {
  readonly report: FineTuningReport | null;
  /** The parameters that were kept of each round. */
  readonly rounds: readonly Buffer[];
}

/** Fine-tunes to its end, or until that of a round. */
async function tune(name: string, workers: number, resume: boolean, until?: number): Promise<Tuned> {
  mkdirSync(join(folder, name), { recursive: true });
  const out = outOf(name);
  const stop = new AbortController();
  const rounds: Buffer[] = [];
  const events: FineTuningEvents = {
    onRound: (done) => {
      if (done > 0) rounds.push(readFileSync(join(trainingFolderOf(out), `checkpoint-${done}`)));
      if (done === until) stop.abort();
    },
  };
  const setting = { recipe: TINY, from: parent, out, workers, resume, player_program };
  return { report: await fineTunePolicy(setting, events, stop.signal), rounds };
}
const outOf = (name: string): string => join(folder, name, 'tuned.onnx');

it('comes to the same parameters interrupted and taken up again, in the long form by two workers; without a better round it writes nothing', async () => {
  const one = await tune('one', sweep(0, 1), false);
  expect(one.rounds).toHaveLength(TINY.rounds);
  expect((await tune('twice', sweep(0, 1), false, 1)).report).toBeNull();
  const out = outOf('twice');
  expect([out, trainingFolderOf(out)].map(existsSync)).toEqual([false, true]);
  await expect(tune('twice', 0, false)).rejects.toThrow('--resume');
  const twice = await tune('twice', sweep(0, 2), true);
  expect(twice.rounds.map((round, k) => round.equals(one.rounds[k]))).toEqual([true, true]);
  for (const { report } of [one, twice]) {
    expect(report?.manifest).toBeNull();
    expect(report?.curves.success.map(({ successes }) => successes)).toEqual([0, 0, 0]);
  }
  for (const name of ['one', 'twice'])
    expect([outOf(name), trainingFolderOf(outOf(name))].map(existsSync)).toEqual([false, false]);
}, 240_000);
