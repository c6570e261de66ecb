import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { InputError } from '../../contracts/index.ts';
import type { NumberType } from './feature.ts';

/** A column: its name and the elements of its schema, itself first. */
export interface ParquetColumn {
  readonly name: string;
  readonly schema: readonly SchemaElement[];
  /** Pictures do not shrink. */
  readonly compressed: boolean;
}

const PHYSICAL: Readonly<Record<NumberType | 'string', Omit<SchemaElement, 'name'>>> = {
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  int8: { type: 'INT32', converted_type: 'INT_8' },
  int16: { type: 'INT32', converted_type: 'INT_16' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  uint8: { type: 'INT32', converted_type: 'UINT_8' },
  uint16: { type: 'INT32', converted_type: 'UINT_16' },
  uint32: { type: 'INT64' },
  bool: { type: 'BOOLEAN' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

/** A column of values, or of lists `depth` deep of them. */
export function valueColumn(name: string, type: NumberType | 'string', depth = 0): ParquetColumn {
  const schema: SchemaElement[] = [];
  for (let k = 0; k < depth; k++) {
    schema.push({
      name: k === 0 ? name : 'element',
      repetition_type: 'OPTIONAL',
      converted_type: 'LIST',
      num_children: 1,
    });
    schema.push({ name: 'list', repetition_type: 'REPEATED', num_children: 1 });
  }
  schema.push({ name: depth === 0 ? name : 'element', repetition_type: 'OPTIONAL', ...PHYSICAL[type] });
  return { name, schema, compressed: true };
}

/** A column of pictures as Hugging Face's datasets have them: bytes and what their file would be called. */
export function pictureColumn(name: string): ParquetColumn {
  const leaf = (child: string, type: Partial<SchemaElement>): SchemaElement => ({
    ...{ name: child, repetition_type: 'OPTIONAL' },
    ...type,
  });
  const schema: SchemaElement[] = [
    { name, repetition_type: 'OPTIONAL', num_children: 2 },
    leaf('bytes', { type: 'BYTE_ARRAY' }),
    leaf('path', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
  ];
  return { name, schema, compressed: false };
}

/** Writes a Parquet file, a row group at a time; only when it is whole does it bear its name. */
export class ParquetFile {
  private readonly file: string;
  private readonly columns: readonly ParquetColumn[];
  private readonly writer: ParquetWriter;

  /** Throws an InputError where it cannot be written. */
  constructor(file: string, columns: readonly ParquetColumn[], metadata: Readonly<Record<string, string>> = {}) {
    this.file = file;
    this.columns = columns;
    mkdirSync(dirname(file), { recursive: true });
    const schema = [{ name: 'schema', num_children: columns.length }, ...columns.flatMap((column) => column.schema)];
    this.writer = reported(file, () => {
      const kvMetadata = Object.entries(metadata).map(([key, value]) => ({ key, value }));
      const writer = fileWriter(`${file}.part`);
      return new ParquetWriter({ writer, schema, kvMetadata, createdBy: 'surepick', statistics: false });
    });
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.writer.writer.offset;
  }

  /** @param rows  of the columns in their order: values, lists or objects */
  writeGroup(rows: readonly (readonly unknown[])[]): void {
    const columnData = this.columns.map(({ name, compressed }, k) => ({
      name,
      data: [...rows[k]],
      offsetIndex: false,
      ...(compressed ? {} : ({ encoding: 'PLAIN', codec: 'UNCOMPRESSED' } as const)),
    }));
    const rowGroupSize = Math.max(1, rows[0].length);
    reported(this.file, () => this.writer.write({ columnData, rowGroupSize }));
  }

  /** Writes the footer and gives the file its name. */
  finish(): void {
    reported(this.file, () => {
      this.writer.finish();
      const descriptor = openSync(`${this.file}.part`, 'r+');
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(`${this.file}.part`, this.file);
    });
  }

  /** Removes what was begun. */
  abandon(): void {
    rmSync(`${this.file}.part`, { force: true });
  }
}

function reported<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new InputError(file, `cannot be written (${error.message}); free some space or choose another folder`, {
      cause: error,
    });
  }
}
