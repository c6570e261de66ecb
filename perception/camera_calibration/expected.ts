import type { IntrinsicPrior } from './calibrate_intrinsics.ts';
import type { JointErrors } from './hand_eye_reprojection.ts';
import type { Intrinsics } from './lens_model.ts';

/** What is known of a camera and an arm before they are calibrated. */
export interface Expected {
  readonly width: number;
  readonly height: number;
  /** From the data sheet. */
  readonly intrinsics: Intrinsics;
  readonly errors: JointErrors;
}

/** How far a lens may be from its data sheet: shares of the focal length and of the picture's width, and coefficients. */
const SPREAD = { focal: 0.05, principal_point: 0.05, k1: 0.2, k2: 0.05, tangential: 0.0003, k3: 0.02 } as const;

/** What a data sheet says of the intrinsics, as knowledge with deviations. */
export function intrinsicPriors({ width, intrinsics: f }: Expected): IntrinsicPrior[] {
  const sigmas = [
    ...[SPREAD.focal * f[0], SPREAD.focal * f[1], SPREAD.principal_point * width, SPREAD.principal_point * width],
    ...[SPREAD.k1, SPREAD.k2, SPREAD.tangential, SPREAD.tangential, SPREAD.k3],
  ];
  return sigmas.map((sigma, i) => ({ mean: f[i], sigma }));
}

/** Joints are never exact: what is said of them, at least a microradian, so that the equations can be solved. */
export function jointErrorsOf({ errors }: Expected): JointErrors {
  const some = (sigma: number) => Math.max(1e-6, sigma);
  return { offset_sigma_rad: some(errors.offset_sigma_rad), play_sigma_rad: some(errors.play_sigma_rad) };
}
