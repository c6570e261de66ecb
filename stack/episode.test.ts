import { describe, expect, it } from 'vitest';
import { CannonEngine, type PhysicsEngine } from '../sim/index.ts';
import { LONG, sweep } from '../test/support/sweep.ts';
import { RunDigest } from './digest.ts';
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
  indices: readonly number[],
  hooks: Partial<EpisodeHooks> = {},
): Promise<FinishedEpisode[]> {
  const runner = await EpisodeRunner.create({ ...DEFAULT_EPISODE_OPTIONS, ...options });
  const finished: FinishedEpisode[] = [];
  for (const index of indices) finished.push(await runner.run(index, { ...QUIET, ...hooks }));
  await runner.close();
  return finished;
}

/** The same world with no object pose to be had from it. */
function withoutPoses(engine: PhysicsEngine): PhysicsEngine {
  return new Proxy(engine, {
    get(target, property) {
      if (property === 'objectState')
        return (_i: number, out: Float64Array, at: number) => out.fill(Number.NaN, at, at + 13);
      if (property === 'handTouches') return () => false;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Stands every object that the hand is at on the table elsewhere. */
function putAside(world: CannonEngine): void {
  const tool = new Float64Array(12);
  const state = new Float64Array(13);
  world.bodyPose(world.data.model.nb - 1, tool);
  for (let i = 0; i < world.object_count; i++) {
    world.objectState(i, state, 0);
    if (Math.hypot(state[0] - tool[9], state[1] - tool[10]) > 0.06) continue;
    world.setObjectPose(i, [0.62, state[1] > 0 ? -0.2 : 0.2, state[2]], [0, 0, 0, 1]);
  }
}

function digestOf(episodes: readonly FinishedEpisode[]): string {
  const digest = new RunDigest(episodes[0].trace.index);
  for (const { trace } of episodes) digest.add(trace);
  return digest.hex();
}

describe('an episode', () => {
  it('succeeds from cameras alone: every object pose of the simulator is NaN to the stack', async () => {
    const indices = [0, 1, 2].slice(0, sweep(1, 3));
    const blind = await play({ policy: 'stack' }, indices, { disclose: withoutPoses });
    if (LONG) {
      const honest = await play({ policy: 'stack' }, indices);
      expect(blind.map(({ result }) => result.outcome)).toEqual(honest.map(({ result }) => result.outcome));
    }
    expect(blind.filter(({ result }) => result.outcome.success).length).toBeGreaterThanOrEqual(
      Math.max(1, indices.length - 1),
    );
  });

  it('fails when the policy that is told the state is told nothing', async () => {
    const [{ result }] = await play({ policy: 'expert', observation: 'state' }, [0], { disclose: withoutPoses });
    expect(result.outcome.success).toBe(false);
  });

  it('is the same bytes alone as after others', async () => {
    const batch = await play({ policy: 'expert', observation: 'state', seed: 3 }, [4, 5, 6]);
    const alone = await play({ policy: 'expert', observation: 'state', seed: 3 }, [6]);
    expect(digestOf(alone)).toBe(digestOf([batch[2]]));
  });

  it('differs with its index, its seed and its kind of world from the beginning on', async () => {
    const begun = async (options: Partial<EpisodeOptions>, indices: readonly number[]) => {
      let asked = 0;
      return play({ policy: 'random', observation: 'state', ...options }, indices, {
        stopped: () => ++asked % 10 === 0,
      });
    };
    const kinds = [{ seed: 1 }, { randomize: 'hard' }, { objects: 'test' }] as const;
    const episodes = await begun({}, [0, 1, 0]);
    for (const kind of kinds) episodes.push(...(await begun(kind, [0])));
    const digests = episodes.map((episode) => digestOf([{ ...episode, trace: { ...episode.trace, index: 0 } }]));
    expect(digests[2]).toBe(digests[0]);
    expect(new Set(digests).size).toBe(episodes.length - 1);
  });

  it('is not solved by moving at random, and its outcome says so', async () => {
    for (const { result } of await play({ policy: 'random', observation: 'state' }, [0, 1].slice(0, sweep(1, 2)))) {
      expect(result.outcome).toMatchObject({ success: false, stage: 'timeout', interventions: 0 });
      expect(result.sim_seconds).toBeCloseTo(20, 6);
    }
  });

  it.each([
    ['before the fingers close on it', 'grasp'],
    ['out of the hand while it is carried', 'transfer'],
  ])('notices that the object was taken away %s, and fetches it again', async (_when, stage) => {
    let world: CannonEngine | null = null;
    let taken = 0;
    const [{ result }] = await play({ policy: 'stack', seed: 2 }, [1], {
      disclose: (engine) => {
        if (engine instanceof CannonEngine) world = engine;
        return engine;
      },
      onStage: (name) => {
        if (name === stage && world !== null && taken++ === 0) putAside(world);
      },
    });
    expect(taken).toBe(2);
    expect(result.outcome).toMatchObject({ success: true, attempts: 2 });
  });

  it('ends where it is when asked to, and says so', async () => {
    let asked = 0;
    const [{ result }] = await play({ policy: 'expert', observation: 'state' }, [0], { stopped: () => ++asked > 10 });
    expect(result).toMatchObject({ interrupted: true, outcome: { success: false } });
    expect(result.sim_seconds).toBeLessThan(2);
  });
});
