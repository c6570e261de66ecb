import { encode } from 'fast-png';
import {
  type ColourImage,
  DECLINE,
  type Detection,
  type Detections,
  type Escalation,
  escalationId,
  OBJECT_CLASSES,
  objectName,
} from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { frameHash } from './frame_hash.ts';

export interface QuestionFacts {
  readonly asked_by: string;
  readonly now_ns: bigint;
  readonly expires_ns: bigint;
  /** SHA-256 of the model that looked; empty where it has no file. */
  readonly model_sha256: string;
}

/** The question to a person what the doubtful object in a frame is, with the whole picture. */
export function questionAbout(
  frame: RgbdFrame,
  doubt: Detections,
  object: Detection,
  { asked_by, now_ns, expires_ns, model_sha256 }: QuestionFacts,
): Escalation {
  const guess = objectName(object);
  const others = OBJECT_CLASSES.filter((name) => name !== object.class);
  const why = object.confidence?.reason ?? '';
  return {
    id: escalationId(doubt, object),
    stamp_ns: now_ns,
    expires_ns,
    asked_by,
    question: `What is in the box? It looks like a ${guess}${why === '' ? '' : `, but: ${why}`}.`,
    options: [guess, ...others.map((name) => objectName({ class: name, colour: object.colour })), DECLINE],
    request_id: doubt.request_id,
    frame_sha256: frameHash(frame),
    model: doubt.model,
    model_sha256,
    image_box: object.image_box,
    image_format: 'png',
    image: pngOf(frame.colour),
  };
}

/** PNG of a colour image, 8 bits a channel: its pixels come back as they are. */
export function pngOf({ width, height, data }: ColourImage): Escalation['image'] {
  return new Uint8Array(encode({ width, height, channels: 3, depth: 8, data }));
}
