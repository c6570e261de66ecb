import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { MOST_PIXELS, pictureHeader } from './picture_header.ts';

/** A PNG whose header says what it likes. */
function png(width: number, height: number, bits = 8, colour = 2): Uint8Array {
  const bytes = Buffer.alloc(64);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.set([bits, colour, 0, 0, 0], 24);
  return bytes;
}

/** A JPEG of nothing but a comment and the header of a frame. */
function jpeg(width: number, height: number, marker = 0xc0): Uint8Array {
  const bytes = Buffer.alloc(40);
  bytes.set([0xff, 0xd8, 0xff, 0xfe, 0, 6, 1, 2, 3, 4, 0xff, marker, 0, 17, 8]);
  bytes.writeUInt16BE(height, 15);
  bytes.writeUInt16BE(width, 17);
  bytes[19] = 3;
  return bytes;
}

const FORMS: readonly { readonly what: string; readonly of: (picture: Sharp) => Sharp }[] = [
  { what: 'JPEG', of: (picture) => picture.jpeg() },
  { what: 'progressive JPEG', of: (picture) => picture.jpeg({ progressive: true, quality: 30 }) },
  { what: 'grey JPEG', of: (picture) => picture.toColourspace('b-w').jpeg() },
  { what: 'JPEG with EXIF', of: (picture) => picture.withExif({ IFD0: { Copyright: 'nobody' } }).jpeg() },
  { what: 'PNG', of: (picture) => picture.png() },
  { what: 'PNG with alpha', of: (picture) => picture.ensureAlpha(0.5).png() },
  { what: 'grey PNG of 16 bits', of: (picture) => picture.toColourspace('grey16').png() },
  { what: 'PNG of 16 bits', of: (picture) => picture.toColourspace('rgb16').png() },
];

describe('headers of pictures', () => {
  it.each(FORMS)('say what a decoder says, and never something else of a part: $what', async ({ what, of }) => {
    const rng = createRng(1).stream(what);
    for (let k = 0; k < 4; k++) {
      const [width, height] = [1 + rng.int(90), 1 + rng.int(90)];
      const create = { width, height, channels: 3, background: { r: rng.int(256), g: 40, b: 200 } } as const;
      const bytes = new Uint8Array(await of(sharp({ create })).toBuffer());
      const decoded = await sharp(bytes).metadata();
      const header = pictureHeader(bytes);
      expect(header, what).toEqual({
        ...{ format: decoded.format, width, height, channels: decoded.channels },
        bits: decoded.depth === 'ushort' ? 16 : 8,
      });
      for (let n = 0; n < 60; n++) {
        const cut = rng.int(bytes.length);
        const part = pictureHeader(bytes.subarray(0, cut));
        if (part !== null) expect(part, `${what} cut at ${cut}`).toEqual(header);
      }
      // Readers of a larger file see it from somewhere.
      expect(pictureHeader(Buffer.concat([new Uint8Array(7), bytes]).subarray(7)), what).toEqual(header);
    }
  });

  it('of colours by a table are those of what they show', async () => {
    const create = { width: 9, height: 5, channels: 3, background: { r: 9, g: 40, b: 200 } } as const;
    const bytes = await sharp({ create }).png({ palette: true }).toBuffer();
    expect(pictureHeader(bytes)).toMatchObject({ width: 9, height: 5, channels: 3 });
  });

  it('are refused of pictures that would take much memory', () => {
    const [wide, high] = [8192, MOST_PIXELS / 8192];
    for (const of of [png, jpeg]) {
      expect(pictureHeader(of(wide, high))).toMatchObject({ width: wide, height: high });
      for (const [width, height] of [
        [wide, high + 1],
        [65_535, 65_535],
        [0, 5],
        [5, 0],
      ])
        expect(pictureHeader(of(width, height)), `${width}×${height}`).toBeNull();
    }
    expect(pictureHeader(png(2 ** 32 - 1, 2 ** 32 - 1))).toBeNull();
    expect(pictureHeader(png(5, 5, 8, 5)), 'a colour type that PNG has not').toBeNull();
  });

  it('are found after bytes that fill, and only in frames', () => {
    const bytes = jpeg(30, 20);
    for (let fill = 1; fill < 5; fill++) {
      const filled = Buffer.concat([bytes.subarray(0, 10), Buffer.alloc(fill, 0xff), bytes.subarray(10)]);
      expect(pictureHeader(filled), `${fill} bytes`).toEqual(pictureHeader(bytes));
    }
    for (let marker = 0xc0; marker <= 0xcf; marker++) {
      // Tables of Huffman and arithmetic codes, and JPG: no frames.
      const is_frame = ![0xc4, 0xc8, 0xcc].includes(marker);
      expect(pictureHeader(jpeg(30, 20, marker)) !== null, marker.toString(16)).toBe(is_frame);
    }
    const backwards = jpeg(30, 20);
    backwards.set([0, 1], 4);
    expect(pictureHeader(backwards), 'a segment shorter than its own length').toBeNull();
  });

  it('are read or refused for any bytes', () => {
    const rng = createRng(7).stream('headers');
    for (let k = 0; k < 5000; k++) {
      const bytes = Uint8Array.from({ length: rng.int(80) }, () => rng.int(256));
      const begun = k % 2 === 0 ? Uint8Array.of(0xff, 0xd8, 0xff) : png(rng.int(70_000), rng.int(70_000)).slice(0, 26);
      bytes.set(begun.slice(0, bytes.length));
      const header = pictureHeader(bytes);
      if (header !== null) expect(header.width * header.height).toBeLessThanOrEqual(MOST_PIXELS);
    }
  });
});
