import { describe, expect, it } from 'vitest';
import { type Correction, escalation, escalationAnswer, escalationEnd, MISTAKES } from '../../contracts/index.ts';
import { rosSamples } from '../../test/support/ros_samples.ts';
import { syntheticDetections } from '../../test/support/synthetic_episode.ts';
import { RosCodec } from '../codec.ts';
import {
  correctionFromRos,
  correctionToRos,
  escalationAnswerFromRos,
  escalationAnswerToRos,
  escalationEndFromRos,
  escalationEndToRos,
  escalationFromRos,
  escalationToRos,
} from './escalation.ts';

const ROUNDS = 100;
const question = new RosCodec('surepick_msgs/msg/Escalation');
const answer = new RosCodec('surepick_msgs/msg/EscalationAnswer');
const end = new RosCodec('surepick_msgs/msg/EscalationEnd');
const corrected = new RosCodec('surepick_msgs/msg/Correction');

describe('questions to people as ROS messages', () => {
  it('come back as they went, answers and ends too', () => {
    const samples = rosSamples(11);
    for (let round = 0; round < ROUNDS; round++) {
      const asked = samples.draw(escalation);
      expect(escalationFromRos(question.decode(question.encode(escalationToRos(asked)))), `round ${round}`).toEqual(
        asked,
      );
      const answered = samples.draw(escalationAnswer);
      const back = escalationAnswerFromRos(answer.decode(answer.encode(escalationAnswerToRos(answered))));
      expect(back, `round ${round}`).toEqual(answered);
      const ended = samples.draw(escalationEnd);
      expect(escalationEndFromRos(end.decode(end.encode(escalationEndToRos(ended)))), `round ${round}`).toEqual(ended);
    }
  });

  it('are refused with the field where somebody sends what cannot be one', () => {
    const samples = rosSamples(5);
    const asked = question.decode(question.encode(escalationToRos(samples.draw(escalation))));
    for (const [field, value] of [
      ['frame_sha256', 'not a hash'],
      ['options', ['only one']],
      ['image_format', 'gif'],
      ['left', Number.NaN],
      ['id', 'x'.repeat(129)],
    ] as const) {
      expect(() => escalationFromRos({ ...asked, [field]: value }), field).toThrow(new RegExp(`Escalation.*${field}`));
    }
    const answered = answer.decode(answer.encode(escalationAnswerToRos(samples.draw(escalationAnswer))));
    for (const field of ['answer', 'by', 'frame_sha256'])
      expect(() => escalationAnswerFromRos({ ...answered, [field]: '' }), field).toThrow(new RegExp(field));
    const ended = end.decode(end.encode(escalationEndToRos(samples.draw(escalationEnd))));
    expect(() => escalationEndFromRos({ ...ended, end: 'maybe' })).toThrow(/end/);
  });

  it('corrections come back with the object that they are about, and are of one object only', () => {
    const seen = syntheticDetections(5n);
    for (const [k, mistake] of MISTAKES.entries()) {
      const one: Correction = {
        ...{
          id: `overview-5-${k}`,
          stamp_ns: 7n,
          by: 'ada',
          mistake,
          answer: mistake === 'not_object' ? 'skip' : 'red box',
        },
        ...{ seen: { ...seen, detections: seen.detections.slice(k % 2, (k % 2) + 1) }, image_box: [1.5, 2, 30, 40] },
      };
      const fields = corrected.decode(corrected.encode(correctionToRos(one)));
      expect(correctionFromRos(fields), mistake).toEqual(one);
      expect(() => correctionFromRos({ ...fields, mistake: 'ugly' })).toThrow(/Correction.*mistake/);
      expect(() => correctionFromRos({ ...fields, left: Number.NaN })).toThrow(/Correction.*left/);
      const all = corrected.decode(corrected.encode(correctionToRos({ ...one, seen })));
      expect(() => correctionFromRos(all)).toThrow(/Correction.*detections.*length.*must be 1/);
    }
  });
});
