import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zstd from '@foxglove/wasm-zstd';
import { expect } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { importBags, openDataset } from '../../datasets/index.ts';
import { mutate, writeDatabase, writeMcap } from './made_bags.ts';

const MESSAGES = 60;

/**
 * Imports `count` bags with bytes changed, added or removed anywhere: each must be read or refused by name, and give no more
 * messages than it held. Returns how many were which; any other error is thrown with the case that made it.
 */
export async function importMutated(seed: number, count: number): Promise<{ read: number; refused: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-mutated-bags-'));
  try {
    const rng = createRng(seed).stream('mutations');
    const sources = await sourcesIn(folder);
    const seen = { read: 0, refused: 0 };
    for (let n = 0; n < count; n++) {
      const { bytes, suffix } = sources[n % sources.length];
      const { mutated, what } = mutate(bytes, rng);
      const [file, out] = [join(folder, `mutated-${n}${suffix}`), join(folder, `set-${n}`)];
      writeFileSync(file, mutated);
      const where = `seed ${seed}, mutation ${n} of ${suffix}: ${what}`;
      const id = '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a';
      const { signal } = new AbortController();
      try {
        const { bags } = await importBags({ source: file, out, name: 'x', id, now: '2026-02-03T04:05:06Z', signal });
        expect(bags[0].messages, where).toBeLessThanOrEqual(MESSAGES);
        expect((await openDataset(out)).index.episodes, where).toHaveLength(1);
        seen.read++;
      } catch (error) {
        if (!(error instanceof InputError)) throw new Error(`${where}: ${String(error)}`, { cause: error });
        seen.refused++;
      }
      for (const path of [file, out]) rmSync(path, { recursive: true, force: true });
    }
    return seen;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function sourcesIn(folder: string): Promise<{ bytes: Buffer; suffix: string }[]> {
  await zstd.isLoaded;
  const database = readFileSync(writeDatabase(join(folder, 'whole.db3'), MESSAGES));
  return [
    { bytes: database, suffix: '.db3' },
    { bytes: readFileSync(await writeMcap(join(folder, 'whole.mcap'), MESSAGES)), suffix: '.mcap' },
    { bytes: Buffer.from(zstd.compress(database, 1)), suffix: '.db3.zstd' },
  ];
}
