import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type Calibration,
  CLASSICAL_CALIBRATION,
  CLASSICAL_MODEL,
  type DecisionCosts,
  type Detector,
  findModel,
  ModelRepository,
  type ModelSources,
  modelPath,
  openDetector,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { DEFAULT_FIT, fitCalibration, keptForQuantile } from './calibrate_fit.ts';
import { type CalibrationReport, calibrationReport } from './calibrate_report.ts';
import { CalibrationSet, drawSamples } from './calibrate_samples.ts';
import { HeldOutSet } from './held_out.ts';
import { changeFacts } from './publish.ts';

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
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface CalibratedModel {
  /** NAME@VERSION, or `classical`. */
  readonly model: string;
  /** With what was measured of it. */
  readonly calibration: Calibration;
  readonly report: CalibrationReport;
}

export const CALIBRATION_SEED = 7001;
/** Of held-out worlds that calibrations are measured on; not those of the accuracy report. */
const HELD_OUT_SEED = 900_101;

/**
 * Fits how sure a detector is to worlds of its own and measures that on the held-out set. Nothing is written.
 * @throws InputError if there is no such model, or too little was detected to fit anything
 */
export async function calibrateModel(options: CalibrateOptions): Promise<CalibratedModel> {
  const { worlds, held_out_worlds, seed, robot, onProgress = () => {}, signal } = options;
  const detector = await openDetector(options.model, { ...options.sources, fallback: false, confidence: false });
  try {
    const total = worlds + held_out_worlds;
    const fitting = new CalibrationSet(robot, seed);
    const fitted = await drawSamples({
      ...{ worlds, detector, signal, worldOf: (k) => fitting.world(k) },
      onProgress: (done) => onProgress(done, total),
    });
    const fit = { level: options.level ?? DEFAULT_FIT.level, costs: options.costs ?? DEFAULT_FIT.costs };
    const calibration = fitCalibration(fitted.samples, seed, fit);
    const held = new HeldOutSet(robot, HELD_OUT_SEED);
    const answer = await drawSamples({
      ...{ worlds: held_out_worlds, detector, signal, worldOf: (k) => held.world(k) },
      onProgress: (done) => onProgress(worlds + done, total),
    });
    const kept = keptForQuantile(fitted.samples);
    const report = calibrationReport(calibration, answer, kept, seed, detector.model);
    const { measured, reliability } = report;
    return { model: nameOf(detector), calibration: { ...calibration, measured, reliability }, report };
  } finally {
    await detector.close();
  }
}

/**
 * Puts a calibration where the model is opened with it: into its manifest, which is pinned again (of a user's own model the
 * signature is taken away), or beside the models for the classical detector.
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
  const { origin } = await findModel(model, sources);
  const [name, version] = model.split('@');
  const { repository = new ModelRepository(), own = null } = sources;
  const models = origin === 'own' && own !== null ? own : repository;
  await changeFacts(models, { name, version }, () => ({ calibration }));
  return modelPath(models.folder, name, version, 'manifest.json');
}

function nameOf({ source, model }: Detector): string {
  return source === 'classical' ? CLASSICAL_MODEL : model;
}
