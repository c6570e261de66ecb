import { cpus } from 'node:os';
import { setImmediate as breathe } from 'node:timers/promises';

/** One piece of work of the setup; it leaves a folder with a mark in it, and is done again from its start if killed. */
export interface Step {
  readonly id: string;
  /** What is done, for people: `build control_msgs`. */
  readonly label: string;
  readonly after: readonly string[];
  /** About how long it takes on two cores, in seconds: its share of the progress. */
  readonly weight_s: number;
  isDone(): boolean;
  run(report: StepReport): Promise<void>;
}

export interface StepReport {
  readonly signal: AbortSignal;
  /** @param share of this step that is done, 0 to 1 */
  progress(share: number): void;
}

export interface SetupProgress {
  /** Done and total, in the steps' weights. */
  readonly done_s: number;
  readonly total_s: number;
  /** What is being done at the moment. */
  readonly now: readonly string[];
  /** A step that has just ended. */
  readonly finished?: { readonly label: string; readonly took_s: number };
}

/**
 * Runs what is not done yet, several steps at once where their order allows it, first those that the longest work waits
 * for. The first failure stops the others.
 *
 * @param now_s  monotonic clock, for the report alone
 */
export async function runSteps(
  steps: readonly Step[],
  onProgress: (progress: SetupProgress) => void,
  { at_once = Math.max(1, cpus().length), signal, now_s = () => performance.now() / 1000 }: RunOptions = {},
): Promise<void> {
  const total_s = steps.reduce((sum, { weight_s }) => sum + weight_s, 0);
  const share = new Map(steps.map((step) => [step.id, step.isDone() ? 1 : 0]));
  const chain = chainsOf(steps);
  const waiting = steps
    .filter(({ id }) => share.get(id) === 0)
    .sort((a, b) => (chain.get(b.id) ?? 0) - (chain.get(a.id) ?? 0));
  const running = new Map<string, Promise<void>>();
  const failure = new AbortController();
  const stop = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const tell = (finished?: { label: string; took_s: number }) =>
    onProgress({
      done_s: steps.reduce((sum, { id, weight_s }) => sum + weight_s * (share.get(id) ?? 0), 0),
      total_s,
      now: steps.filter(({ id }) => running.has(id)).map(({ label }) => label),
      ...(finished === undefined ? {} : { finished }),
    });
  const work = async (step: Step): Promise<void> => {
    const begin_s = now_s();
    await breathe();
    await step.run({
      signal: stop,
      progress: (part) => {
        share.set(step.id, Math.min(part, 0.99));
        tell();
      },
    });
    share.set(step.id, 1);
    running.delete(step.id);
    tell({ label: step.label, took_s: now_s() - begin_s });
  };
  try {
    while (waiting.length > 0 || running.size > 0) {
      stop.throwIfAborted();
      const ready = waiting.findIndex(({ after }) => after.every((id) => (share.get(id) ?? 1) === 1));
      if (ready >= 0 && running.size < at_once) {
        const [step] = waiting.splice(ready, 1);
        running.set(step.id, work(step));
        tell();
      } else {
        await Promise.race(running.values());
      }
    }
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(running.values());
    throw error;
  }
}

/** How much work there is from each step on to the end, along the longest way. */
function chainsOf(steps: readonly Step[]): ReadonlyMap<string, number> {
  const chains = new Map<string, number>();
  const chainOf = (step: Step): number => {
    const known = chains.get(step.id);
    if (known !== undefined) return known;
    const later = steps.filter(({ after }) => after.includes(step.id)).map(chainOf);
    const length = step.weight_s + Math.max(0, ...later);
    chains.set(step.id, length);
    return length;
  };
  steps.forEach(chainOf);
  return chains;
}

export interface RunOptions {
  readonly at_once?: number;
  readonly signal?: AbortSignal | undefined;
  now_s?(): number;
}
