import { InputError } from '../../contracts/index.ts';

/** Why pictures cannot calibrate a camera. */
export const REFUSALS = [
  'too_few_views',
  'parallel_views',
  'pure_translation',
  'parallel_axes',
  'uncertain',
  'does_not_fit',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Views that do not determine what was asked for; the message says which, and what to do about it. */
export class CalibrationRefused extends InputError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, what: string, remedy: string) {
    super(`calibration refused (${refusal}): ${what}`, remedy);
    this.name = 'CalibrationRefused';
    this.refusal = refusal;
  }
}
