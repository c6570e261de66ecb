import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECLINE, objectName } from '../../contracts/index.ts';
import { readExamples } from '../../datasets/index.ts';
import { FrameViewer, INPUT_SIZE } from '../../perception/index.ts';
import { playAsked, wantedIn } from '../../test/support/asked_episode.ts';
import { withFolder } from '../../test/support/recording.ts';

const EPISODES = [0, 1, 2, 3];
const other = (index: number) => (wantedIn(index).class === 'box' ? 'cylinder' : 'box');

describe('episodes in which a person is asked', () => {
  it('goes on without anybody when the hand’s camera is sure', async () => {
    for (const index of EPISODES) {
      const { result, person, stages } = await playAsked(
        { verdict: 'look_again', cameras: ['overview'] },
        () => [],
        {},
        index,
      );
      expect(result.outcome, `episode ${index}`).toMatchObject({ success: true, attempts: 1 });
      expect(person.questions).toEqual([]);
      expect(stages[2].reason).toMatch(/ is uncertain; looked from above: /);
    }
  });

  it('saves a wrong guess: the person names the object, and it is taken', async () => {
    await withFolder(async (folder) => {
      for (const index of EPISODES) {
        const object = objectName(wantedIn(index));
        const recording = { folder, metadata: {}, examples: join(folder, 'examples') };
        const { result } = await playAsked(
          { verdict: 'escalate', guess: other(index) },
          () => [{ after_s: 0.7, answer: object }],
          { recording },
          index,
        );
        expect(result.outcome, `episode ${index}`).toMatchObject({ success: true, attempts: 1 });
        expect(result.counts, `episode ${index}`).toMatchObject({
          ...{ wrong_picks: 0, escalations_asked: 1, escalations_answered: 1, escalations_overruled: 1, saves: 1 },
        });
      }
      const examples = readExamples(join(folder, 'examples'));
      expect(examples.map(({ example: { label, guess } }) => [label?.class, guess.class])).toEqual(
        EPISODES.map((index) => [wantedIn(index).class, other(index)]),
      );
      // what is read is what the network would be given
      const viewer = new FrameViewer();
      for (const { frame } of examples) {
        const input = new Float32Array(INPUT_SIZE);
        viewer.writeInput(frame, input);
        expect(new Set(input).size).toBeGreaterThan(100);
      }
    });
  });

  it('a wrong guess that a person confirms is a wrong pick or none, and no save', async () => {
    const { result } = await playAsked({ verdict: 'escalate', guess: other(0) }, () => [{ after_s: 0.5 }]);
    expect(result.outcome.success).toBe(false);
    expect(result.counts).toMatchObject({ escalations_answered: 1, escalations_overruled: 0, saves: 0 });
  });

  it('leaves alone what a person does not name', async () => {
    const { result } = await playAsked({ verdict: 'escalate', guess: other(0) }, () => [
      { after_s: 0.5, answer: DECLINE },
    ]);
    expect(result.outcome).toMatchObject({ success: false, stage: 'perceive' });
    expect(result.outcome.reason).toMatch(/ada says: skip$/);
    expect(result.counts).toMatchObject({ wrong_picks: 0, escalations_answered: 1, saves: 1 });
  });
});
