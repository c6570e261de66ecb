import { cpus } from 'node:os';
import { type Rebuild, rebuildPolicy } from '../../stack/index.ts';
import { emitJson, say } from '../common.ts';
import { trainingProgress, withBar } from '../long_work.ts';
import type { RebuildFlags } from './rebuild.ts';

/** Trains the policy of a file again, with progress, and says how the two compare. */
export async function runRebuild(file: string, { json, ...flags }: RebuildFlags): Promise<void> {
  const rebuild = await withBar(
    (bar, signal) => rebuildPolicy({ file, ...flags }, trainingProgress(bar), signal),
    'interrupted: nothing was kept',
  );
  if (rebuild === null) return;
  say(wordsOf(file, rebuild));
  if (json) emitJson('models-rebuild', { file, ...rebuild });
  if (rebuild.outcome === 'different') process.exitCode = 1;
}

function wordsOf(file: string, { outcome, command, sha256, comparison }: Rebuild): string {
  if (comparison === null) return `${file}: the same bytes again by '${command}'`;
  const { pairs, difference, interval } = comparison;
  const [points, low, high] = [difference, ...interval].map((share) => (100 * share).toFixed(1));
  const machine = cpus()[0]?.model ?? process.arch;
  const why = `other bytes (${sha256.rebuilt}), as arithmetic differs from machine to machine: here ${machine}`;
  const judged = outcome === 'close' ? 'at most half a point lower' : 'more than half a point lower';
  return `${file}: ${why}; success ${points} points [${low}, ${high}] on ${pairs} worlds, ${judged}`;
}
