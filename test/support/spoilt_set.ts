import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, InputError } from '../../contracts/index.ts';
import { importLerobot, type LerobotImport } from '../../datasets/index.ts';
import { setContents } from './set_contents.ts';

/** What came of reading a set: what was read of it, or the line that refuses it. */
export type Read = { readonly made: LerobotImport } | { readonly refused: string };

/** Imports; what is no InputError is thrown on. */
export async function tryImport(source: string, out: string): Promise<Read> {
  try {
    return { made: await importLerobot({ source, out, name: 'spoilt', now: '2026-01-02T03:04:05Z', video: null }) };
  } catch (error) {
    if (error instanceof InputError) return { refused: error.message };
    throw error;
  }
}

/** Spoils one file of a copy of a set, as drawn: cuts it, flips bytes, or writes large numbers. Says what was done. */
export function spoil(set: string, copy: string, seed: number): string {
  cpSync(set, copy, { recursive: true });
  const rng = createRng(seed).stream('spoilt set');
  const paths = [...setContents(set, ['surepick_export.json', 'stats.json']).keys()];
  const path = paths[rng.int(paths.length)];
  const bytes = readFileSync(join(set, path));
  const at = rng.int(bytes.length);
  switch (rng.int(3)) {
    case 0:
      writeFileSync(join(copy, path), bytes.subarray(0, at));
      return `${path} cut at ${at} of ${bytes.length}`;
    case 1:
      for (let k = 0; k < 4; k++) bytes[rng.int(bytes.length)] ^= 1 << rng.int(8);
      break;
    default:
      // Where the footers of tables lie, counts and lengths are.
      for (let k = 0; k < 4; k++) bytes[bytes.length - 1 - rng.int(Math.min(bytes.length, 3000))] = 0xff;
  }
  writeFileSync(join(copy, path), bytes);
  return `${path} with other bytes (seed ${seed})`;
}
