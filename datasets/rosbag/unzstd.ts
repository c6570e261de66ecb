import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { Decompress } from 'fzstd';
import { InputError } from '../../contracts/index.ts';
import { bytesInWords, LIMITS } from './limits.ts';

const MAGIC = 0xfd2fb528;
/** As the zstd tool has it: larger windows are not opened without asking. */
const MOST_WINDOW_BYTES = 128 << 20;
const BLOCK = 1 << 18;
/** Bytes of a frame's dictionary id and content size, by their flags. */
const DICTIONARY = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];

/** Decompresses zstd of unknown size. Throws an InputError for what is none, is cut off, or becomes too large. */
export function unzstd(data: Uint8Array, what: string, most: number = LIMITS.message_bytes): Uint8Array {
  const blocks: Uint8Array[] = [];
  const stream = bounded(what, most, (block) => blocks.push(block.slice()));
  stream(data, true);
  return blocks.length === 1 ? blocks[0] : new Uint8Array(Buffer.concat(blocks));
}

/** Decompresses a file into a new one, block by block. Throws as `unzstd`. */
export async function unzstdFile(
  source: string,
  target: string,
  signal: AbortSignal,
  most: number = LIMITS.file_bytes,
): Promise<void> {
  const from = openSync(source, 'r');
  try {
    const to = openSync(target, 'wx');
    try {
      const stream = bounded(source, most, (block) => writeAll(to, block));
      const block = new Uint8Array(BLOCK);
      for (;;) {
        signal.throwIfAborted();
        const read = readSync(from, block, 0, BLOCK, null);
        stream(block.slice(0, read), read === 0);
        if (read === 0) return;
        await breathe();
      }
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done);
}

/** Bytes of history that a frame needs, by its header (RFC 8878, 3.1.1.1); NaN for what is no header. */
export function zstdWindow(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (head.length < 6 || view.getUint32(0, true) !== MAGIC) return Number.NaN;
  const flags = head[4];
  const whole = (flags & 0x20) !== 0;
  if (!whole) return 2 ** (10 + (head[5] >> 3)) * (1 + (head[5] & 7) / 8);
  const at = 5 + DICTIONARY[flags & 3];
  const bytes = CONTENT_SIZE[flags >> 6] || 1;
  if (at + bytes > head.length) return Number.NaN;
  if (bytes === 1) return head[at];
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

/** Takes compressed bytes and gives decompressed ones, at most so many; failures are told in words. */
function bounded(what: string, most: number, take: (block: Uint8Array) => void) {
  let [begun, ended, given] = [false, false, 0];
  const stream = new Decompress((block, final) => {
    given += block.length;
    if (given > most) throw new InputError(what, `becomes larger than ${bytesInWords(most)}; such bombs are refused`);
    ended ||= final === true;
    if (block.length > 0) take(block);
  });
  return (bytes: Uint8Array, final: boolean) => {
    if (!begun && !(zstdWindow(bytes) <= MOST_WINDOW_BYTES)) {
      const limit = bytesInWords(MOST_WINDOW_BYTES);
      throw new InputError(what, `must begin like zstd with a window of at most ${limit}; decompress it with zstd -d`);
    }
    begun = true;
    try {
      stream.push(bytes, final);
    } catch (error) {
      if (error instanceof InputError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(what, `is damaged: no whole zstd (${reason})`, { cause: error });
    }
    if (final && !ended) throw new InputError(what, 'is damaged: its zstd ends too soon');
  };
}
