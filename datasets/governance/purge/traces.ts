import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { pictureOf, readRecording, roleOf } from '../../recording/index.ts';

/** By what a file is found to hold bytes of a recording. */
export interface Traces {
  /** Stretches of it that are in no other recording, WINDOW_BYTES each. */
  readonly windows: readonly Buffer[];
  /** SHA-256 of its colour pictures as they were encoded. */
  readonly pictures: ReadonlySet<string>;
}

const WINDOW_BYTES = 64;
const MOST_WINDOWS = 32;
/** A stretch of fewer different bytes may be anybody's. */
const LEAST_DIFFERENT = 24;
const MAGIC_BYTES = 8;
const RECORD_HEADER_BYTES = 9;
/** Opcode of a chunk (MCAP specification, "Chunk (op=0x06)"). */
const CHUNK = 0x06;
const BLOCK_BYTES = 1 << 22;
/** Text beyond this is not searched for pictures. */
const LONGEST_TEXT_BYTES = 1 << 29;
const PICTURE_IN_TEXT = /data:image\/[a-z+]+;base64,([A-Za-z0-9+/=]+)/g;

/** Traces of a recording as far as it can be read; of one that is no recording, windows of its whole content. */
export async function tracesOf(file: string): Promise<Traces> {
  const pictures = new Set<string>();
  try {
    for await (const message of readRecording(file)) {
      if (roleOf(message.topic, message.type).role !== 'colour') continue;
      const picture = pictureOf(message);
      if (picture !== null) pictures.add(hashOf(picture.data));
    }
  } catch {
    // What cannot be read as a recording still has its windows.
  }
  return { windows: windowsOf(readFileSync(file)), pictures };
}

/** Whether a file holds a window of the recording, one of its pictures, or is one. */
export function holdsTraces(file: string, { windows, pictures }: Traces): boolean {
  if (/\.(?:html?|svg|json|jsonl|md|xml)$/i.test(file) && statSync(file).size < LONGEST_TEXT_BYTES) {
    const text = readFileSync(file, 'latin1');
    for (const [, data] of text.matchAll(PICTURE_IN_TEXT))
      if (pictures.has(hashOf(Buffer.from(data, 'base64')))) return true;
  }
  return pictures.has(hashFileOf(file)) || holdsWindow(file, windows);
}

/** The middle of every so many chunks, which are compressed and so alike in no two recordings. */
function windowsOf(content: Buffer): Buffer[] {
  const places = chunksOf(content);
  const stretches = places.length > 0 ? places : [{ start: 0, end: content.length }];
  const every = Math.max(1, Math.ceil(stretches.length / MOST_WINDOWS));
  const windows: Buffer[] = [];
  for (let k = 0; k < stretches.length; k += every) {
    const { start, end } = stretches[k];
    const middle = start + Math.max(0, ((end - start - WINDOW_BYTES) / 2) | 0);
    const window = Buffer.from(content.subarray(middle, middle + WINDOW_BYTES));
    if (new Set(window).size >= LEAST_DIFFERENT) windows.push(window);
  }
  return windows;
}

function chunksOf(content: Buffer): { readonly start: number; readonly end: number }[] {
  const chunks: { start: number; end: number }[] = [];
  for (let at = MAGIC_BYTES; at + RECORD_HEADER_BYTES <= content.length; ) {
    const length = Number(content.readBigUInt64LE(at + 1));
    const [start, end] = [at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length];
    if (end > content.length) break;
    if (content[at] === CHUNK) chunks.push({ start, end });
    at = end;
  }
  return chunks;
}

function holdsWindow(file: string, windows: readonly Buffer[]): boolean {
  if (windows.length === 0) return false;
  const fd = openSync(file, 'r');
  try {
    const block = Buffer.allocUnsafe(BLOCK_BYTES + WINDOW_BYTES);
    for (let kept = 0; ; ) {
      const read = readSync(fd, block, kept, BLOCK_BYTES, null);
      if (read === 0) return false;
      const seen = block.subarray(0, kept + read);
      if (windows.some((window) => seen.includes(window))) return true;
      kept = Math.min(WINDOW_BYTES - 1, seen.length);
      seen.copyWithin(0, seen.length - kept);
    }
  } finally {
    closeSync(fd);
  }
}

function hashFileOf(file: string): string {
  const hash = createHash('sha256');
  const fd = openSync(file, 'r');
  try {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let read = readSync(fd, block); read > 0; read = readSync(fd, block)) hash.update(block.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

const hashOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
