import { z } from 'zod';
import { type Detection, type Detections, detections } from './messages.ts';
import { COLOURS, type Colour, OBJECT_CLASSES, type ObjectClass } from './shapes.ts';

const stamp_ns = z.bigint().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');

/** Answers that mean the same whatever was asked: not this object, and let the robot decide as it would alone. */
export const DECLINE = 'skip';

/**
 * A question to a person about one picture. It holds for that picture, that model and that time only: an answer that
 * names others, or comes late, is refused.
 */
export const escalation = z.object({
  /** Of this question, e.g. `perception-17`. */
  id: z.string().min(1).max(128),
  stamp_ns,
  /** Answers after this are refused. */
  expires_ns: stamp_ns,
  /** Node that asks. */
  asked_by: z.string(),
  question: z.string(),
  /** What may be answered; DECLINE is always among them. */
  options: z.array(z.string().min(1)).min(2).readonly(),
  /** Frame asked about, e.g. `overview/12`, and SHA-256 over its colour and depth bytes. */
  request_id: z.string(),
  frame_sha256: sha256,
  /** Name@version of what looked, and SHA-256 of its file; empty without a file. */
  model: z.string(),
  model_sha256: z.string(),
  /** The object asked about: left, top, width, height in pixels of the picture. */
  image_box: z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly(),
  /** The picture, PNG or JPEG; empty where none is sent. */
  image_format: z.enum(['', 'png', 'jpeg']),
  image: z.instanceof(Uint8Array),
});
export type Escalation = z.infer<typeof escalation>;

export const escalationAnswer = z.object({
  id: z.string().min(1).max(128),
  stamp_ns,
  /** One of the question's options. */
  answer: z.string().min(1),
  /** Who answered. */
  by: z.string().min(1),
  /** As in the question: what was answered is that picture. */
  frame_sha256: sha256,
  model: z.string(),
});
export type EscalationAnswer = z.infer<typeof escalationAnswer>;

/** How a question ended. */
export const ESCALATION_ENDS = ['answered', 'expired', 'refused', 'withdrawn'] as const;
export const escalationEnd = z.object({
  id: z.string().min(1).max(128),
  stamp_ns,
  end: z.enum(ESCALATION_ENDS),
  /** The answer as it was taken; empty otherwise. */
  answer: z.string(),
  by: z.string(),
  /** Why an answer was refused or the question withdrawn; empty otherwise. */
  reason: z.string(),
});
export type EscalationEnd = z.infer<typeof escalationEnd>;

/** What is wrong with what was seen. */
export const MISTAKES = ['not_object', 'other_object', 'other_place'] as const;

/** What a person says against one object that was seen in one picture, asked or not. */
export const correction = z.object({
  /** Of the question that it is the answer to, else of the object as a question would name it. */
  id: z.string().min(1).max(128),
  stamp_ns,
  by: z.string().min(1),
  /** That object alone, as it was seen; stamp and request name the picture. */
  seen: detections.refine((seen) => seen.detections.length === 1, 'must be of one object'),
  mistake: z.enum(MISTAKES),
  /** What it is, as an answer: `red box`; DECLINE for no object. */
  answer: z.string().min(1),
  /** Where it is: left, top, width, height in pixels of the picture. */
  image_box: z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly(),
});
export type Correction = z.infer<typeof correction>;

/** An object as people name it. */
export interface NamedObject {
  readonly class: ObjectClass;
  readonly colour: Colour;
}

/** What a person answers who sees this object, e.g. `red box`. */
export function objectName(object: NamedObject): string {
  return `${object.colour} ${object.class}`;
}

/** The object that an answer names; null for DECLINE and everything else. */
export function namedObject(answer: string): NamedObject | null {
  for (const colour of COLOURS) {
    for (const name of OBJECT_CLASSES) if (answer === `${colour} ${name}`) return { class: name, colour };
  }
  return null;
}

/** Name of the question about one object of a picture: camera, stamp (ms) and the object's number, e.g. `overview-1200-0`. */
export function escalationId(
  { request_id, stamp_ns }: Pick<Detections, 'request_id' | 'stamp_ns'>,
  { id }: Pick<Detection, 'id'>,
): string {
  return `${request_id.split('/')[0].slice(0, 64)}-${stamp_ns / 1_000_000n}-${id}`;
}
