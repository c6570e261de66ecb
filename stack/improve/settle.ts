import { existsSync, readFileSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { hashOf } from '../../perception/index.ts';
import { installPolicy } from '../learned/index.ts';
import { manifestFileOf, readTaskPolicy } from '../policies/task_policy_file.ts';
import type { TurnHistory } from './history.ts';
import type { TurnOutcome } from './record.ts';
import { checkpointIn } from './retrain.ts';
import { removeBlocks } from './watch.ts';

/**
 * Does what was decided and ends the turn with its record. What an interruption left undone is done by calling it again;
 * the files are the same then.
 *
 * @param file  NAME.onnx: the policy as it was, the candidate, or the latter with the manifest of the former
 * @param onStep  before each of SETTLING
 * @returns where the record is
 * @throws InputError before anything is changed if the policy is neither of the two
 */
export async function settleTurn(
  history: TurnHistory,
  file: string,
  { promoted, policy, candidate }: TurnOutcome,
  onStep: (step: (typeof SETTLING)[number]) => void = () => {},
): Promise<string> {
  const { working } = history;
  if (promoted && candidate !== null) {
    const model = readTaskPolicy(join(working, basename(file)));
    if (model.manifest.sha256 !== candidate.sha256)
      throw new InputError(`${model.where}: SHA-256 ${model.manifest.sha256}`, `${candidate.sha256} stood the trials`);
    const there = existsSync(file) ? hashOf(readFileSync(file)) : 'of nothing';
    if (there !== policy.sha256 && there !== candidate.sha256)
      throw new InputError(`${file}: SHA-256 ${there}`, `${policy.sha256}, which was watched; remove ${working}`);
    onStep('keep the policy');
    await keepPrevious(file, working);
    onStep('install the candidate');
    installPolicy(model, file);
  }
  onStep('remove what is not needed any more');
  await removeBlocks(working);
  await rm(checkpointIn(working), { force: true });
  onStep('write the record');
  return history.end();
}

/** What is done once a turn is decided, in this order. */
export const SETTLING = [
  ...['keep the policy', 'install the candidate', 'remove what is not needed any more', 'write the record'],
] as const;

/** The policy in the turn's folder, for going back. It is whole once its manifest is there; nothing is installed before. */
async function keepPrevious(file: string, working: string): Promise<void> {
  const previous = join(working, 'previous.onnx');
  if (existsSync(manifestFileOf(previous))) return;
  for (const [from, to] of [
    [file, previous],
    [manifestFileOf(file), manifestFileOf(previous)],
  ]) {
    await copyFile(from, `${to}.part`);
    await rename(`${to}.part`, to);
  }
}
