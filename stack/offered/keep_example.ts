import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writePolicyExample } from '../../datasets/index.ts';
import { saveDemonstrations } from '../../learning/index.ts';
import type { FittingPolicy } from '../policies/task_policy_file.ts';
import type { ExampleOfRun } from './run_example.ts';

/** Where examples of a cell's policies are kept. */
export interface ExamplesPlace {
  /** Made when there is something to keep; has a folder for each policy, since others are told other features. */
  readonly folder: string;
  /** Of the files' names; another one for every start of a cell. */
  readonly prefix: string;
}

/**
 * Keeps an example: PREFIX-TIME.demonstrations, and then PREFIX-TIME.json, which names it and says whose it is.
 * @returns the JSON file
 */
export async function keepExample(
  { folder, prefix }: ExamplesPlace,
  { features, manifest }: FittingPolicy,
  { demonstration, ...facts }: ExampleOfRun,
): Promise<string> {
  const { name, model_sha256 } = facts.policy;
  const own = join(folder, `${name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 80)}-${model_sha256.slice(0, 12)}`);
  mkdirSync(own, { recursive: true });
  const stem = `${prefix}-${BigInt(facts.began_ns) / 1_000_000n}`;
  const file = `${stem}.demonstrations`;
  const { length: steps, success } = demonstration;
  const { sha256 } = await saveDemonstrations(
    join(own, file),
    `people at policy ${name} ${model_sha256}, run of ${stem}`,
    [demonstration],
    {
      observation: features.reduce((sum, { size }) => sum + size, 0),
      action: manifest.action.names.length,
      features: features.map((feature) => feature.name),
    },
  );
  const path = join(own, `${stem}.json`);
  writePolicyExample(path, { ...facts, demonstration: { file, sha256, steps, success } });
  return path;
}
