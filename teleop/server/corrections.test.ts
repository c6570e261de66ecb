import { describe, expect, it } from 'vitest';
import { DECLINE, SILENT_LOG, TOPICS } from '../../contracts/index.ts';
import { readExamples } from '../../datasets/index.ts';
import { frameHash } from '../../perception/index.ts';
import { ExampleWriter } from '../../stack/index.ts';
import { EscalationRig, seenBox } from '../../test/support/escalation_rig.ts';
import { withFolder } from '../../test/support/recording.ts';
import { type CommandOf, command } from '../protocol/index.ts';
import { Corrections } from './corrections.ts';
import { Questions } from './questions.ts';

type Correct = CommandOf<'correct'>;

/** A page's way to the files: its command as text, the server's part, the bus, and who writes examples there. */
async function desk(folder: string) {
  const rig = new EscalationRig();
  await new ExampleWriter(folder, 'cell').configure({ bus: rig.bus, clock: rig.clock, log: SILENT_LOG });
  const robot_ns = () => rig.clock.now_ns();
  const questions = new Questions(rig.bus, robot_ns, () => {});
  const corrections = new Corrections(rig.bus, robot_ns, questions);
  questions.start();
  corrections.start();
  await rig.start();
  rig.pass(1.2);
  const say = (about: Correct['about'], verdict: object): string => {
    const asked = command.parse(JSON.parse(JSON.stringify({ type: 'correct', id: 1, about, verdict })));
    return asked.type === 'correct' ? corrections.correct(asked, 'ada') : 'another command';
  };
  const outline = { kind: 'outline', camera: 'overview', stamp_ms: 1200, object: 3 } as const;
  return { rig, say, outline, examples: () => readExamples(folder).map(({ example }) => example) };
}

describe('an outline that is rejected', () => {
  it('is an example with the hash of its frame, the model and what the operator says it is', async () => {
    await withFolder(async (folder) => {
      const { rig, say, outline, examples } = await desk(folder);
      const frame = rig.expose();
      rig.bus.publish(TOPICS.detections, rig.seen([seenBox(), seenBox({ id: 3, colour: 'green' })]));
      expect(say(outline, { mistake: 'other_object', object: { class: 'cylinder', colour: 'blue' } })).toBe('');
      expect(examples()).toMatchObject([
        {
          ...{ id: 'overview-1200-3', answer: 'blue cylinder', by: 'ada', model: 'vision@1' },
          ...{ guess: { id: 3, colour: 'green' }, frame: { sha256: frameHash(frame) } },
        },
      ]);
      expect(say(outline, { mistake: 'other_place', box: [1, 2, 3, 4] })).toBe('');
      expect(examples()).toMatchObject([{ answer: 'green box', correction: { image_box: [1, 2, 3, 4] } }]);
    });
  });

  it('must be one of that picture, not long ago, and be said to be something else', async () => {
    await withFolder(async (folder) => {
      const { rig, say, outline, examples } = await desk(folder);
      rig.expose();
      rig.bus.publish(TOPICS.detections, rig.seen([seenBox({ id: 3 })]));
      const none = { mistake: 'not_object' };
      for (const other of [{ object: 4 }, { camera: 'wrist' as const }, { stamp_ms: 1199.5 }])
        expect(say({ ...outline, ...other }, none), JSON.stringify(other)).toMatch(/older than 1 s/);
      const same = { mistake: 'other_object', object: { class: 'box', colour: 'red' } };
      expect(say(outline, same)).toBe('it is taken for a red box already');
      expect(say(outline, { mistake: 'other_place', box: [15, 10, 10, 10] })).toBe('it is outlined there already');
      expect(() => say(outline, { mistake: 'other_place', box: [0, 0, 0, 5] })).toThrow();
      expect(() => say(outline, { mistake: 'other_object' })).toThrow();
      rig.pass(1.1);
      expect(say(outline, none)).toMatch(/older than 1 s/);
      expect(examples()).toEqual([]);
    });
  });
});

describe('a question whose answers all miss the point', () => {
  it('is ended by what is said against it, and the example has both', async () => {
    await withFolder(async (folder) => {
      const { rig, say, examples } = await desk(folder);
      const { id: escalation, frame_sha256, model, question } = rig.ask();
      const about = { kind: 'question', escalation, frame_sha256, model } as const;
      expect(say({ ...about, frame_sha256: 'cd'.repeat(32) }, { mistake: 'not_object' })).toMatch(/another picture/);
      expect(rig.ends).toEqual([]);
      expect(say(about, { mistake: 'not_object' })).toBe('');
      expect(rig.ends).toMatchObject([{ id: escalation, end: 'answered', answer: DECLINE, by: 'ada' }]);
      expect(examples()).toMatchObject([{ id: escalation, question, label: null, frame: { sha256: frame_sha256 } }]);
      expect(say(about, { mistake: 'not_object' })).toMatch(/not open any more/);
    });
  });
});
