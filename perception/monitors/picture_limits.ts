import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type CameraName, InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import type { TestLimit } from './picture_tests.ts';

/** What `node dist/learning/vision/fit_picture_limits.js` writes. */
export const PICTURE_LIMITS_FILE = join(PACKAGE_ROOT, 'models', 'picture_limits.json');

const testLimit = z
  .strictObject({ middle: z.number(), limit: z.number() })
  .refine(({ middle, limit }) => middle !== limit, 'middle and limit must differ');
const cameraLimits = z.record(z.string().max(60), testLimit).readonly();

/** How far pictures may be from sound ones, for every camera and test, and what that was fitted on. */
export const pictureLimits = z.strictObject({
  schema: z.literal('surepick/picture-limits'),
  version: z.literal(1),
  fitted: z.strictObject({
    command: z.string().max(400),
    seed: z.number().int(),
    /** No picture with a fault is among them. */
    sound_pictures: z.record(z.string(), z.number().int().positive()).readonly(),
    /** Those the limits of things in pictures were fitted on. */
    object_pictures: z.record(z.string(), z.number().int().positive()).readonly(),
    /** Share of sound pictures that may be flagged. */
    false_alarms: z.number().positive().max(0.05),
  }),
  cameras: z.strictObject({ overview: cameraLimits, wrist: cameraLimits }),
});
export type PictureLimits = Readonly<z.infer<typeof pictureLimits>>;
export type CameraLimits = Readonly<Record<string, TestLimit>>;

/** The limits of a camera that are shipped. Throws InputError for a file that is none. */
export async function loadPictureLimits(camera: CameraName, file = PICTURE_LIMITS_FILE): Promise<CameraLimits> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError(file, 'cannot be read; it comes with the package', { cause });
  });
  return parsePictureLimits(text, file).cameras[camera];
}

export function parsePictureLimits(text: string, where: string): PictureLimits {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new InputError(where, 'must be JSON', { cause });
  }
  const parsed = pictureLimits.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${where} at ${issue.path.map(String).join('.') || 'its top'}`, issue.message);
}
