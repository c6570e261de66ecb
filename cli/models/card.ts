import type { Command } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { parseTaskPolicyManifest } from '../../control/index.ts';
import { ModelRepository, type ModelStatus } from '../../perception/index.ts';
import { emitJson, say } from '../common.ts';
import { readJsonFile, writeTextFile } from '../json_files.ts';
import { allModels, checkModel, filesOf, matching } from './all_models.ts';
import { renderModelCard } from './card_page.ts';
import { modelsFlag } from './flags.ts';
import { ownModels } from './own_models.ts';
import { renderPolicyCard } from './policy_card.ts';
import { shippedPolicies } from './shipped_policies.ts';

const flagsOf = z.object({
  models: z.string().optional(),
  out: z.string().optional(),
  json: z.boolean().default(false),
});

/** Adds `models card`. */
export function addCard(models: Command): void {
  models
    .command('card')
    .description(
      'One HTML page of a model or a shipped policy: what it is, data, measured quality with intervals, calibration, limits, licence.',
    )
    .argument('[model]', 'NAME or NAME@VERSION; the newest without a version', 'vision')
    .addOption(modelsFlag())
    .option('--out <file>', 'the page, e.g. card.html')
    .option('--json', 'print its numbers as one JSON object')
    .addHelpText('after', '\nExample: surepick models card vision --out vision.html')
    .action(async (reference: string, raw: unknown) => {
      const { models: folder, out, json } = flagsOf.parse(raw);
      if (out === undefined && !json) throw new InputError('models card', '--out FILE, --json or both');
      const repository = new ModelRepository();
      const policy = (await shippedPolicies(repository, reference)).at(-1);
      if (policy !== undefined) return policyCard(policy, repository.policyFile(policy.name), out, json);
      const own = ownModels(folder);
      const found = matching(await allModels(repository, own), reference);
      // As a detector finds it: a shipped one goes before your own.
      const row = found.filter(({ origin }) => origin === found[0].origin).at(-1) ?? found[0];
      if (row.state === 'refused') throw new InputError(`model ${reference}`, row.problem);
      const { manifest } = await filesOf(row, repository, own);
      const checked = await checkModel(row, repository, own);
      if (out !== undefined) writeCard(out, renderModelCard(manifest, checked));
      if (json) emitJson('models-card', { model: `${row.name}@${row.version}`, manifest, checked });
    });
}

function policyCard(policy: ModelStatus, network: string, out: string | undefined, json: boolean): void {
  const { name, version, verified, problem } = policy;
  if (!verified) throw new InputError(`policy ${name}`, problem);
  const file = network.replace(/\.onnx$/, '.manifest.json');
  const manifest = parseTaskPolicyManifest(readJsonFile(file, z.unknown()), file);
  if (out !== undefined) writeCard(out, renderPolicyCard(manifest, policy));
  if (json) emitJson('models-card', { policy: `${name}@${version}`, manifest });
}

function writeCard(out: string, page: string): void {
  writeTextFile(out, [page]);
  say(`card: ${out} (${(page.length / 1e3).toFixed(0)} kB)`);
}
