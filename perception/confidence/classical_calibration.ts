import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { type Calibration, calibration } from '../models/index.ts';

/** The classical detector has no model and no manifest: its calibration lies alone. */
export const CLASSICAL_CALIBRATION: string = join(PACKAGE_ROOT, 'models', 'classical', 'calibration.json');

/** @returns null where there is none; @throws InputError if it cannot be used */
export async function readClassicalCalibration(file: string = CLASSICAL_CALIBRATION): Promise<Calibration | null> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new InputError(file, 'cannot be read as JSON; make it again: surepick models calibrate classical', { cause });
  }
  const parsed = calibration.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new InputError(`${file} at ${path.map(String).join('.') || 'its top'}`, message);
}
