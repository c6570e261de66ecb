import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { saveDemonstrations } from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { checkFeatures, DEFAULT_ENVIRONMENT_OPTIONS, Environment, featureCatalogue } from '../env/index.ts';
import { importedHash, readImported } from './imported_demonstrations.ts';
import { DemonstrationPlayer } from './player.ts';
import { ARM_FEATURES, OBJECT_FEATURES } from './recipe.ts';

const robot = loadRobot('panda');
const options = { ...DEFAULT_ENVIRONMENT_OPTIONS, observation: 'state', action: 'ee_delta' } as const;
const catalogue = featureCatalogue(robot, options);
const FEATURES = [...ARM_FEATURES, ...OBJECT_FEATURES].flatMap((name) => catalogue.get(name) ?? []);
const root = mkdtempSync(join(tmpdir(), 'imported '));
let folder = '';
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(root, 'demos '));
});

it('what somebody did in a world is seen again as it was, and succeeds again', async () => {
  const player = new DemonstrationPlayer(new Environment(options, robot), checkFeatures(FEATURES, catalogue, 'test'));
  const shown = await player.expert(12, 3);
  expect(shown.success).toBe(true);
  const actions = Array.from({ length: shown.length }, (_, k) => [...shown.actions.subarray(5 * k, 5 * k + 5)]);
  writeFileSync(join(folder, 'mine.jsonl'), `${JSON.stringify({ seed: 12, episode: 3, actions })}\n\n`);
  const { orders, kept } = await readImported(folder, FEATURES, 5);
  expect(kept).toEqual([]);
  const [order] = orders;
  if (order.driver !== 'repeat') throw new Error(order.driver);
  expect(await player.repeated(order.seed, order.episode, order.actions)).toEqual(shown);
});

it('episodes of trainings come as they were kept, of the same features alone', async () => {
  const one = { length: 1, observations: Float32Array.of(1), actions: new Float32Array(5), followed: Uint8Array.of(1) };
  const file = join(folder, 'earlier.demonstrations');
  const [feature] = FEATURES;
  const set = await saveDemonstrations(file, 'expert', [{ ...one, success: true }], {
    ...{ observation: 1, action: 5, features: [feature.name] },
  });
  expect((await readImported(folder, [feature], 5)).kept).toEqual(set.demonstrations);
  await expect(readImported(folder, FEATURES, 5)).rejects.toThrow(/earlier\.demonstrations: features tool_position/);
  await saveDemonstrations(file, 'expert', [{ ...one, success: true }], { observation: 1, action: 5 });
  await expect(readImported(folder, [feature], 5)).rejects.toThrow('without names');
});

it('names file and line of what cannot be taken', async () => {
  await expect(readImported(join(folder, 'none'), FEATURES, 5)).rejects.toThrow('a folder that can be read');
  await expect(readImported(folder, FEATURES, 5)).rejects.toThrow('no file');
  const good = '{"seed":1,"episode":0,"actions":[[0,0,0,0,1]]}';
  for (const [bad, why] of [
    ['{', 'd.jsonl:2: line'],
    ['{"seed":-1,"episode":0,"actions":[[0,0,0,0,1]]}', 'd.jsonl:2: seed'],
    ['{"seed":1,"episode":0,"actions":[[0,0,0,0,1.5]]}', 'd.jsonl:2: actions.0.4'],
    ['{"seed":1,"episode":0,"actions":[]}', 'd.jsonl:2: actions'],
    ['{"seed":1,"episode":0,"actions":[[0,0,0,0,1],[0]]}', 'd.jsonl:2: action 1 of 1 numbers'],
  ]) {
    writeFileSync(join(folder, 'd.jsonl'), `${good}\n${bad}\n`);
    await expect(readImported(folder, FEATURES, 5), bad).rejects.toThrow(why);
  }
});

it('the hash of a folder changes with what is in its files, and with nothing else in it', async () => {
  writeFileSync(join(folder, 'd.jsonl'), 'one');
  const hash = await importedHash(folder);
  writeFileSync(join(folder, 'notes.txt'), 'two');
  expect(await importedHash(folder)).toBe(hash);
  writeFileSync(join(folder, 'd.jsonl'), 'three');
  expect(await importedHash(folder)).not.toBe(hash);
});
