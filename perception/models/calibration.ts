import { z } from 'zod';
import { line } from './manifest_tensors.ts';

const share = z.number().min(0).max(1);
const count = z.number().int().nonnegative();

/** A measured number with its 95 % interval. */
export const measured = z.strictObject({
  value: z.number(),
  /** `1` for shares. */
  unit: line(40),
  interval95: z.tuple([z.number(), z.number()]).readonly().optional(),
  /** Over how many objects, pictures or cells. */
  count: count.optional(),
});
export type Measured = Readonly<z.infer<typeof measured>>;

/** One bin of a reliability diagram. */
export const reliabilityBin = z.strictObject({ confidence: share, accuracy: share, count });
export type ReliabilityBin = Readonly<z.infer<typeof reliabilityBin>>;

const numbers = z.array(z.number()).max(64).readonly();

/** Log odds that a detection shows an object: bias + Σ weight (feature − mean) / scale (Platt, 1999). */
const objectOdds = z.strictObject({
  features: z.array(line(60)).max(64).readonly(),
  means: numbers,
  scales: numbers,
  weights: numbers,
  bias: z.number(),
});

/** How sure the model is when it says so, and from when on it is not used; written by what fits it on data of its own. */
export const calibration = z.strictObject({
  /** On what it was fitted: a split that neither training nor evaluation uses. */
  fitted_on: z.strictObject({ set: line(), seed: z.number().int(), objects: count }),
  /** Absent: detections of this model say nothing of how sure they are. */
  object: objectOdds.optional(),
  /** Log odds of the classes are divided by it (Guo et al., On Calibration of Modern Neural Networks, 2017). */
  temperature: z.number().positive().max(1e3),
  /** A class is possible if 1 − its probability is at most the quantile (split conformal; Vovk et al., 2005). */
  conformal: z.strictObject({ level: share, quantile: share }),
  /** What each outcome costs; a right pick costs 0. */
  costs: z.record(line(60), z.number().nonnegative()).readonly(),
  /** Probabilities and other limits by which it is decided. */
  thresholds: z.record(line(60), z.number()).readonly(),
  /** Limits of what a picture may look like, by the name of the fault. */
  picture_limits: z.record(line(60), z.number()).readonly().optional(),
  /** Measured on the evaluation's set: expected calibration error, coverage and the like. */
  measured: z.record(line(60), measured).readonly().optional(),
  reliability: z.array(reliabilityBin).max(100).readonly().optional(),
});
export type Calibration = Readonly<z.infer<typeof calibration>>;
