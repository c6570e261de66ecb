import { expect, it } from 'vitest';
import { InputError } from '../contracts/index.ts';
import { openSecondWorld, SHIPPED_SECOND_WORLD } from '../sim/index.ts';
import { episodeDigest } from './digest.ts';
import { EpisodeRunner } from './episode.ts';
import { checkEpisodeOptions, DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from './options.ts';

const PLAIN: EpisodeOptions = { ...DEFAULT_EPISODE_OPTIONS, engine: 'mujoco', policy: 'expert', observation: 'state' };
const SECOND: EpisodeOptions = { ...PLAIN, second_world: openSecondWorld(SHIPPED_SECOND_WORLD).name };
const hooks = { pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, stopped: () => false, onStage() {} };

it('an episode in the second world is played again from its record to the same bytes, and is not the plain one', async () => {
  const runner = await EpisodeRunner.create(SECOND);
  const played = await runner.run(0, hooks);
  const again = await runner.replay(JSON.parse(JSON.stringify(played.world)), hooks);
  expect(episodeDigest(again.trace)).toEqual(episodeDigest(played.trace));
  expect(played.result.outcome.success).toBe(true);
  await runner.close();
  const plain = await EpisodeRunner.create(PLAIN);
  expect(episodeDigest((await plain.run(0, hooks)).trace)).not.toEqual(episodeDigest(played.trace));
  // The record says which world it was: nobody plays it elsewhere by mistake.
  await expect(plain.replay(played.world, hooks)).rejects.toThrow(InputError);
  await plain.close();
});

it('a second world that is another file, or another engine, is refused before anything is played', async () => {
  const other = `${SHIPPED_SECOND_WORLD}@${'0'.repeat(64)}`;
  await expect(EpisodeRunner.create({ ...PLAIN, second_world: other })).rejects.toThrow(/SHA-256/);
  expect(() => checkEpisodeOptions({ ...SECOND, engine: 'cannon' })).toThrow(/--engine mujoco/);
  expect(checkEpisodeOptions(SECOND)).toBe(SECOND);
});
