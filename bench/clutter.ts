import { availableParallelism } from 'node:os';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions, type PickSummary, runBatch } from '../stack/index.ts';
import { type Benchmark, row } from './benchmark.ts';

const EPISODES = 30;
const SEED = 4242;
/** What has to hold: share of attempts, by the lower end of its interval, and picks an hour of simulated time. */
const LEAST_SHARE = 0.95;
const LEAST_PER_HOUR = 400;

async function play(options: Partial<EpisodeOptions>): Promise<{ picks: PickSummary; successes: number }> {
  const { summary } = await runBatch({
    episode: { ...DEFAULT_EPISODE_OPTIONS, task: 'clutter', seed: SEED, ...options },
    first: 0,
    episodes: EPISODES,
    workers: Math.min(2, availableParallelism()),
    pace: Number.POSITIVE_INFINITY,
    recording: null,
    trace_file: null,
    log_level: 'silent',
  });
  const { picks, successes } = summary;
  if (picks === null) throw new Error('the clutter task counts no picks');
  return { picks, successes };
}

/** Picks from a bin of touching objects, from cameras alone, beside a policy that is told where they are. */
export const clutter: Benchmark = {
  name: 'clutter',
  claim: 'share of attempts that bring an object from the bin to the tray, and how many an hour of simulated time',
  async run(progress) {
    progress('told the state');
    const told = await play({ policy: 'expert', observation: 'state' });
    progress('from cameras');
    const seen = await play({ policy: 'stack' });
    const name = 'told the state';
    const { attempts, done, success_rate, wilson95, per_hour } = seen.picks;
    return {
      rows: [
        row('attempts that succeed', success_rate, '', { name, value: told.picks.success_rate }),
        row('the same, lower end of the 95 % interval', wilson95[0], '', { name, value: told.picks.wilson95[0] }),
        row('picks an hour', per_hour, '1/h', { name, value: told.picks.per_hour }),
        row('bins emptied', seen.successes / EPISODES, '', { name, value: told.successes / EPISODES }),
      ],
      checks: [
        {
          name: 'attempts that succeed',
          pass: wilson95[0] >= LEAST_SHARE,
          detail: `${done} of ${attempts}, at least ${LEAST_SHARE} wanted of the interval's lower end`,
        },
        { name: 'picks an hour', pass: per_hour >= LEAST_PER_HOUR, detail: `at least ${LEAST_PER_HOUR} wanted` },
      ],
    };
  },
};
