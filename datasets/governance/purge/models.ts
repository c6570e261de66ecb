import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Dataset } from '../../dataset/folder.ts';
import type { DatasetEpisode, Product } from '../../dataset/schema.ts';

/** Of a model's manifest, what says what it was trained with; the rest may be anything. */
const modelManifest = z.object({
  name: z.string(),
  version: z.string().default(''),
  training: z.object({ data_sha256: z.string() }),
});
const rootsOf = z.object({ root: z.string(), previous_root: z.string().nullable() });

/**
 * Models whose manifest names this dataset, or one of the episodes, as training data: by the root of its Merkle manifest, or
 * by the hash of a recording.
 * @param folders  searched with all that is below them
 */
export function modelsMadeWith(
  { folder, index }: Dataset,
  episodes: readonly DatasetEpisode[],
  folders: readonly string[],
  now: string,
): Product[] {
  const hashes = new Set([...episodes.map(({ sha256 }) => sha256), ...merkleRoots(folder)]);
  return folders.flatMap((each) =>
    manifestsBelow(each).flatMap((file): Product[] => {
      const parsed = modelManifest.safeParse(parseFile(file));
      if (!parsed.success || !hashes.has(parsed.data.training.data_sha256)) return [];
      const { name, version } = parsed.data;
      const told = `${name}${version === '' ? '' : `@${version}`} (${file})`;
      if (index.products.some((one) => one.told === told)) return [];
      const ids = episodes.map(({ id }) => id);
      return [
        { kind: 'model', told, format: 'onnx', made_at: now, revision: index.revision, episodes: ids, tainted_by: [] },
      ];
    }),
  );
}

function merkleRoots(folder: string): string[] {
  const file = join(folder, 'merkle.json');
  const parsed = rootsOf.safeParse(existsSync(file) ? parseFile(file) : null);
  if (!parsed.success) return [];
  const { root, previous_root } = parsed.data;
  return previous_root === null ? [root] : [root, previous_root];
}

function manifestsBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /manifest.*\.json$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
