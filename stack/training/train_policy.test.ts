import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTaskPolicyManifest } from '../../control/index.ts';
import { hashOf } from '../../perception/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { manifestFileOf } from '../policies/task_policy_file.ts';
import { loadCurves } from './curves.ts';
import { DEFAULT_RECIPE, type TrainingRecipe } from './recipe.ts';
import { segmentsOf } from './segments.ts';
import { curvesFileOf, type TrainingEvents, trainingFolderOf, trainPolicy } from './train_policy.ts';

const TINY: TrainingRecipe = {
  ...DEFAULT_RECIPE,
  ...{ demos: 2, rounds: 1, episodes_per_round: 1, round_steps: 40, steps: 40, held_out: 1, final: 1 },
  ...{ hidden: [16], batch: 16 },
};
let folder = '';
let player_program = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'training '));
  player_program = await compiledProgram('../../stack/training/player_worker');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function train(name: string, workers: number, resume = false, events: TrainingEvents = {}, signal?: AbortSignal) {
  const out = join(folder, name, 'pick.onnx');
  return trainPolicy({ recipe: TINY, out, workers, resume, player_program }, events, signal);
}

const hash = (name: string) => hashOf(readFileSync(join(folder, name, 'pick.onnx')));

describe('segments of a training', () => {
  it('play worlds that no other segment has', () => {
    const worlds = segmentsOf({ ...DEFAULT_RECIPE, rounds: 4 }).flatMap(({ orders }) =>
      orders.map(({ seed, episode }) => `${seed}/${episode}`),
    );
    expect(worlds).toHaveLength(DEFAULT_RECIPE.demos + 4 * DEFAULT_RECIPE.episodes_per_round);
    expect(new Set(worlds).size).toBe(worlds.length);
  });

  it('have an arm of its own in every episode where arms are drawn, and one where none is', () => {
    const recipe = { ...DEFAULT_RECIPE, demos: 30 };
    const seeds = (change: Partial<TrainingRecipe>) =>
      new Set(segmentsOf({ ...recipe, ...change }).flatMap(({ orders }) => orders.map(({ seed }) => seed)));
    const episodes = 30 + 2 * DEFAULT_RECIPE.episodes_per_round;
    expect(seeds({}).size).toBe(2);
    expect(seeds({ randomize: 'train' }).size).toBe(episodes);
    expect(seeds({ around: 'gain_scale=0.9~0.01' }).size).toBe(episodes);
  });

  it('of bc are the demonstrations alone', () => {
    expect(segmentsOf({ ...DEFAULT_RECIPE, method: 'bc' }).map(({ name }) => name)).toEqual(['demonstrations']);
  });
});

describe('training a policy', () => {
  it('ends in the same bytes in this thread, and by two workers interrupted and taken up again', async () => {
    for (const name of ['one', 'twice']) mkdirSync(join(folder, name));
    const report = await train('one', 0);
    expect(report?.parity).toBeLessThan(1e-5);
    const stop = new AbortController();
    const events: TrainingEvents = {
      onLoss: ({ index }, { step }) => void (index === 1 && step === TINY.steps / 2 && stop.abort()),
    };
    expect(await train('twice', 2, false, events, stop.signal)).toBeNull();
    expect(existsSync(join(folder, 'twice', 'pick.onnx'))).toBe(false);
    await expect(train('twice', 1)).rejects.toThrow('--resume');
    await train('twice', 0, true);
    expect(hash('twice')).toBe(hash('one'));
    expect(existsSync(trainingFolderOf(join(folder, 'twice', 'pick.onnx')))).toBe(false);
    const [one, twice] = ['one', 'twice'].map((name) =>
      readFileSync(curvesFileOf(join(folder, name, 'pick.onnx')), 'utf8'),
    );
    expect(JSON.parse(twice).loss).toEqual(JSON.parse(one).loss);
    expect(JSON.parse(twice).success).toEqual(JSON.parse(one).success);
    const file = manifestFileOf(join(folder, 'one', 'pick.onnx'));
    const manifest = parseTaskPolicyManifest(JSON.parse(readFileSync(file, 'utf8')), file);
    expect(manifest.sha256).toBe(hash('one'));
    expect(manifest.training.data).toHaveLength(2);
  }, 600_000);

  it('refuses curves of another command, and a task without one wanted object', async () => {
    const file = join(folder, 'other.curves.json');
    const document = { schema: 'surepick.training_curves', version: 1, command: 'another', loss: [], success: [] };
    writeFileSync(file, JSON.stringify(document));
    await expect(loadCurves(file, 'this')).rejects.toThrow(/'another'.*'this'/);
    writeFileSync(file, '{');
    await expect(loadCurves(file, 'this')).rejects.toThrow('JSON');
    const out = join(folder, 'sort.onnx');
    const setting = { recipe: { ...TINY, task: 'sort' }, out, workers: 1, resume: false } as const;
    await expect(trainPolicy(setting)).rejects.toThrow('--task sort');
    expect(existsSync(trainingFolderOf(out))).toBe(false);
  });
});
