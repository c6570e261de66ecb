import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Variables } from './places.ts';

const FOLDER = '/dev/shm';

/** What the segments of a graph of eight processes take, each as large as the Fast DDS profile says. */
export const GRAPH_BYTES = 8 * 36e6;

/** Room in the shared memory of this machine, and how many segments of Fast DDS there are; null where it has none. */
export function sharedMemory(): { readonly free_bytes: number; readonly segments: number } | null {
  if (!existsSync(FOLDER)) return null;
  const { bavail, bsize } = statfsSync(FOLDER);
  const segments = readdirSync(FOLDER).filter((name) => /^fast(rtps|dds)_[0-9a-f]+$/.test(name)).length;
  return { free_bytes: bavail * bsize, segments };
}

/**
 * Removes the shared memory of ROS processes that were killed: Fast DDS leaves 35 MB of each behind. What a living process
 * has is kept, because it holds locks.
 *
 * @param env  variables of a process that uses ROS
 * @returns how many segments were removed; null where the tool of Fast DDS is not there
 */
export async function removeDeadSegments(env: Variables): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)('fastdds', ['shm', 'clean'], { env: { ...env }, timeout: 30_000 });
    return Number(/(\d+) zombie segments? cleaned/.exec(stdout)?.[1] ?? 0);
  } catch {
    return null;
  }
}
