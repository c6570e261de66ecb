import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import type { PhysicsEngine } from '../sim/index.ts';
import { RunDigest } from './digest.ts';
import { type EpisodeHooks, EpisodeRunner } from './episode.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from './options.ts';
import { drawWorld, type WorldRecord } from './world_record.ts';

const OPTIONS: EpisodeOptions = {
  ...DEFAULT_EPISODE_OPTIONS,
  ...{ policy: 'expert', observation: 'state', seed: 3 },
};
const HOOKS: EpisodeHooks = {
  ...{ pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null },
  ...{ stopped: () => false, onStage: () => {} },
};

/** A world whose objects all stand where the first does. */
function heaped(index: number): WorldRecord {
  const { record } = drawWorld(OPTIONS, index, loadRobot('panda'));
  const { objects } = record.scene;
  const { pose } = objects[0];
  // One object more than in the smallest world, so that there are two.
  const crowd = [...objects, { ...objects[0], name: 'twin' }];
  return { ...record, scene: { ...record.scene, objects: crowd.map((object) => ({ ...object, pose })) } };
}

describe('an episode whose world is none', () => {
  let runner: EpisodeRunner;
  beforeAll(async () => {
    runner = await EpisodeRunner.create(OPTIONS);
  });
  afterAll(() => runner.close());

  it('is invalid without a step, names what is wrong, and the runner goes on to the next', async () => {
    const digest = new RunDigest(0);
    const before = await runner.run(0, HOOKS);
    const invalid = await runner.replay(heaped(1), HOOKS);
    const after = await runner.run(2, HOOKS);
    for (const { trace } of [before, invalid, after]) digest.add(trace);
    expect(invalid.result).toMatchObject({ index: 1, sim_seconds: 0, interrupted: false });
    expect(invalid.result.outcome).toMatchObject({ success: false, stage: 'invalid', steps: 0 });
    expect(invalid.result.outcome.reason).toMatch(/step 0: object \d \(.*\) and object \d \(.*\) begin .* mm in each/);
    expect([before, after].map(({ result }) => result.outcome.success)).toEqual([true, true]);
    expect(digest.hex()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('ends as soon as its state comes apart, with body, step and value, and the runner goes on', async () => {
    let world: PhysicsEngine | null = null;
    const broken = await runner.run(0, {
      ...HOOKS,
      disclose: (engine) => {
        world = engine;
        return engine;
      },
      onStage: (stage) => {
        if (stage === 'lift') world?.pushObject(0, [0, 0, 1e6, 0, 0, 0]);
      },
    });
    const { outcome } = broken.result;
    expect(outcome).toMatchObject({ success: false, stage: 'invalid' });
    expect(outcome.reason).toMatch(/step \d+: object 0 \(.*\) velocity is \d+\.\d m\/s; at most 30/);
    expect(outcome.steps).toBeGreaterThan(100);
    expect((await runner.run(1, HOOKS)).result.outcome.success).toBe(true);
  });
});
