import sharp from 'sharp';
import {
  DECLINE,
  type Detections,
  type Escalation,
  objectName,
  type PickPlaceGoal,
  secondsToStamp,
} from '../../contracts/index.ts';
import { frameHash, type RgbdFrame } from '../../perception/index.ts';
import type { OpenPolicy } from './open_offered.ts';

/** The answer that lets a policy go on. */
export const GO_ON = 'go on';
const JPEG_QUALITY = 85;

export interface PolicyQuestionFacts {
  readonly asked_by: string;
  readonly now_ns: bigint;
  readonly answer_within_s: number;
  readonly open: OpenPolicy;
  readonly goal: PickPlaceGoal;
  /** In the policy's own words. */
  readonly why: string;
  readonly frame: RgbdFrame;
  /** What was seen last by the camera of the frame, for where the object is in it. */
  readonly seen: Detections | null;
}

/** The question to a person whether an unsure policy is to go on, about the newest picture of where it is. */
export async function questionOfPolicy(facts: PolicyQuestionFacts): Promise<Escalation> {
  const { asked_by, now_ns, answer_within_s, open, goal, why, frame, seen } = facts;
  const { name, version, model_sha256 } = open.offered;
  const { width, height, data } = frame.colour;
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
  const { class: kind, colour } = goal.object;
  const found = seen?.detections.find((one) => one.class === kind && one.colour === colour);
  return {
    id: `policy-${now_ns / 1_000_000n}`,
    stamp_ns: now_ns,
    expires_ns: now_ns + secondsToStamp(answer_within_s),
    asked_by,
    question: `Go on with the ${objectName(goal.object)}? ${name}: ${why}.`,
    options: [GO_ON, DECLINE],
    request_id: frame.request_id,
    frame_sha256: frameHash(frame),
    model: `${name}@${version}`,
    model_sha256,
    image_box: found?.image_box ?? [0, 0, 0, 0],
    image_format: 'jpeg',
    image: new Uint8Array(jpeg),
  };
}
