import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { checkPages, MOST_PAGE_BYTES, MOST_VALUES } from './parquet_pages.ts';

interface Page {
  readonly kind: 'data' | 'data v2' | 'dictionary';
  readonly values: number;
  /** Uncompressed, as told. */
  readonly told_bytes: number;
  /** Compressed, as told. */
  readonly bytes: number;
  /** That truly follow. */
  readonly follow: number;
}

const I32 = 5;
const STRUCT = 12;
const FIELD = { data: 5, dictionary: 7, 'data v2': 8 } as const;
const TYPE = { data: 0, dictionary: 2, 'data v2': 3 } as const;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  while (left > 0x7fn) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  return [...bytes, Number(left)];
}

/** An integer in Thrift's compact protocol: zigzag, then varint. */
const integer = (value: number) => varint(value >= 0 ? 2 * value : -2 * value - 1);

/** A PageHeader of parquet-format in Thrift's compact protocol, and the bytes after it. */
function encoded({ kind, values, told_bytes, bytes, follow }: Page, type = I32): number[] {
  const field = (delta: number, value: number) => [(delta << 4) | type, ...integer(value)];
  return [
    ...field(1, TYPE[kind]),
    ...field(1, told_bytes),
    ...field(1, bytes),
    ...[((FIELD[kind] - 3) << 4) | STRUCT, ...field(1, values), 0],
    0,
    ...new Array<number>(follow).fill(7),
  ];
}

const chunkOf = (pages: readonly Page[]) => Uint8Array.from(pages.flatMap((page) => encoded(page))).buffer;

function honest(rng: Rng): Page[] {
  return Array.from({ length: 1 + rng.int(5) }, (_, k) => {
    const bytes = rng.int(200);
    const kind = k === 0 && rng.uniform() < 0.5 ? 'dictionary' : rng.uniform() < 0.5 ? 'data' : 'data v2';
    return { kind, values: rng.int(500), told_bytes: rng.int(1000), bytes, follow: bytes };
  });
}

const valuesOf = (pages: readonly Page[]) =>
  pages.filter(({ kind }) => kind !== 'dictionary').reduce((sum, { values }) => sum + values, 0);

describe('pages of a column', () => {
  it('pass with as many values as the column may have, and not with one more', () => {
    for (let seed = 0; seed < 80; seed++) {
      const pages = honest(createRng(seed).stream('honest'));
      const values = valuesOf(pages);
      expect(() => checkPages(chunkOf(pages), values), `seed ${seed}`).not.toThrow();
      if (values > 0) expect(() => checkPages(chunkOf(pages), values - 1), `seed ${seed}`).toThrow(/in a column of/);
    }
  });

  it.each<[string, (page: Page, rng: Rng) => Page, RegExp]>([
    ['goes on beyond its column', (page) => ({ ...page, bytes: page.bytes + 4096 }), /beyond its column|impossible/],
    ['has less than no bytes', (page, rng) => ({ ...page, bytes: -1 - rng.int(1000) }), /impossible header/],
    ['becomes too large', (page, rng) => ({ ...page, told_bytes: MOST_PAGE_BYTES + 1 + rng.int(1000) }), /impossible/],
    ['becomes less than nothing', (page, rng) => ({ ...page, told_bytes: -1 - rng.int(9) }), /impossible header/],
    ['has less than no values', (page, rng) => ({ ...page, values: -1 - rng.int(1000) }), /impossible header/],
    ['has very many values', (page) => ({ ...page, values: MOST_VALUES + 1 }), /in a column of|too many values/],
  ])('are refused when one of them %s', (_, forge, said) => {
    for (let seed = 0; seed < 25; seed++) {
      const rng = createRng(seed).stream('forged');
      const pages = honest(rng);
      const at = rng.int(pages.length);
      // Of the last nothing follows that could be taken for its bytes.
      const forged = pages.map((page, k) => (k === at ? forge(page, rng) : page)).slice(0, at + 1);
      expect(() => checkPages(chunkOf(forged), MOST_VALUES), `seed ${seed}`).toThrow(said);
    }
  });

  it('are refused where a size is no 32-bit integer', () => {
    const page = { kind: 'data', values: 3, told_bytes: 9, bytes: 9, follow: 9 } as const;
    for (const type of [1, 2, 6])
      expect(() => checkPages(Uint8Array.from(encoded(page, type)).buffer, 100), `type ${type}`).toThrow();
  });

  it('of any bytes are read to an end or refused by an Error', () => {
    for (let seed = 0; seed < 600; seed++) {
      const rng = createRng(seed).stream('bytes');
      const bytes = new Uint8Array(chunkOf(honest(rng)));
      const changes = 1 + rng.int(6);
      for (let k = 0; k < changes; k++) bytes[rng.int(bytes.length)] = rng.int(256);
      try {
        checkPages(bytes.buffer, 2000);
      } catch (error) {
        expect(error, `seed ${seed}`).toBeInstanceOf(Error);
      }
    }
  });
});
