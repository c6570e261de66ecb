import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { MODELS_FOLDER, ModelRepository, type ModelStatus } from '../../perception/index.ts';
import { emitJson, say } from '../common.ts';

const flagsOf = z.object({ models: z.string(), json: z.boolean().optional() });

export function addModels(program: Command): void {
  const models = program.command('models').description('The vision models at hand, each pinned by its SHA-256.');
  const verb = (name: string, description: string, example: string): Command =>
    models
      .command(name)
      .description(description)
      .option('--models <dir>', 'folder with lock.json and the models', MODELS_FOLDER)
      .option('--json', 'print one JSON object as the last line of stdout')
      .addHelpText('after', `\nExample: ${example}`);
  verb('list', 'Name, version, hash and size of every model.', 'surepick models list').action(
    async (raw: Record<string, unknown>) => {
      const flags = flagsOf.parse(raw);
      const { found, unpinned } = await inspect(flags.models);
      say(tableOf(found));
      for (const name of unpinned) say(`not pinned, never loaded by name: ${name}`);
      if (flags.json) emitJson('models-list', { models: found, unpinned });
    },
  );
  verb(
    'verify',
    'Compare every model with its pinned hash; exit code 1 if one differs.',
    'surepick models verify',
  ).action(async (raw: Record<string, unknown>) => {
    const flags = flagsOf.parse(raw);
    const { found, unpinned } = await inspect(flags.models);
    const failed = found.filter((model) => !model.verified);
    for (const { problem } of failed) say(`error: ${problem}`);
    say(`${found.length - failed.length} of ${found.length} models are as pinned`);
    if (flags.json) emitJson('models-verify', { models: found, unpinned, verified: failed.length === 0 });
    if (failed.length > 0) process.exitCode = 1;
  });
}

async function inspect(folder: string): Promise<{ found: ModelStatus[]; unpinned: string[] }> {
  const repository = new ModelRepository(folder);
  return { found: await repository.verify(), unpinned: await repository.unpinned() };
}

function tableOf(models: readonly ModelStatus[]): string {
  const table = new Table({
    head: ['name', 'version', 'sha256', 'bytes', 'verified'],
    style: { head: [], border: [] },
  });
  for (const { name, version, sha256, bytes, verified } of models) {
    table.push([name, version, sha256.slice(0, 16), bytes, verified ? 'yes' : 'NO']);
  }
  return table.toString();
}
