import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type AuditEntry, readLog } from '../../../safety/index.ts';
import { DATASET_NAME, type Dataset } from '../../dataset/folder.ts';
import { type DatasetEpisode, episodeId, type Product } from '../../dataset/schema.ts';

/** What an entry of the log of outlets tells of data that left. */
const leaving = z.object({ to: z.string().min(1), from: z.string(), episodes: z.array(episodeId) });

export interface FoundExports {
  readonly exports: readonly Product[];
  /** Why there may be more; empty where the log holds together. */
  readonly doubt: string;
}

/**
 * Exports, pages and datasets that the log of outlets tells of, made of some of these episodes and not listed in the index: a run
 * keeps no list of what was made of it. Of folders that lie elsewhere now, too, as far as they are gone from where they were.
 * @param log  file; none where it does not exist
 */
export function exportsInLog(
  { folder, index }: Dataset,
  episodes: readonly DatasetEpisode[],
  log: string,
): FoundExports {
  if (log === '' || !existsSync(log)) return { exports: [], doubt: '' };
  const { entries, findings } = readLog(readFileSync(log), 'outlets');
  const ids = new Set(episodes.map(({ id }) => id));
  const own = realPathOf(folder);
  const found = new Map<string, Product>();
  for (const entry of entries) {
    const { data } = leaving.safeParse(entry.rule === 'outlet.allowed' ? entry.inputs : null);
    if (data === undefined || (existsSync(data.from) && realPathOf(data.from) !== own)) continue;
    const { to } = data;
    if (!data.episodes.some((id) => ids.has(id))) continue;
    if (index.products.some(({ told }) => told === to || realPathOf(told) === to)) continue;
    const before = found.get(to)?.episodes ?? [];
    found.set(to, {
      ...{ kind: existsSync(join(to, DATASET_NAME)) ? 'dataset' : 'export', told: to, format: formatOf(to) },
      ...{ made_at: timeOf(entry), revision: index.revision, tainted_by: [] },
      episodes: [...new Set([...before, ...data.episodes])],
    });
  }
  const [broken] = findings;
  const doubt =
    broken === undefined ? '' : `${log} is damaged at line ${broken.line}: exports that it told of may be missing here`;
  return { exports: [...found.values()], doubt };
}

function realPathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}

function formatOf(to: string): string {
  if (/\.html?$/i.test(to)) return 'html';
  if (existsSync(join(to, DATASET_NAME))) return 'surepick/dataset';
  return existsSync(join(to, 'meta', 'info.json')) ? 'lerobot' : 'not told';
}

function timeOf({ stamp_ns }: AuditEntry): string {
  return new Date(Number(BigInt(stamp_ns) / 1_000_000n)).toISOString();
}
