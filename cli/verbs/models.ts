import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { ModelRepository, type ModelStatus } from '../../perception/index.ts';
import { emitJson, say } from '../common.ts';
import { allModels, type CheckedModel, checkModel, type ModelRow, matching } from '../models/all_models.ts';
import { addCalibrate } from '../models/calibrate.ts';
import { addCard } from '../models/card.ts';
import { addEvaluate } from '../models/evaluate.ts';
import { jsonFlag, modelsFlag } from '../models/flags.ts';
import { ownModels } from '../models/own_models.ts';
import { addRebuild } from '../models/rebuild.ts';
import { shippedPolicies } from '../models/shipped_policies.ts';
import { addSign } from '../models/sign.ts';
import { addTrust } from '../models/trust.ts';

const flagsOf = z.object({ models: z.string().optional(), json: z.boolean().optional() });

export function addModels(program: Command): void {
  const models = program
    .command('models')
    .description(
      'The vision models at hand: the shipped ones, pinned by SHA-256, and your own, signed by your keys; shipped policies.',
    );
  const verb = (name: string, description: string, example: string): Command =>
    models
      .command(name)
      .description(description)
      .addOption(modelsFlag())
      .addOption(jsonFlag())
      .addHelpText('after', `\nExample: ${example}`);
  verb('list', 'Name, version, size and who vouches for every model.', 'surepick models list').action(
    async (raw: unknown) => {
      const flags = flagsOf.parse(raw);
      const { rows, policies, unpinned } = await inspect(flags.models);
      say(tableOf([...rows, ...policies.map(rowOf)]));
      for (const { problem } of [...rows, ...policies]) if (problem !== '') say(`refused: ${problem}`);
      for (const name of unpinned) say(`not pinned, never loaded by name: ${name}`);
      if (flags.json) emitJson('models-list', { models: rows, policies, unpinned });
    },
  );
  verb(
    'verify',
    'Hash, signature and manifest of every model, and what it makes of its golden inputs; exit code 1 if one fails.',
    'surepick models verify',
  )
    .argument('[model]', 'NAME or NAME@VERSION (default: all)')
    .action(async (reference: string | undefined, raw: unknown) => {
      const flags = flagsOf.parse(raw);
      const { rows, repository, own, unpinned } = await inspect(flags.models);
      const policies = await shippedPolicies(repository, reference);
      const checked: CheckedModel[] = [];
      const named = reference !== undefined && policies.length > 0;
      for (const row of named ? [] : matching(rows, reference)) checked.push(await checkModel(row, repository, own));
      for (const model of checked) say(lineOf(model));
      for (const { name, version, verified, problem } of policies)
        say(verified ? `policy ${name}@${version}: as pinned` : `error: ${problem}`);
      const all = [...checked.map(({ ok }) => ok), ...policies.map(({ verified }) => verified)];
      const failed = all.filter((ok) => !ok).length;
      say(`${all.length - failed} of ${all.length} are as they should be`);
      if (flags.json) emitJson('models-verify', { models: checked, policies, unpinned, verified: failed === 0 });
      if (failed > 0) process.exitCode = 1;
    });
  addSign(models);
  addTrust(models);
  addCalibrate(models);
  addCard(models);
  addEvaluate(models);
  addRebuild(models);
}

async function inspect(folder: string | undefined) {
  const repository = new ModelRepository();
  const own = ownModels(folder);
  const rows = await allModels(repository, own);
  return { repository, own, rows, policies: await shippedPolicies(repository), unpinned: await repository.unpinned() };
}

/** A policy in the table of models. */
function rowOf({ name, version, sha256, bytes, verified, problem }: ModelStatus): ModelRow {
  const state = verified ? 'pinned' : 'refused';
  return { name: `policies/${name}`, version, origin: 'shipped', sha256, bytes, state, signed_by: '', problem };
}

function lineOf({ name, version, state, signed_by, golden, ok, problem }: CheckedModel): string {
  if (!ok) return `error: ${problem}`;
  const by = { pinned: 'as pinned', trusted: `signed by ${signed_by}`, unsigned: 'signed by nobody', refused: '' };
  const runs =
    golden === null ? 'it has no golden inputs' : `golden inputs within ${Number(golden.worst.toPrecision(2))}`;
  return `${name}@${version}: ${by[state]}; ${runs}`;
}

function tableOf(models: readonly ModelRow[]): string {
  const table = new Table({
    head: ['name', 'version', 'sha256', 'bytes', 'vouched for'],
    style: { head: [], border: [] },
  });
  for (const { name, version, sha256, bytes, state, signed_by } of models) {
    const by = { pinned: 'the repository', trusted: signed_by, unsigned: 'nobody', refused: 'REFUSED' }[state];
    table.push([name, version, sha256.slice(0, 16), bytes, by]);
  }
  return table.toString();
}
