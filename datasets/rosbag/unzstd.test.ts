import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zstd from '@foxglove/wasm-zstd';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { unzstd, unzstdFile, zstdWindow } from './unzstd.ts';

const MOST = 8 << 20;
const folder = mkdtempSync(join(tmpdir(), 'surepick-unzstd-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => zstd.isLoaded);

/** Blocks that each say: 128 KiB of one byte. Of 400 bytes 12 MiB become. */
function bomb(): Uint8Array {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
  return Buffer.concat([head, Buffer.concat(Array(100).fill(Buffer.from([0x02, 0x00, 0x10, 0x00])))]);
}

describe('zstd of unknown size', () => {
  it('is what libzstd compressed, of any length and level, in one piece and from a file', async () => {
    const rng = createRng(12).stream('zstd');
    for (let n = 0; n < 40; n++) {
      const content = Buffer.alloc(rng.int(4) === 0 ? rng.int(300_000) : rng.int(600));
      for (let i = 0; i < content.length; i++) content[i] = rng.int(3) === 0 ? rng.int(256) : 7;
      const packed = zstd.compress(content, 1 + rng.int(19));
      const where = `case ${n} of ${content.length} bytes`;
      expect(Buffer.from(unzstd(packed, 'x', MOST)).equals(content), where).toBe(true);
      const [from, to] = [join(folder, `${n}.zstd`), join(folder, `${n}`)];
      writeFileSync(from, packed);
      await unzstdFile(from, to, new AbortController().signal, MOST);
      expect(readFileSync(to).equals(content), where).toBe(true);
      const short = packed.subarray(0, rng.int(packed.length));
      expect(() => unzstd(short, 'x', MOST), `${where}, cut at ${short.length}`).toThrow(/must begin|is damaged/);
    }
  });

  it('that becomes too large is refused when it does, not after', async () => {
    expect(() => unzstd(bomb(), 'message', MOST)).toThrow(/message: becomes larger than 8 MiB; such bombs are refused/);
    const from = join(folder, 'bomb.zstd');
    writeFileSync(from, bomb());
    const read = unzstdFile(from, join(folder, 'bomb'), new AbortController().signal, MOST);
    await expect(read).rejects.toThrow(/becomes larger than 8 MiB/);
    expect(readFileSync(join(folder, 'bomb')).length).toBeLessThanOrEqual(MOST);
  });

  it('with a window of more than 128 MiB is refused before any room is made', () => {
    const head = (descriptor: number) => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, descriptor, 1, 0, 0, 0, 0, 0]);
    expect(zstdWindow(head(0x58))).toBe(2 << 20);
    expect(zstdWindow(head(0xa8))).toBe(2 ** 31);
    expect(() => unzstd(head(0xa8), 'x', MOST)).toThrow(/with a window of at most 128 MiB/);
    const whole = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect(zstdWindow(whole)).toBe(2 ** 32);
    expect(() => unzstd(whole, 'x', MOST)).toThrow(/with a window/);
  });
});
