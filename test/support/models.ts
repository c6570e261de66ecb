import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';

/** Path of the first network that the repository ships. */
export function shippedModel(): string {
  return join(shippedPin().folder, 'model.onnx');
}

/** The first model of the repository's lock, and the folder of its files. */
export function shippedPin(): { readonly name: string; readonly version: string; readonly folder: string } {
  const { models } = z
    .object({ models: z.array(z.object({ name: z.string(), version: z.string() })).min(1) })
    .parse(JSON.parse(readFileSync(join(PACKAGE_ROOT, 'models', 'lock.json'), 'utf8')));
  const { name, version } = models[0];
  return { name, version, folder: join(PACKAGE_ROOT, 'models', name, version) };
}
