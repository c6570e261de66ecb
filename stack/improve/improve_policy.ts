import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { type DemonstrationSet, loadDemonstrations, readDemonstrations } from '../../learning/index.ts';
import { readTaskPolicy } from '../policies/task_policy_file.ts';
import { dataFileIn, dataFolderOf } from '../training/data_folder.ts';
import { Players } from '../training/players.ts';
import { notAmong, TurnHistory } from './history.ts';
import { type Improvable, improvable, improveCommandOf } from './recipe.ts';
import type { TurnOutcome } from './record.ts';
import { checkSets } from './screen_sets.ts';
import { SETTLING, settleTurn } from './settle.ts';
import { type ImproveEvents, type ImproveSetting, Turn } from './turn.ts';

/**
 * One turn of self-correction: watches the policy, has the expert show what it should have done where it failed, checks all
 * data, trains a candidate on it, and lets it take the policy's place only if it is better on worlds that neither has seen,
 * not worse on any suite, and stands its trial run. Equal policy, data, recipe and turns before give equal bytes.
 *
 * @returns null if `signal` ended it; it can be taken up again with `resume`
 * @throws InputError before anything is changed where policy, data, recipe and what is there do not fit
 */
export async function improvePolicy(
  setting: ImproveSetting,
  events: ImproveEvents = {},
  signal?: AbortSignal,
): Promise<{ readonly record: TurnOutcome; readonly file: string } | null> {
  const { recipe, file, offered, resume, workers, player_program } = setting;
  if (!file.endsWith('.onnx')) throw new InputError(`policy ${file}`, 'a file name that ends in .onnx');
  const history = TurnHistory.open(file);
  const command = improveCommandOf(recipe, basename(file), offered);
  const settle = async (record: TurnOutcome) => {
    const tell = (step: (typeof SETTLING)[number]) =>
      events.onProgress?.('settle', SETTLING.indexOf(step), SETTLING.length, step);
    return { record, file: await settleTurn(history, file, record, tell) };
  };
  const decided = history.decided(command, resume);
  if (decided !== null) return settle(decided);
  const policy = improvable(readTaskPolicy(file), recipe);
  const own = await dataOf(file, policy, history);
  const others = await Promise.all(offered.map((path) => readDemonstrations(path)));
  const sets = [...own, ...others];
  checkSets(sets, policy);
  history.begin({ command, parent: policy.model.manifest.sha256, data: sets.map(({ sha256 }) => sha256) }, resume);
  const { environment, model } = policy;
  const setup = { environment, features: model.manifest.observation };
  const players = await Players.start(setup, workers, player_program);
  try {
    const record = await new Turn({ setting, policy, history, command, players, events, signal }).run(sets);
    return record === null ? null : await settle(history.decide(record));
  } finally {
    await players.close();
  }
}

/** What the policy was trained on, and the corrections of turns that came to nothing. */
async function dataOf(file: string, { model }: Improvable, history: TurnHistory): Promise<readonly DemonstrationSet[]> {
  const folder = dataFolderOf(file);
  const known = model.manifest.training.data;
  const later = notAmong(history.corrections, known);
  const sets: DemonstrationSet[] = [];
  for (const { source, sha256 } of [...known, ...later]) {
    const path = dataFileIn(folder, sha256);
    if (!existsSync(path))
      throw new InputError(`${path}: '${source}'`, 'is not there; surepick train keeps there what it trained on');
    const set = await loadDemonstrations(path, source);
    if (set.sha256 !== sha256)
      throw new InputError(`${path}: SHA-256 ${set.sha256}`, `its name and manifest say ${sha256}`);
    sets.push(set);
  }
  if (sets.length === 0)
    throw new InputError(
      `${model.where}: training.data names nothing`,
      'a policy of surepick train, which keeps its data',
    );
  return sets;
}
