import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const CHANGES = ['openSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'rmSync', 'unlinkSync', 'mkdirSync'] as const;

class Killed extends Error {}

/**
 * Does `work` as a process would that is killed at its `last`-th change of the disk, counted from 1: that change is not made, a
 * write is made by half, and nothing after it reaches the disk. Returns whether it was killed at all.
 */
export async function killedAtChange(last: number, work: () => Promise<unknown>): Promise<boolean> {
  const own = Object.fromEntries(CHANGES.map((name) => [name, fs[name]]));
  let changes = 0;
  const die = (): never => {
    throw new Killed(`killed at change ${last}`);
  };
  for (const name of CHANGES) {
    const real = fs[name] as (...args: unknown[]) => unknown;
    const replaced = (...args: unknown[]): unknown => {
      if (name === 'openSync' && (args[1] === 'r' || args[1] === undefined)) return real(...args);
      changes++;
      if (changes > last) return die();
      if (changes < last) return real(...args);
      if (name === 'writeFileSync' && typeof args[1] === 'string') real(args[0], args[1].slice(0, args[1].length >> 1));
      return die();
    };
    Object.assign(fs, { [name]: replaced });
  }
  syncBuiltinESMExports();
  try {
    await work();
    return false;
  } catch (error) {
    if (changes >= last) return true;
    throw error;
  } finally {
    Object.assign(fs, own);
    syncBuiltinESMExports();
  }
}
