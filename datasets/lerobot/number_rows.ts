import { InputError } from '../../contracts/index.ts';
import { planImport } from './import_plan.ts';
import { ParquetReader } from './parquet_reader.ts';
import { RowReader } from './source_row.ts';
import { openSource } from './source_set.ts';

/** Numbers of an episode of a set: rows of each feature one after the other. */
export interface NumberEpisode {
  readonly episode_index: number;
  readonly rows: number;
  readonly numbers: ReadonlyMap<string, Float64Array>;
}

/** A LeRobot set as numbers alone, without pictures and texts. */
export interface NumberSet {
  readonly fps: number;
  /** Empty where the set does not tell. */
  readonly robot: string;
  /** By feature: numbers a row, and the names of them where each has one. */
  readonly features: ReadonlyMap<string, { readonly width: number; readonly names: readonly string[] | null }>;
  readonly episodes: readonly NumberEpisode[];
}

/** Reads the features of numbers of a LeRobot v3.0 set. Throws an InputError naming file and row that cannot be read. */
export async function readNumberSet(folder: string): Promise<NumberSet> {
  const { info, data } = await openSource(folder);
  const plan = planImport(info);
  const widths = Object.entries(info.features).filter(([, { dtype }]) => !['string', 'image', 'video'].includes(dtype));
  const features = new Map(
    widths.map(([key, { shape, names }]) => {
      const width = shape.reduce((n, size) => n * size, 1);
      return [key, { width, names: namesOf(names, width) }] as const;
    }),
  );
  const rows = new Map<number, { count: number; numbers: Map<string, number[]> }>();
  for (const file of data) {
    const reader = await ParquetReader.open(file);
    try {
      const read = new RowReader(plan, info, reader.columns);
      for (let group = 0; group < reader.groups; group++)
        for (const raw of await reader.rows(group, read.columns)) add(rows, read, raw, file);
    } finally {
      await reader.close();
    }
  }
  return {
    ...{ fps: info.fps, robot: info.robot_type ?? '', features },
    episodes: [...rows].map(([episode_index, { count, numbers }]) => ({
      ...{ episode_index, rows: count },
      numbers: new Map([...numbers].map(([key, values]) => [key, Float64Array.from(values)])),
    })),
  };
}

function add(
  rows: Map<number, { count: number; numbers: Map<string, number[]> }>,
  read: RowReader,
  raw: Parameters<RowReader['read']>[0],
  file: string,
): void {
  try {
    const { episode_index, numbers } = read.read(raw);
    const episode = rows.get(episode_index) ?? { count: 0, numbers: new Map<string, number[]>() };
    rows.set(episode_index, episode);
    episode.count++;
    for (const [key, values] of numbers) {
      const all = episode.numbers.get(key) ?? [];
      all.push(...values);
      episode.numbers.set(key, all);
    }
  } catch (cause) {
    throw new InputError(`${file}: a row`, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function namesOf(names: unknown, width: number): readonly string[] | null {
  const inner = typeof names === 'object' && names !== null && !Array.isArray(names) ? Object.values(names)[0] : names;
  if (!Array.isArray(inner) || inner.length !== width) return null;
  return inner.every((name): name is string => typeof name === 'string') ? inner : null;
}
