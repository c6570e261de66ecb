import { availableParallelism } from 'node:os';
import { type BatchResult, DEFAULT_EPISODE_OPTIONS, type EpisodeOptions, runBatch } from '../stack/index.ts';
import { bareScaling } from './bare_scaling.ts';
import { type Benchmark, row } from './benchmark.ts';
import { stockCannonStep_s } from './stock_cannon.ts';

const EPISODES = 25;
/** Of those without cameras, which are short: as many for each worker that warming up counts for little. */
const STATE_EPISODES = 80;
const SEED = 4242;

function play(options: Partial<EpisodeOptions>, workers: number, episodes = EPISODES): Promise<BatchResult> {
  return runBatch({
    episode: { ...DEFAULT_EPISODE_OPTIONS, seed: SEED, ...options },
    first: 0,
    episodes,
    workers,
    pace: Number.POSITIVE_INFINITY,
    recording: null,
    trace_file: null,
    log_level: 'silent',
  });
}

/** Whole episodes with and without cameras on one core, and what a second worker brings. */
export const episodes: Benchmark = {
  name: 'episodes',
  claim: 'simulated seconds per wall second of whole episodes, beside a plain cannon-es step',
  async run(progress) {
    progress('a plain cannon-es world');
    const stock = {
      name: 'cannon-es as it comes: steps/s, one box, ten kinematic bodies',
      value: 1 / stockCannonStep_s(4000),
    };
    progress('physics, control and gate alone, moving at random');
    const motion = await play({ policy: 'random', observation: 'state' }, 1, STATE_EPISODES);
    progress('the same with planned picks, without cameras');
    const state = await play({ policy: 'expert', observation: 'state' }, 1, STATE_EPISODES);
    const rss_one = process.resourceUsage().maxRSS;
    const workers = Math.min(2, availableParallelism());
    progress(`the same with ${workers} workers`);
    const state_pair = await play({ policy: 'expert', observation: 'state' }, workers, workers * STATE_EPISODES);
    const rss_pair = process.resourceUsage().maxRSS;
    progress('two threads of bare arithmetic beside one');
    const bare = await bareScaling();
    progress('the whole stack with both cameras');
    const stack = await play({ policy: 'stack' }, 1);
    progress(`the same with ${workers} workers`);
    const pair = await play({ policy: 'stack' }, workers);
    return {
      rows: [
        row('physics, control and gate alone, 1 worker', motion.summary.real_time_factor, 'simulated s / s'),
        row('the same, physics steps', motion.summary.substeps_per_s, 'steps/s', stock),
        row('planned picks without cameras, 1 worker', state.summary.real_time_factor, 'simulated s / s'),
        row(`the same, ${workers} workers over one`, ratio(state_pair, state), '', {
          name: 'two threads of bare arithmetic over one',
          value: bare,
        }),
        row('the same, from start to the first step', state.summary.startup_seconds, 's'),
        row('most memory, main thread and one worker', rss_one / 1024, 'MiB'),
        row('memory of another worker', (rss_pair - rss_one) / 1024, 'MiB'),
        row('with cameras, 1 worker', stack.summary.real_time_factor, 'simulated s / s'),
        row('with cameras, frames', stack.summary.frames_per_s, 'frames/s'),
        row(`with cameras, ${workers} workers`, pair.summary.real_time_factor, 'simulated s / s', {
          name: 'one worker',
          value: stack.summary.real_time_factor,
        }),
      ],
      checks: [
        check('expert succeeds', state, 0.9),
        check('stack succeeds', stack, 0.8),
        { name: 'same digest with more workers', pass: pair.digest === stack.digest, detail: stack.digest },
      ],
    };
  },
};

/** How many times as fast one batch ran as another. */
function ratio(a: BatchResult, b: BatchResult): number {
  return a.summary.real_time_factor / b.summary.real_time_factor;
}

function check(name: string, { summary }: BatchResult, least: number) {
  const detail = `${summary.successes} of ${summary.episodes}`;
  return { name, pass: summary.success_rate >= least, detail };
}
