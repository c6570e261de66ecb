import { describe, expect, it } from 'vitest';
import { ModelRepository } from '../../perception/index.ts';
import { EpisodeRunner } from '../episode.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from '../options.ts';
import { readTaskPolicy } from '../policies/task_policy_file.ts';
import { recipeOfCommand } from '../training/recorded_command.ts';

const repository = new ModelRepository();
const { policies } = await repository.lock();
/** Episodes of each, those that see at a tenth of the speed. */
const EPISODES = { state: 6, rgbd: 2 } as const;
const unwatched = { pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, onStage: () => {} };

describe.each(policies)('the shipped policy $name', ({ name, version, sha256 }) => {
  const file = repository.policyFile(name);

  it('is the one of its pin, and was made by a command that this version knows', () => {
    const { manifest } = readTaskPolicy(file);
    expect(manifest).toMatchObject({ name, sha256, version_of_policy: version, licence: 'Apache-2.0' });
    const { seed, eye } = recipeOfCommand(manifest.training.command, file);
    expect(seed).toBe(manifest.training.seed);
    expect(eye === null).toBe(manifest.images === undefined);
  });

  it('picks and places as surepick sim plays it, through the safety gate', async () => {
    const observation = readTaskPolicy(file).manifest.images === undefined ? 'state' : 'rgbd';
    const policy: EpisodeOptions['policy'] = `onnx:${file}`;
    const options = { ...DEFAULT_EPISODE_OPTIONS, policy, policy_sha256: sha256, observation, seed: 4711 } as const;
    const runner = await EpisodeRunner.create(options);
    const successes = [];
    for (let episode = 0; episode < EPISODES[observation]; episode++)
      successes.push((await runner.run(episode, { ...unwatched, stopped: () => false })).result.outcome.success);
    await runner.close();
    expect(successes.filter(Boolean).length, String(successes)).toBeGreaterThanOrEqual(successes.length - 1);
  }, 120_000);
});
