import type { Command } from 'commander';
import { InputError } from '../contracts/index.ts';
import { DEFAULT_FINE_TUNING, type FineTuningRecipe, fineTunePolicy } from '../stack/index.ts';
import { emitJson, say } from './common.ts';
import { withBar } from './long_work.ts';

export interface FineTuneFlags {
  readonly from: string;
  readonly out: string;
  readonly workers: number;
  readonly resume: boolean;
  readonly json: boolean;
}

/** Options of `train` that a policy which is there already has decided. */
const OF_NEW_POLICIES = ['task', 'senses', 'method', 'demos', 'steps'] as const;

/** @throws InputError naming an option that says nothing about a policy that is there already */
export function checkFineTuneOptions(command: Command): void {
  const given = OF_NEW_POLICIES.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given !== undefined)
    throw new InputError(`--${given} beside --from`, 'a policy that is there already has its own');
}

/** `surepick train --from`: fine-tunes a policy, with progress; exit code 1 where no round was better. */
export async function runFineTuning(flags: FineTuneFlags, chosen: Partial<FineTuningRecipe>): Promise<void> {
  const { from, out, workers, resume, json } = flags;
  const recipe: FineTuningRecipe = { ...DEFAULT_FINE_TUNING, ...chosen };
  const report = await withBar((bar, signal) =>
    fineTunePolicy(
      { recipe, from, out, workers, resume },
      {
        onPlayed: (round, done, of) => bar.update(done, of, `round ${round}: episodes`),
        onStep: (round, step) => bar.update(step, recipe.round_steps, `round ${round}: steps`),
        onRound: (round, { successes, episodes }, explained) => {
          const values = explained === null ? '' : `; values explain ${(100 * explained).toFixed(0)} % of the returns`;
          say(`${round === 0 ? 'before' : `round ${round}`}: ${successes} of ${episodes} episodes succeed${values}`);
        },
      },
      signal,
    ),
  );
  if (report === null) return;
  const { manifest, comparison, curves, parity } = report;
  if (manifest === null || comparison === null) {
    say(`no round was better than ${from}: nothing was written; try more --rounds, or another --seed`);
    process.exitCode = 1;
  } else {
    const { value, interval } = manifest.metrics.success;
    const [low, high] = comparison.interval.map((x) => (100 * x).toFixed(1));
    say(`${out}: success ${value} [${interval.map((x) => x.toFixed(3)).join(', ')}] on fresh episodes`);
    say(`against ${from}: ${(100 * comparison.difference).toFixed(1)} points [${low}, ${high}] on the same worlds`);
  }
  if (!json) return;
  const { value: success = null, interval: wilson95 = null } = manifest?.metrics.success ?? {};
  emitJson('train', { out, sha256: manifest?.sha256 ?? null, success, wilson95, parity, comparison, curves });
}
