import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { objectName, secondsToStamp, TOPICS } from '../../contracts/index.ts';
import { readExamples, readRecording } from '../../datasets/index.ts';
import { frameHash } from '../../perception/index.ts';
import { auditEntry } from '../../safety/index.ts';
import { playAsked, wantedIn } from '../../test/support/asked_episode.ts';
import { withFolder } from '../../test/support/recording.ts';

const object = objectName(wantedIn(0));

describe('an episode in which a person is asked', () => {
  it('goes on by the first answer that fits, keeps it as a labelled example, and says in its logs who gave it', async () => {
    await withFolder(async (folder) => {
      const recording = { folder, metadata: {}, examples: join(folder, 'examples') };
      const { result, person, stages } = await playAsked(
        { verdict: 'escalate' },
        () => [
          { after_s: 0.1, answer: object, frame_sha256: 'ab'.repeat(32) },
          { after_s: 0.2, answer: object, model: 'vision@0.0.1' },
          { after_s: 0.3, answer: 'green ball', by: 'eve' },
          { after_s: 0.4, answer: object, id: 'overview-1-0' },
          { after_s: 1, answer: object },
          { after_s: 1.05, answer: object, by: 'bob' },
        ],
        { recording },
      );
      expect(result.outcome).toMatchObject({ success: true, attempts: 1 });
      expect(result.counts).toEqual({
        ...{ wrong_picks: 0, retries: 0, saves: 0 },
        ...{ escalations_asked: 1, escalations_answered: 1, escalations_overruled: 0 },
      });
      expect(stages.map(({ stage }) => stage)).toEqual([
        ...['perceive', 'perceive', 'perceive', 'plan', 'approach', 'grasp', 'lift', 'transfer', 'place', 'retreat'],
      ]);
      expect(stages[1].reason).toMatch(/ m is uncertain; asks a person$/);
      expect(stages[2].reason).toBe(`ada says: ${object}`);

      const [question] = person.questions;
      expect(person.ends.map(({ end, by, reason }) => [end, by, reason])).toEqual([
        ['refused', 'ada', 'it is about another picture: frame_sha256 differs'],
        ['refused', 'ada', `it is about what vision@0.0.1 saw, and ${question.model} asks`],
        ['refused', 'eve', `'green ball' is none of the options: ${question.options.join(', ')}`],
        ['refused', 'ada', 'nobody has asked this'],
        ['refused', 'bob', 'the question has ended: answered, and looked at again'],
        ['answered', 'ada', ''],
      ]);
      expect(question.expires_ns - question.stamp_ns).toBe(secondsToStamp(3));
      const end = person.ends[5];
      expect(end.answer).toBe(object);
      // looked at again within a second, in a picture exposed after the answer
      const waited_ns = end.stamp_ns - question.stamp_ns;
      expect(waited_ns > secondsToStamp(1) && waited_ns <= secondsToStamp(2)).toBe(true);

      const [{ example, frame }, ...more] = readExamples(recording.examples);
      expect(more).toEqual([]);
      expect(example).toMatchObject({
        id: question.id,
        answer: object,
        label: wantedIn(0),
        by: 'ada',
        end: 'answered',
      });
      expect([example.model, example.model_sha256]).toEqual([question.model, question.model_sha256]);
      expect(frameHash(frame)).toBe(question.frame_sha256);
      const picture = decode(question.image);
      expect([picture.width, picture.height]).toEqual([320, 240]);
      expect(Buffer.from(picture.data).equals(Buffer.from(frame.colour.data))).toBe(true);
      expect(example.guess.image_box).toEqual(question.image_box);

      const log = readFileSync(join(folder, 'episode-0000.audit.jsonl'), 'utf8').trim().split('\n');
      const entries = log.map((line) => auditEntry.parse(JSON.parse(line))).filter(({ kind }) => kind === 'escalation');
      expect(entries.map(({ outcome, inputs }) => [outcome, inputs.by ?? '', inputs.answer ?? ''])).toEqual([
        ['asked', '', ''],
        ...['ada', 'ada', 'eve', 'ada', 'bob'].map((by) => ['refused', by, '']),
        ['answered', 'ada', object],
      ]);
      const counted = new Map<string, number>();
      for await (const { topic } of readRecording(join(folder, 'episode-0000.mcap')))
        counted.set(topic, (counted.get(topic) ?? 0) + 1);
      const { doubts, escalations, escalation_answers, escalation_ends } = TOPICS;
      expect([doubts, escalations, escalation_answers, escalation_ends].map(({ name }) => counted.get(name))).toEqual([
        1, 1, 6, 6,
      ]);
    });
  });

  it('fails without guessing when nobody answers, at the question’s expiry, the same each time', async () => {
    const play = () => playAsked({ verdict: 'escalate' }, () => [{ after_s: 3.5, answer: object }]);
    const [first, second] = [await play(), await play()];
    const { outcome, sim_seconds, counts } = first.result;
    expect(outcome).toMatchObject({ success: false, stage: 'perceive', checks: { at_rest: true, released: true } });
    expect(outcome.reason).toMatch(/^asked, nobody answered: .* is uncertain; nobody answered within 3 s$/);
    expect(counts).toMatchObject({ escalations_asked: 1, escalations_answered: 0, saves: 0 });
    const [{ stamp_ns, expires_ns }] = first.person.questions;
    expect(first.person.ends[0]).toMatchObject({ end: 'expired', answer: '', stamp_ns: expires_ns + 1n });
    expect(sim_seconds).toBeGreaterThan(Number(stamp_ns) / 1e9 + 3);
    expect(second.result.outcome).toEqual(outcome);
    expect(second.person.questions).toEqual(first.person.questions);
  });
});
