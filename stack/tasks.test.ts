import { describe, expect, it } from 'vitest';
import type { PhysicsEngine } from '../sim/index.ts';
import { LONG } from '../test/support/sweep.ts';
import { type EpisodeHooks, EpisodeRunner, type FinishedEpisode } from './episode.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from './options.ts';

const QUIET: EpisodeHooks = {
  pace: Number.POSITIVE_INFINITY,
  recording: null,
  trace_file: null,
  stopped: () => false,
  onStage: () => {},
};

async function play(
  options: Partial<EpisodeOptions>,
  index: number,
  hooks: Partial<EpisodeHooks> = {},
): Promise<FinishedEpisode> {
  const runner = await EpisodeRunner.create({ ...DEFAULT_EPISODE_OPTIONS, seed: 77, ...options });
  const finished = await runner.run(index, { ...QUIET, ...hooks });
  await runner.close();
  return finished;
}

/** The same world with no object pose to be had from it. */
function withoutPoses(engine: PhysicsEngine): PhysicsEngine {
  return new Proxy(engine, {
    get(target, property) {
      if (property === 'objectState')
        return (_i: number, out: Float64Array, at: number) => out.fill(Number.NaN, at, at + 13);
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe.each(['sort', 'inspect', 'clutter'] as const)('%s', (task) => {
  it.runIf(LONG)(
    'is done by the policy that is told the state',
    async () => {
      const { result } = await play({ task, policy: 'expert', observation: 'state' }, 0);
      expect(result.outcome).toMatchObject({ success: true, stage: '', reason: '' });
    },
    120_000,
  );

  it('is done from cameras alone, with every object pose of the simulator NaN to the stack', async () => {
    const { result } = await play({ task, policy: 'stack' }, 0, { disclose: withoutPoses });
    expect(result.outcome).toMatchObject({ success: true, stage: '', reason: '' });
    expect(result.outcome.attempts).toBeGreaterThan(1);
  }, 240_000);
});
