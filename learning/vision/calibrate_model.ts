import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type Calibration,
  CLASSICAL_CALIBRATION,
  CLASSICAL_MODEL,
  type DecisionCosts,
  type Detector,
  type ModelSources,
  openDetector,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { DEFAULT_FIT, fitCalibration, keptForQuantile } from './calibrate_fit.ts';
import { type CalibrationReport, calibrationReport } from './calibrate_report.ts';
import { CalibrationSet, drawSamples, NOTHING_DRAWN, type SetAnswer } from './calibrate_samples.ts';
import { type DrawnSamples, type SamplesOf, samplesAsText } from './calibrate_store.ts';
import { HeldOutSet } from './held_out.ts';
import { keepFacts } from './keep_facts.ts';
import { type CameraKnowledge, uncertaintyOf } from './known_camera.ts';
import type { CamerasOfSet } from './world_set.ts';

export interface CalibrateOptions {
  /** NAME, NAME@VERSION, or `classical`. */
  readonly model: string;
  readonly sources: ModelSources;
  readonly robot: Robot;
  /** Worlds that it is fitted on, and held-out ones that it is measured on; each is two pictures. */
  readonly worlds: number;
  readonly held_out_worlds: number;
  readonly seed: number;
  readonly level?: number;
  readonly costs?: DecisionCosts;
  /** Samples that were drawn before, of just these worlds, if there are any. */
  readonly before?: (of: SamplesOf) => DrawnSamples | null;
  /** After every world, what was drawn of all. */
  readonly onProgress?: (done: number, total: number, of: SamplesOf, drawn: DrawnSamples) => void;
  /** Ends the drawing; what was drawn until then is not fitted. */
  readonly signal?: AbortSignal;
  /** Is told what people should know, e.g. that what was drawn before is of no use. */
  readonly onNote?: (note: string) => void;
}

export interface CalibratedModel {
  /** NAME@VERSION, or `classical`. */
  readonly model: string;
  /** With what was measured of it. */
  readonly calibration: Calibration;
  readonly report: CalibrationReport;
}

export const CALIBRATION_SEED = 7001;
/** Of held-out worlds that calibrations are measured on; nothing was chosen by what comes of them. */
const HELD_OUT_SEED = 900_301;

/**
 * Fits how sure a detector is to worlds of its own and measures that on the held-out set; in half of the runs cameras are
 * calibrated, in half as put up. Nothing is written.
 * @returns null when it was ended before all was drawn
 * @throws InputError if there is no such model, or too little was detected to fit anything
 */
export async function calibrateModel(options: CalibrateOptions): Promise<CalibratedModel | null> {
  const { worlds, held_out_worlds, seed, robot, onProgress = () => {}, signal } = options;
  const open = (known: CameraKnowledge) =>
    openDetector(options.model, {
      ...options.sources,
      ...{ fallback: false, confidence: false, cameras: uncertaintyOf(known) },
    });
  const detectors = { as_put_up: await open('as_put_up'), calibrated: await open('calibrated') };
  try {
    const { model: called, model_sha256 } = detectors.as_put_up;
    const of = { model: called, model_sha256: model_sha256 ?? '', seed, check_seed: HELD_OUT_SEED };
    const total = worlds + held_out_worlds;
    const sets = { fitted: new CalibrationSet(robot, seed), held: new HeldOutSet(robot, HELD_OUT_SEED, EITHER) };
    let drawn: DrawnSamples = options.before?.(of) ?? { fitted: NOTHING_DRAWN, held: NOTHING_DRAWN };
    if (!(await isSame(drawn.fitted, sets.fitted, detectors))) {
      options.onNote?.('what was drawn before is of other code: drawing anew');
      drawn = { fitted: NOTHING_DRAWN, held: NOTHING_DRAWN };
    }
    for (const [part, wanted] of [
      ['fitted', worlds],
      ['held', held_out_worlds],
    ] as const) {
      const of_part = await drawSamples({
        ...{ detectors, signal, worlds: wanted, before: drawn[part], worldOf: (k) => sets[part].world(k) },
        onProgress: (now) => {
          drawn = { ...drawn, [part]: now };
          onProgress(drawn.fitted.worlds + drawn.held.worlds, total, of, drawn);
        },
      });
      drawn = { ...drawn, [part]: of_part };
      if (of_part.worlds < wanted) return null;
    }
    const { fitted, held } = drawn;
    const fit = { level: options.level ?? DEFAULT_FIT.level, costs: options.costs ?? DEFAULT_FIT.costs };
    const calibration = fitCalibration(fitted.samples, seed, fit);
    const report = calibrationReport(calibration, held, keptForQuantile(fitted.samples), seed, called);
    const { measured, reliability } = report;
    return { model: nameOf(detectors.as_put_up), calibration: { ...calibration, measured, reliability }, report };
  } finally {
    await Promise.all(Object.values(detectors).map((detector) => detector.close()));
  }
}

const EITHER: CamerasOfSet = { known: 'either' };

/** Whether the first world that was drawn before gives the same samples again. */
async function isSame(
  before: SetAnswer,
  set: CalibrationSet,
  detectors: Readonly<Record<CameraKnowledge, Detector>>,
): Promise<boolean> {
  if (before.worlds === 0) return true;
  const first = await drawSamples({ detectors, worlds: 1, worldOf: (k) => set.world(k) });
  const was = before.samples.filter(({ picture }) => picture === 0);
  return samplesAsText(first.samples) === samplesAsText(was);
}

/**
 * Puts a calibration where the model is opened with it: into its manifest, or beside the models for the classical detector.
 * @returns the file that was written
 */
export async function keepCalibration(
  { model, calibration }: Pick<CalibratedModel, 'model' | 'calibration'>,
  sources: ModelSources,
): Promise<string> {
  if (model === CLASSICAL_MODEL) {
    await mkdir(dirname(CLASSICAL_CALIBRATION), { recursive: true });
    await writeFile(CLASSICAL_CALIBRATION, `${JSON.stringify(calibration, null, 2)}\n`);
    return CLASSICAL_CALIBRATION;
  }
  return keepFacts(model, sources, () => ({ calibration }));
}

function nameOf({ source, model }: Detector): string {
  return source === 'classical' ? CLASSICAL_MODEL : model;
}
