import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ENGINE_NAMES } from '../../sim/index.ts';
import { episodeDigest } from '../digest.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, Environment } from '../env/index.ts';
import { EpisodeRunner } from '../episode.ts';
import { checkEpisodeOptions, DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from '../options.ts';

const OPTIONS = { ...DEFAULT_EPISODE_OPTIONS, policy: 'expert', observation: 'state' } as const;
const DISTURBED: EpisodeOptions = { ...OPTIONS, disturb: 'push' };
const hooks = { pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, stopped: () => false, onStage() {} };

describe.each(ENGINE_NAMES)('in %s', (engine) => {
  it('a disturbed episode is played again from its record to the same bytes; it says what came about', {
    timeout: 60_000,
  }, async () => {
    const runner = await EpisodeRunner.create({ ...DISTURBED, engine });
    const played = await runner.run(1, hooks);
    expect(played.result.outcome.disturbed).toMatchObject([{ kind: 'push' }]);
    const again = await runner.replay(JSON.parse(JSON.stringify(played.world)), hooks);
    expect(episodeDigest(again.trace)).toEqual(episodeDigest(played.trace));
    await runner.close();
    const plain = await EpisodeRunner.create({ ...OPTIONS, engine });
    await expect(plain.replay(played.world, hooks)).rejects.toThrow(InputError);
    await plain.close();
  });
});

it('in an environment a held object slips out of the hand, and the expert fetches it again, twice alike', {
  timeout: 60_000,
}, () => {
  const options = { ...DEFAULT_ENVIRONMENT_OPTIONS, disturb: 'slip:0.06' };
  const environment = new Environment(options, loadRobot('panda'));
  const play = () => {
    environment.reset(31, 0);
    while (!environment.status.terminated && !environment.status.truncated)
      environment.step(environment.output.expert_action);
    const { disturbed, status, time_s } = environment;
    return { disturbed, success: status.success, time_s, last: [...environment.output.vector] };
  };
  const once = play();
  expect(once).toMatchObject({ disturbed: [{ kind: 'slip' }], success: true });
  expect(play()).toEqual(once);
  environment.close();
});

it('a disturbance there is not is named before anything is played', () => {
  expect(() => checkEpisodeOptions({ ...OPTIONS, disturb: 'wind:1' })).toThrow(/^disturbance "wind:1"/);
  const options = { ...DEFAULT_ENVIRONMENT_OPTIONS, disturb: 'push:9' };
  expect(() => new Environment(options, loadRobot('panda'))).toThrow(InputError);
});

it('further objects than a layout has room for are there, but nobody is told of them', () => {
  const options = { ...DEFAULT_ENVIRONMENT_OPTIONS, expert: false, disturb: 'distractors:8' };
  const environment = new Environment(options, loadRobot('panda'));
  environment.reset(2, 0);
  expect(environment.engine?.object_count ?? 0).toBeGreaterThan(4);
  expect(environment.output.vector).toHaveLength(environment.layout.size);
  environment.close();
});
