import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { z } from 'zod';

/** No more than this is read of a column of a row group at once. */
export const MOST_VALUES = 64 * 1024 * 1024;
export const MOST_PAGE_BYTES = 1024 * 1024 * 1024;

const size = z.number().int().nonnegative();
const counted = z.object({ field_1: size });
/** PageHeader of parquet-format. */
const pageHeader = z.object({
  field_2: size.max(MOST_PAGE_BYTES),
  field_3: size.max(MOST_PAGE_BYTES),
  field_5: counted.optional(),
  field_7: counted.optional(),
  field_8: counted.optional(),
});

/**
 * Looks at the headers of all pages of a column chunk before any is decoded: readers make room for the counts they state.
 * Throws an Error that says what cannot be.
 * @param limit  values that the chunk may have by its own metadata
 */
export function checkPages(chunk: ArrayBuffer, limit: number): void {
  const reader = { view: new DataView(chunk), offset: 0 };
  let values = 0;
  while (reader.offset < chunk.byteLength - 1) {
    const header = pageHeader.safeParse(deserializeTCompactProtocol(reader));
    if (!header.success) throw new Error('a page has an impossible header');
    const { field_3: compressed, field_5: v1, field_7: dictionary, field_8: v2 } = header.data;
    if (reader.offset + compressed > chunk.byteLength) throw new Error('a page goes on beyond its column');
    reader.offset += compressed;
    if ((dictionary?.field_1 ?? 0) > MOST_VALUES) throw new Error('a dictionary of too many values');
    values += (v1 ?? v2)?.field_1 ?? 0;
    if (values > limit) throw new Error(`pages of ${values} values in a column of ${limit}`);
  }
}
