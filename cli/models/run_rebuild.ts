import { cpus } from 'node:os';
import { type Rebuild, rebuildPolicy } from '../../stack/index.ts';
import { emitJson, say } from '../common.ts';
import { untilInterrupted } from '../interrupt.ts';
import { createBar } from '../progress.ts';
import type { RebuildFlags } from './rebuild.ts';

/** Trains the policy of a file again, with progress, and says how the two compare. */
export async function runRebuild(file: string, { json, ...flags }: RebuildFlags): Promise<void> {
  const bar = createBar('');
  const rebuild = await untilInterrupted((signal) =>
    rebuildPolicy(
      { file, ...flags },
      {
        onPictures: (done, of) => bar.update(done, of, 'episodes pictured'),
        onPlayed: (segment, done) => bar.update(done, segment.orders.length, `${segment.name}: episodes`),
        onLoss: (segment, { step, held_out }) =>
          bar.update(step, segment.steps, `${segment.name}: held out ${held_out.toFixed(4)}`),
      },
      signal,
    ),
  ).finally(() => bar.stop());
  if (rebuild === null) {
    say('interrupted: nothing was kept');
    process.exitCode = 130;
    return;
  }
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
