import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../contracts/index.ts';
import { shippedPin } from '../test/support/models.ts';
import { DETECTION_FEATURES } from './confidence/index.ts';
import { type Calibration, hashOf, MODELS_FOLDER, ModelRepository } from './models/index.ts';
import { openDetector } from './open_detector.ts';
import { openRoutedDetector } from './open_routed.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const ones = DETECTION_FEATURES.map(() => 1);
const CALIBRATION: Calibration = {
  fitted_on: { set: 'made up', seed: 0, objects: 0 },
  object: { features: [...DETECTION_FEATURES], means: ones, scales: ones, weights: ones, bias: 0 },
  ...{ temperature: 1, conformal: { level: 0.9, quantile: 0.5 }, costs: {}, thresholds: {} },
};

/** The shipped models in a folder of their own, the first with a calibration or without one. */
function repositoryWith(calibration: Calibration | undefined): ModelRepository {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-routed-'));
  folders.push(folder);
  cpSync(MODELS_FOLDER, folder, { recursive: true });
  const { name, version } = shippedPin();
  const file = join(folder, name, version, 'manifest.json');
  const manifest: object = { ...JSON.parse(readFileSync(file, 'utf8')), calibration };
  writeFileSync(file, JSON.stringify(manifest));
  const lock_file = join(folder, 'lock.json');
  const lock = JSON.parse(readFileSync(lock_file, 'utf8'));
  lock.models[0].manifest_sha256 = hashOf(readFileSync(file));
  writeFileSync(lock_file, JSON.stringify(lock));
  return new ModelRepository(folder);
}

describe('opening models with calibrations', () => {
  const { name, version } = shippedPin();
  const model = `${name}@${version}`;

  it('puts a full model behind a fast one', async () => {
    const repository = repositoryWith(CALIBRATION);
    const routed = await openRoutedDetector(model, model, { repository });
    expect(routed.model).toBe(model);
    expect(routed.diagnostics()).toMatchObject({ full_model: model, routed_doubted: 0 });
    await routed.close();
  });

  it('refuses a fast model that never doubts', async () => {
    const repository = repositoryWith(undefined);
    await expect(openRoutedDetector(model, model, { repository })).rejects.toThrow(/calibrate/);
  });

  it('refuses a calibration of other features', async () => {
    const { object, ...rest } = CALIBRATION;
    const [, ...fewer] = DETECTION_FEATURES;
    const numbers = { means: ones, scales: ones, weights: ones, bias: 0 };
    const repository = repositoryWith({ ...rest, object: { ...numbers, features: fewer } });
    await expect(openDetector(model, { repository, fallback: false })).rejects.toThrow(InputError);
    expect(object?.features).not.toEqual(fewer);
  });
});
