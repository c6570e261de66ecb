import { join } from 'node:path';
import { expect, it } from 'vitest';
import { objectName } from '../../contracts/index.ts';
import { ASKED_OPTIONS, playAsked, wantedIn } from '../../test/support/asked_episode.ts';
import { DoubtingDetector } from '../../test/support/doubting_detector.ts';
import { withFolder } from '../../test/support/recording.ts';
import { EpisodeRunner } from '../episode.ts';
import { readAnswers } from './answer_player.ts';
import { replayEpisode } from './replay_episode.ts';

it('an episode in which a person was asked is the same again, answers and all', async () => {
  await withFolder(async (folder) => {
    const { class: name, colour } = wantedIn(0);
    const answer = objectName({ class: name, colour });
    const doubts = { verdict: 'escalate', colour } as const;
    // later than the usual time for an answer
    const replies = () => [
      { after_s: 0.4, answer: 'green ball' },
      { after_s: 3.6, answer },
    ];
    const recording = { folder, metadata: {} };
    const played = await playAsked(doubts, replies, { recording, answer_within_s: 5 });
    expect(played.result.outcome.success).toBe(true);
    const file = join(folder, 'episode-0000.mcap');
    const read = await readAnswers(file);
    expect(read.answer_within_s).toBe(5);
    expect(read.answers.map(({ answer: { answer: told, by } }) => [told, by])).toEqual([
      ['green ball', 'ada'],
      [answer, 'ada'],
    ]);
    const runner = await EpisodeRunner.create(ASKED_OPTIONS, 'silent', {
      detector: (inner) => new DoubtingDetector(inner, doubts),
    });
    try {
      const duties = { runnerFor: async () => runner, stopped: () => false, now_s: () => 0 };
      const again = await replayEpisode({ id: 'one', file, sha256: '' }, duties);
      expect(again).toMatchObject({ result: 'same', compared: { first: null }, record: null });
    } finally {
      await runner.close();
    }
  });
});
