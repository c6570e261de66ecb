import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CAMERAS, type CameraName, InputError } from '../../contracts/index.ts';

const number = z.number().min(-1e5).max(1e5);
const named = { name: z.string().min(1).max(100).default('region'), unit: z.enum(['px', 'share']).default('px') };
/** Lengths in pixels, or in shares of the picture's width and height; x to the right, y down from the upper left corner. */
const region = z.union([
  z.strictObject({ ...named, box: z.tuple([number, number, number.positive(), number.positive()]) }),
  z.strictObject({
    ...named,
    polygon: z
      .array(z.tuple([number, number]))
      .min(3)
      .max(1000),
  }),
]);
export type MaskRegion = z.infer<typeof region>;

const depthRange = z
  .strictObject({
    nearer_than_m: z.number().positive().max(1000).optional(),
    farther_than_m: z.number().positive().max(1000).optional(),
    /** What becomes of pixels whose depth is not known. */
    without_depth: z.enum(['mask', 'keep']).default('mask'),
  })
  .refine(
    (one) => one.nearer_than_m !== undefined || one.farther_than_m !== undefined,
    'needs nearer_than_m or farther_than_m',
  )
  .refine(
    ({ nearer_than_m = 0, farther_than_m = Number.POSITIVE_INFINITY }) => nearer_than_m < farther_than_m,
    'nearer_than_m must be below farther_than_m, or nothing is left',
  );

const cameraRules = z.strictObject({ regions: z.array(region).max(100).default([]), depth: depthRange.optional() });
export type CameraRules = z.infer<typeof cameraRules>;

const people = z.strictObject({
  /** ONNX file; its manifest lies beside it. From the folder of this file. */
  model: z.string().min(1),
  /** Detections of at least this score count. */
  score: z.number().min(0).max(1).default(0.3),
  /** Masked around each of them, pixels. */
  margin_px: z.number().min(0).max(1000).default(16),
});

const EVERY = '*';
const NAMES = Object.keys(CAMERAS);

/** What must not be stored, by camera; `*` is every camera that is not named. */
export const maskRules = z
  .strictObject({
    schema: z.literal('surepick/masks'),
    version: z.literal(1),
    cameras: z
      .record(z.string(), cameraRules)
      .refine(
        (all) => Object.keys(all).every((name) => name === EVERY || NAMES.includes(name)),
        `cameras are ${NAMES.join(', ')} and ${EVERY}`,
      )
      .default({}),
    people: people.nullable().default(null),
  })
  .refine(({ cameras, people: asked }) => Object.keys(cameras).length > 0 || asked !== null, 'masks nothing');
export type MaskRules = Readonly<z.infer<typeof maskRules>>;

const LONGEST_BYTES = 1 << 20;

/** Reads rules from a YAML or JSON file. Throws an InputError that names the place. */
export function readMaskRules(file: string): MaskRules {
  let content: unknown;
  try {
    const text = readFileSync(file);
    if (text.length > LONGEST_BYTES) throw new Error(`${text.length} bytes, ${LONGEST_BYTES} at most`);
    content = parse(text.toString('utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new InputError(`masks ${file}`, `must be a YAML or JSON file that can be read (${why})`, { cause });
  }
  const parsed = maskRules.safeParse(content);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new InputError(`masks ${file}: ${path.join('.') || 'content'}`, message);
  }
  const { people: asked, ...rest } = parsed.data;
  return { ...rest, people: asked === null ? null : { ...asked, model: resolve(dirname(file), asked.model) } };
}

export function rulesOf({ cameras }: MaskRules, camera: CameraName): CameraRules {
  return cameras[camera] ?? cameras[EVERY] ?? { regions: [] };
}

/** What the rules mask, in words, a line each. */
export function tellRules({ cameras, people: asked }: MaskRules, detector: string): string[] {
  const lines = Object.entries(cameras).flatMap(([camera, { regions, depth }]) => {
    const of = camera === EVERY ? 'every other camera' : camera;
    return [
      ...regions.map((one) => `${of}: ${one.name}, ${shapeOf(one)}`),
      ...(depth?.nearer_than_m === undefined ? [] : [`${of}: nearer than ${depth.nearer_than_m} m`]),
      ...(depth?.farther_than_m === undefined ? [] : [`${of}: farther than ${depth.farther_than_m} m`]),
      ...(depth?.without_depth === 'mask' ? [`${of}: where depth is not known`] : []),
    ];
  });
  return asked === null
    ? lines
    : [...lines, `people, as ${detector} finds them with a score of ${asked.score} or more`];
}

function shapeOf(one: MaskRegion): string {
  const unit = one.unit === 'px' ? 'px' : 'of the picture';
  return 'box' in one ? `box ${one.box.join(', ')} ${unit}` : `polygon of ${one.polygon.length} corners, ${unit}`;
}
