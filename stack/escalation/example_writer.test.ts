import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Correction, DECLINE, type Detections, SILENT_LOG, TOPICS } from '../../contracts/index.ts';
import { maskRules, type PictureMask, PictureMasker, readExamples } from '../../datasets/index.ts';
import { frameHash } from '../../perception/index.ts';
import { EscalationRig, seenBox } from '../../test/support/escalation_rig.ts';
import { withFolder } from '../../test/support/recording.ts';
import { ExampleWriter } from './example_writer.ts';

const TOP_ROWS = maskRules.parse({
  ...{ schema: 'surepick/masks', version: 1 },
  cameras: { overview: { regions: [{ box: [0, 0, 40, 3] }] } },
});

async function watched(folder: string, mask: PictureMask | null = null) {
  const warned: string[] = [];
  const rig = new EscalationRig();
  const writer = new ExampleWriter(folder, 'cell', mask, (model) => (model === 'vision@1' ? 'cd'.repeat(32) : ''));
  const log = { ...SILENT_LOG, warn: (_: object, text: string) => void warned.push(text) };
  await writer.configure({ bus: rig.bus, clock: rig.clock, log });
  await rig.start();
  rig.pass(1.2);
  return { rig, writer, warned };
}

function against(rig: EscalationRig, seen: Detections, part: Partial<Correction> = {}): Correction {
  const { image_box } = seen.detections[0];
  const said = { mistake: 'not_object', answer: DECLINE } as const;
  return { id: 'overview-1200-0', stamp_ns: rig.clock.now_ns(), by: 'ada', seen, ...said, image_box, ...part };
}

describe('what a person says against what was seen', () => {
  it('is a labelled example of that very picture, whoever was not asked', async () => {
    await withFolder(async (folder) => {
      const { rig, writer } = await watched(folder);
      const first = rig.expose();
      const seen = rig.seen([seenBox()]);
      rig.pass(0.1);
      rig.expose('overview', 120);
      rig.bus.publish(TOPICS.corrections, against(rig, seen, { mistake: 'other_object', answer: 'blue cylinder' }));
      const [{ example, frame }, ...more] = readExamples(folder);
      expect(more).toEqual([]);
      expect(frame.colour.data).toEqual(first.colour.data);
      expect(example).toMatchObject({
        ...{ answer: 'blue cylinder', label: { class: 'cylinder', colour: 'blue' }, by: 'ada', guess: seenBox() },
        correction: { mistake: 'other_object', image_box: [15, 10, 10, 10] },
        ...{ model: 'vision@1', model_sha256: 'cd'.repeat(32) },
        frame: { request_id: 'overview/7', sha256: frameHash(first), stored_sha256: frameHash(first) },
      });
      await writer.cleanup();
    });
  });

  it('tells where it is, or that there is none', async () => {
    await withFolder(async (folder) => {
      const { rig } = await watched(folder);
      rig.expose();
      const seen = rig.seen([seenBox(), seenBox({ id: 1 })]);
      const of = (k: number) => ({ ...seen, detections: [seen.detections[k]] });
      rig.bus.publish(TOPICS.corrections, against(rig, of(0)));
      const moved = { id: 'b', mistake: 'other_place', answer: 'red box', image_box: [2, 3, 4, 5] } as const;
      rig.bus.publish(TOPICS.corrections, against(rig, of(1), moved));
      const told = readExamples(folder).map(({ example: { label, correction } }) => [label, correction]);
      expect(told).toEqual([
        [
          { class: 'box', colour: 'red' },
          { mistake: 'other_place', image_box: [2, 3, 4, 5] },
        ],
        [null, { mistake: 'not_object', image_box: [15, 10, 10, 10] }],
      ]);
    });
  });

  it('takes the place of the answer that sends the robot on, and keeps the question', async () => {
    await withFolder(async (folder) => {
      const { rig } = await watched(folder);
      const question = rig.ask();
      rig.bus.publish(TOPICS.corrections, against(rig, rig.seen([seenBox()]), { id: question.id }));
      rig.answer(question, { answer: DECLINE });
      expect(rig.told()).toEqual(['answered']);
      const examples = readExamples(folder);
      expect(examples).toHaveLength(1);
      expect(examples[0].example).toMatchObject({ question: question.question, correction: { mistake: 'not_object' } });
      expect(examples[0].example.frame.sha256).toBe(question.frame_sha256);
    });
  });

  it('is stored masked, under the hash of the picture as it was seen', async () => {
    await withFolder(async (folder) => {
      const { rig } = await watched(folder, new PictureMasker(TOP_ROWS, null));
      const original = rig.expose();
      const seen = rig.seen([seenBox()]);
      rig.bus.publish(TOPICS.corrections, against(rig, seen));
      const [{ example, frame }] = readExamples(folder);
      expect(example.frame).toMatchObject({ masked: true, sha256: frameHash(original) });
      expect(example.frame.stored_sha256).not.toBe(example.frame.sha256);
      expect(frame.colour.data.slice(0, 3)).not.toEqual(original.colour.data.slice(0, 3));
    });
  });

  it('of a picture that is not there any more is told, and writes nothing', async () => {
    await withFolder(async (folder) => {
      const { rig, warned } = await watched(folder);
      rig.expose();
      rig.bus.publish(TOPICS.corrections, against(rig, { ...rig.seen([seenBox()]), stamp_ns: 5n }));
      expect(warned).toEqual(['a correction is not kept: the picture overview/7 is not there any more']);
      expect(readdirSync(folder)).toEqual([]);
    });
  });
});
