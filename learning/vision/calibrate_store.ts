import { z } from 'zod';
import { CAMERAS, type CameraName, detection, InputError } from '../../contracts/index.ts';
import type { SetAnswer } from './calibrate_samples.ts';

export const SAMPLES_FORMAT = 'surepick/calibration-samples';

const count = z.number().int().nonnegative();
/** JSON has no NaN and no infinity: what was none is none again. */
const value = z
  .number()
  .nullable()
  .transform((x) => x ?? Number.NaN);
const evidence = z.strictObject({
  ...{ objectness: value, outline_log_odds: value, network_log_odds: value },
  ...{ rms_px: value, hidden: value, filled: value, height_m: value },
});
const setAnswer = z.strictObject({
  ...{ worlds: count, pictures: count, objects: count, found: count },
  samples: z.array(
    z.strictObject({
      picture: count,
      camera: z.custom<CameraName>((name) => typeof name === 'string' && Object.hasOwn(CAMERAS, name)),
      detection,
      evidence: evidence.nullable(),
      truth: z.enum(['box', 'cylinder', 'unknown']),
    }),
  ),
});
const stored = z.strictObject({
  format: z.literal(SAMPLES_FORMAT),
  model: z.string(),
  /** Empty for the classical detector. */
  model_sha256: z.string(),
  seed: count,
  check_seed: count,
  fitted: setAnswer,
  held: setAnswer,
});

/** Whose samples they are, of which worlds. */
export interface SamplesOf {
  readonly model: string;
  readonly model_sha256: string;
  readonly seed: number;
  readonly check_seed: number;
}

/** What was drawn of a calibration so far, to fit on and to check on. */
export interface DrawnSamples {
  readonly fitted: SetAnswer;
  readonly held: SetAnswer;
}

/** Samples as text, equal for equal samples and for those read again from it. */
export function samplesAsText(samples: SetAnswer['samples']): string {
  return JSON.stringify(setAnswer.shape.samples.parse(JSON.parse(JSON.stringify(samples))));
}

/** Samples as the text of a file. */
export function samplesText(of: SamplesOf, { fitted, held }: DrawnSamples): string {
  return `${JSON.stringify({ format: SAMPLES_FORMAT, ...of, fitted, held })}\n`;
}

/**
 * Samples from their text; null where they are another model's or of other worlds.
 * @throws InputError for what are no samples
 */
export function parseSamples(text: string, file: string, of: SamplesOf): DrawnSamples | null {
  const remedy = 'samples that `surepick models calibrate` kept; remove the file to draw them anew';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${file}: no JSON`, remedy, { cause });
  }
  const parsed = stored.safeParse(json);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new InputError(`${file} at ${path.map(String).join('.') || 'its top'}: ${message}`, remedy);
  }
  const { fitted, held, format: _, ...whose } = parsed.data;
  const same = (['model', 'model_sha256', 'seed', 'check_seed'] as const).every((key) => whose[key] === of[key]);
  return same ? { fitted, held } : null;
}
