import type { Command } from 'commander';
import type { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { ModelRepository } from '../../perception/index.ts';
import { drawingFlags, jsonFlag, seedFlag, whole } from './flags.ts';
import { shippedPolicies } from './shipped_policies.ts';

const flagsOf = drawingFlags.extend({ workers: whole(1), episodes: whole(1) });
export type RebuildFlags = z.infer<typeof flagsOf>;

/** Adds `models rebuild`. */
export function addRebuild(models: Command): void {
  models
    .command('rebuild')
    .description(
      'Trains a policy again by the command of its manifest and compares: equal bytes, else success on the same worlds; exit code 1 if it is over half a point lower.',
    )
    .argument('[policy]', 'shipped: NAME or NAME@VERSION; or FILE.onnx with its manifest', 'pick')
    .option('--workers <n>', 'threads that play', '2')
    .option('--episodes <n>', 'worlds that both play in where the bytes are others', '500')
    .addOption(seedFlag('those worlds', 900_003))
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample: surepick models rebuild pick')
    .action(async (policy: string, raw: unknown) => {
      const flags = flagsOf.parse(raw);
      const file = policy.endsWith('.onnx') ? policy : await shippedFile(policy);
      // The simulator takes a while to load, which the other verbs do without.
      const { runRebuild } = await import('./run_rebuild.ts');
      await runRebuild(file, flags);
    });
}

async function shippedFile(reference: string): Promise<string> {
  const repository = new ModelRepository();
  const found = (await shippedPolicies(repository, reference)).at(-1);
  if (found === undefined) {
    const known = (await repository.lock()).policies.map(({ name, version }) => `${name}@${version}`);
    throw new InputError(`policy ${reference}`, `FILE.onnx, or one of: ${known.join(', ') || 'none'}`);
  }
  if (!found.verified) throw new InputError(`policy ${reference}`, found.problem);
  return repository.policyFile(found.name);
}
