import { z } from 'zod';
import { cameraInfo, colour, correction, detection, objectClass } from '../../contracts/index.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
const stamp = z.string().regex(/^\d+$/, 'must be decimal digits');
const size = z.number().int().min(1).max(8192);
const fileName = z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/, 'must be a name beside this file');
const { stamp_ns: _stamp, T_world_camera_optical: pose, ...camera } = cameraInfo.shape;

/**
 * A picture with what a person says is in it: the question about one object, the answer to it, and what both were bound
 * to. Colour and depth lie beside it, without loss.
 */
export const labelledExample = z.strictObject({
  schema: z.literal('surepick/labelled-example'),
  version: z.literal(1),
  /** Of the question. */
  id: z.string().min(1).max(128),
  question: z.string(),
  options: z.array(z.string()).readonly(),
  answer: z.string(),
  /** What the answer names; null where the person says to leave it alone. */
  label: z.strictObject({ class: objectClass, colour }).nullable(),
  /** Who answered; when it was asked and when that ended, ns on the clock of the recording. */
  by: z.string().min(1),
  asked_ns: stamp,
  ended_ns: stamp,
  /** Whether the object still stood there after the answer, and why not. */
  end: z.enum(['answered', 'withdrawn']),
  reason: z.string(),
  /** What the model took it for. */
  guess: detection,
  /** Where somebody spoke up against it: what is wrong, and where the object is in pixels of the picture. */
  correction: z.strictObject({ mistake: correction.shape.mistake, image_box: correction.shape.image_box }).optional(),
  model: z.string(),
  /** SHA-256 of the model's file; empty without one. */
  model_sha256: z.union([z.literal(''), sha256]),
  frame: z.strictObject({
    request_id: z.string(),
    stamp_ns: stamp,
    /** Over the colour and depth bytes that were asked about. */
    sha256,
    /** Over those that are stored here; another one where `masked`. */
    stored_sha256: sha256,
    masked: z.boolean(),
    colour_frame_id: z.string(),
    depth_frame_id: z.string(),
    camera: z.strictObject({ ...camera, width: size, height: size, T_world_camera_optical: pose }),
  }),
  /** PNG of 8 bits a channel; float32, little endian, row by row, m, by gzip. */
  files: z.strictObject({ colour: fileName, depth: fileName }),
});
export type LabelledExample = z.infer<typeof labelledExample>;

/** Folder of a run that holds its labelled examples. */
export const EXAMPLES_FOLDER = 'examples';
