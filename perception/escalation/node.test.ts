import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { createRng, DECLINE, type EscalationAnswer, secondsToStamp, TOPICS } from '../../contracts/index.ts';
import { drawnFrame, EscalationRig, seenBox } from '../../test/support/escalation_rig.ts';
import { frameHash } from './frame_hash.ts';

async function started(options = {}): Promise<EscalationRig> {
  const rig = new EscalationRig(options);
  await rig.start();
  rig.pass(1.2);
  return rig;
}

describe('the escalation node', () => {
  it('asks about the very picture, with its hash, model and expiry', async () => {
    const rig = await started({ answer_within_s: 7 });
    const question = rig.ask();
    const frame = drawnFrame(secondsToStamp(1.2));
    const { image, ...asked } = question;
    expect(asked).toEqual({
      ...{ id: 'overview-1200-0', stamp_ns: secondsToStamp(1.2), expires_ns: secondsToStamp(8.2) },
      ...{ asked_by: 'escalations', options: ['red box', 'red cylinder', DECLINE], request_id: 'overview/7' },
      question: 'What is in the box? It looks like a red box, but: it may be either.',
      ...{ frame_sha256: frameHash(frame), model: 'vision@1', model_sha256: 'ab'.repeat(32) },
      ...{ image_box: [15, 10, 10, 10], image_format: 'png' },
    });
    expect(Buffer.from(decode(image).data).equals(Buffer.from(frame.colour.data))).toBe(true);
  });

  it('asks once about each object of a picture, and about none whose picture is not kept', async () => {
    const rig = await started();
    rig.expose();
    const doubts = rig.seen([seenBox(), seenBox({ id: 3 })]);
    rig.bus.publish(TOPICS.doubts, doubts);
    rig.bus.publish(TOPICS.doubts, doubts);
    expect(rig.questions.map(({ id }) => id)).toEqual(['overview-1200-0', 'overview-1200-3']);
    rig.pass(0.1);
    rig.bus.publish(TOPICS.doubts, rig.seen([seenBox()]));
    expect(rig.told()).toEqual(['withdrawn: the picture overview/7 is not kept']);
  });

  it('leaves answers to the questions of others to them', async () => {
    const rig = await started();
    const question = rig.ask();
    const other = { ...question, id: 'policy-7', asked_by: 'policies' };
    rig.bus.publish(TOPICS.escalations, other);
    rig.answer(other);
    expect(rig.told()).toEqual([]);
    rig.answer({ ...question, id: 'nobody-asked-7' });
    expect(rig.told()).toEqual(['refused: nobody has asked this']);
  });

  it('looks again after the answer, in a picture exposed after it, before the answer counts', async () => {
    const rig = await started();
    const question = rig.ask();
    rig.pass(0.5);
    rig.answer(question);
    const before = rig.seen([]);
    rig.bus.publish(TOPICS.detections, { ...before, stamp_ns: before.stamp_ns - 1n });
    expect(rig.told()).toEqual([]);
    rig.pass(0.3);
    rig.bus.publish(TOPICS.detections, rig.seen([seenBox()]));
    expect(rig.told()).toEqual(['answered']);
    expect(rig.ends[0]).toMatchObject({ id: question.id, answer: 'red box', by: 'ada', stamp_ns: secondsToStamp(2) });
  });

  it.each([
    ['nothing is seen at its place any more', []],
    [
      'nothing is seen at its place any more',
      [seenBox({ pose: { position: [0.53, 0, 0.02], orientation: [0, 0, 0, 1] } })],
    ],
    ['a blue box stands at its place now', [seenBox({ colour: 'blue' })]],
    [
      'something of another size stands at its place now',
      [seenBox({ shape: { type: 'box', size: [0.04, 0.04, 0.07] } })],
    ],
  ])('withdraws the question when %s', async (why, seen) => {
    const rig = await started();
    const question = rig.ask();
    rig.answer(question);
    rig.pass(0.1);
    rig.bus.publish(TOPICS.detections, rig.seen(seen));
    expect(rig.told()).toEqual([`withdrawn: ${why}`]);
    expect(rig.ends[0]).toMatchObject({ answer: 'red box', by: 'ada' });
  });

  it('withdraws the question when no picture comes within a second', async () => {
    const rig = await started();
    rig.answer(rig.ask());
    rig.pass(0.999);
    expect(rig.told()).toEqual([]);
    rig.pass(0.001);
    expect(rig.told()).toEqual(['withdrawn: no picture came within 1 s of the answer']);
    rig.bus.publish(TOPICS.detections, rig.seen([seenBox()]));
    expect(rig.ends).toHaveLength(1);
  });

  it('takes a person’s word against the guess while the detector sees what it saw before', async () => {
    const rig = await started();
    rig.answer(rig.ask(), { answer: 'red cylinder' });
    rig.pass(0.1);
    rig.bus.publish(TOPICS.detections, rig.seen([seenBox()]));
    expect(rig.ends.map(({ end, answer }) => [end, answer])).toEqual([['answered', 'red cylinder']]);
  });

  it('a refusal to say needs no second look', async () => {
    const rig = await started();
    rig.answer(rig.ask(), { answer: DECLINE });
    expect(rig.ends.map(({ end, answer }) => [end, answer])).toEqual([['answered', DECLINE]]);
  });

  it('asked about the camera on the hand, compares its own pictures where it has not moved', async () => {
    for (const [shade, depth_m, told] of [
      [205, 0.803, 'answered'],
      [90, 0.8, 'withdrawn: 100 % of its place in the picture has changed'],
      [200, 0.84, 'withdrawn: 100 % of its place in the picture has changed'],
    ] as const) {
      const rig = await started();
      rig.answer(rig.ask(seenBox(), 'wrist'));
      rig.pass(0.1);
      rig.expose('wrist', shade, depth_m);
      expect(rig.told()).toEqual([told]);
    }
  });

  it('expires on its own clock: an answer at the last moment is in time, one after it is not', async () => {
    for (const late of [false, true]) {
      const rig = await started({ answer_within_s: 2 });
      const question = rig.ask();
      rig.clock.advance(question.expires_ns + (late ? 1n : 0n));
      rig.answer(question, { answer: DECLINE });
      expect(rig.told()).toEqual(
        late ? ['expired: nobody answered within 2 s', 'refused: the question has ended: expired'] : ['answered'],
      );
    }
  });

  it('withdraws what the task has no use for any more, and everything when it is taken out of service', async () => {
    const rig = await started();
    rig.ask();
    rig.bus.publish(TOPICS.doubts, rig.seen([]));
    expect(rig.told()).toEqual(['withdrawn: the task has no use for it any more']);
    rig.pass(0.1);
    rig.ask();
    rig.node.deactivate();
    expect(rig.told()[1]).toBe('withdrawn: nobody asks any more');
    rig.pass(10);
    expect(rig.ends).toHaveLength(2);
  });

  it('whatever is said besides, one question ends once, and never by an answer to another picture or model', async () => {
    for (let seed = 0; seed < 300; seed++) {
      const rng = createRng(seed).stream('answers');
      const rig = await started({ answer_within_s: 1 });
      const question = rig.ask();
      const right: Partial<EscalationAnswer>[] = [];
      for (let k = 0; k < 8; k++) {
        const wrong: Partial<EscalationAnswer>[] = [
          { frame_sha256: 'cd'.repeat(32) },
          { model: 'vision@2' },
          { answer: 'green box' },
          { id: `overview-1200-${1 + rng.int(9)}` },
        ];
        const part = rng.uniform() < 0.2 ? {} : wrong[rng.int(wrong.length)];
        if (Object.keys(part).length === 0 && rig.clock.now_ns() <= question.expires_ns) right.push(part);
        rig.answer(question, part);
        rig.pass(rng.range(0, 0.4));
        if (rng.uniform() < 0.7) rig.bus.publish(TOPICS.detections, rig.seen([seenBox()]));
      }
      rig.pass(3);
      const ends = rig.ends.filter(({ end, id }) => end !== 'refused' && id === question.id);
      expect(ends, `seed ${seed}`).toHaveLength(1);
      if (right.length === 0) expect(ends[0].end, `seed ${seed}`).toBe('expired');
      else expect(['answered', 'withdrawn'], `seed ${seed}`).toContain(ends[0].end);
      const refusals = rig.ends.filter(({ end }) => end === 'refused');
      expect(refusals.length, `seed ${seed}`).toBe(8 - (right.length === 0 ? 0 : 1));
      expect(
        refusals.every(({ reason }) => reason !== ''),
        `seed ${seed}`,
      ).toBe(true);
    }
  });
});
