import { expect, it } from 'vitest';
import { measureRecording } from './recording.ts';

const EPISODES = 10;
const EPISODE_S = 60;

it('records ten minutes of 1 kHz states and two cameras: nothing missing, memory flat, half a core, the next one at once', async () => {
  const { checks } = await measureRecording({ episodes: EPISODES, episode_s: EPISODE_S, reference_s: 5 }, () => {});
  expect(checks.filter(({ pass }) => !pass)).toEqual([]);
}, 1_200_000);
