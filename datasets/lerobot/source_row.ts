import type { ImportPlan } from './import_plan.ts';
import type { InfoFile } from './info_file.ts';
import type { ParquetRow } from './parquet_reader.ts';

/** A row of a set, checked. */
export interface SourceRow {
  readonly episode_index: number;
  readonly frame_index: number;
  readonly timestamp_s: number;
  readonly task_index: number;
  /** Of every feature of numbers that is there. */
  readonly numbers: ReadonlyMap<string, Float64Array>;
  readonly texts: ReadonlyMap<string, string>;
  /** Null for a picture that stands elsewhere or nowhere. */
  readonly pictures: ReadonlyMap<string, Uint8Array | null>;
}

/** Reads rows as a plan needs them. Throws an Error that names the column for a row that is not as info.json says. */
export class RowReader {
  readonly columns: readonly string[];
  private readonly numbers: readonly (readonly [string, number])[];
  private readonly texts: readonly string[];
  private readonly pictures: readonly string[];

  constructor(plan: ImportPlan, { features }: Pick<InfoFile, 'features'>, present: readonly string[]) {
    const told = [plan.state?.key, plan.velocity, plan.effort, plan.action?.key, plan.wrench];
    const kept = plan.kept.filter(({ dtype }) => dtype !== 'string').map(({ key }) => key);
    const keys = [...told, ...kept].filter((key) => key !== null && key !== undefined);
    this.numbers = keys.map((key) => [key, features[key].shape.reduce((n, size) => n * size, 1)] as const);
    this.texts = plan.kept.filter(({ dtype }) => dtype === 'string').map(({ key }) => key);
    this.pictures = plan.cameras.filter(({ video }) => !video).map(({ key }) => key);
    const wanted = [
      'episode_index',
      'frame_index',
      'timestamp',
      'task_index',
      ...keys,
      ...this.texts,
      ...this.pictures,
    ];
    this.columns = wanted.filter((column) => present.includes(column));
  }

  read(row: ParquetRow): SourceRow {
    const has = (key: string) => this.columns.includes(key);
    return {
      episode_index: integer(row, 'episode_index'),
      frame_index: integer(row, 'frame_index'),
      timestamp_s: scalar(row, 'timestamp'),
      task_index: has('task_index') ? integer(row, 'task_index') : 0,
      numbers: new Map(
        this.numbers.filter(([key]) => has(key)).map(([key, width]) => [key, numbersOf(row, key, width)]),
      ),
      texts: new Map(this.texts.filter(has).map((key) => [key, textOf(row[key])])),
      pictures: new Map(this.pictures.filter(has).map((key) => [key, bytesOf(row[key])])),
    };
  }
}

function scalar(row: ParquetRow, key: string): number {
  const [value] = numbersOf(row, key, 1);
  return value;
}

function integer(row: ParquetRow, key: string): number {
  const value = scalar(row, key);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${key} is ${value}, not a whole number from 0`);
  return value;
}

function numbersOf(row: ParquetRow, key: string, width: number): Float64Array {
  const out = new Float64Array(width);
  let count = 0;
  const take = (value: unknown): void => {
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
      if (count < width) out[count] = Number(value);
      count++;
    } else if (value === null) {
      if (count < width) out[count] = Number.NaN;
      count++;
    } else if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
      for (const inner of Array.from(value as ArrayLike<unknown>)) take(inner);
    } else {
      throw new Error(`${key} holds ${typeof value}, not numbers`);
    }
  };
  take(row[key]);
  if (count !== width) throw new Error(`${key} has ${count} values, not ${width}`);
  return out;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Only what stands in the table itself: a path in it is not followed. */
function bytesOf(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return null;
  return value.bytes instanceof Uint8Array ? value.bytes : null;
}
