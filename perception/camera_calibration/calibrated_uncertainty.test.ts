import { expect, it } from 'vitest';
import { AS_PUT_UP } from '../geometry/index.ts';
import { calibratedUncertainties, calibratedUncertainty } from './calibrated_uncertainty.ts';
import { CALIBRATION_FORMAT, calibratedCameraOf } from './calibration_file.ts';
import { identity } from './rigid_transform.ts';

const F = 300;
const diagonal = (values: readonly number[]) =>
  Float64Array.from({ length: values.length ** 2 }, (_, k) => {
    const row = Math.floor(k / values.length);
    return k % (values.length + 1) === 0 ? values[row] ** 2 : 0;
  });
const camera = (mounting: 'eye_to_hand' | 'eye_in_hand') =>
  calibratedCameraOf(
    {
      ...{ name: 'overview', mounting, method: 'motion', width: 320, height: 240 },
      pictures: { taken: 1, used: 1, sha256: 'a'.repeat(64) },
    },
    {
      intrinsics: Float64Array.of(F, F, 160, 120, 0, 0, 0, 0, 0),
      intrinsics_covariance: diagonal([0.3, 0.3, 0.2, 0.2, 0, 0, 0, 0, 0]),
      T_mount_camera: identity(),
      pose_covariance: diagonal([1e-4, 2e-4, 2e-4, 3e-4, 4e-4, 0]),
      encoder_offset_rad: new Float64Array(7),
      residuals: { kind: 'metres', rms: 0, views: [] },
    },
  );

it('is what the covariances of the file say, and on the hand what the joints add', () => {
  const stands = calibratedUncertainty(camera('eye_to_hand'));
  expect(stands.position_m).toBeCloseTo(Math.sqrt((9e-8 + 16e-8) / 3), 12);
  expect(stands.rotation_rad).toBeCloseTo(Math.sqrt(3e-8), 12);
  expect(stands.focal_share).toBeCloseTo(0.001, 12);
  expect(stands.principal_point_px).toBeCloseTo(0.2, 12);
  const held = calibratedUncertainty(camera('eye_in_hand'));
  expect(held.position_m).toBeGreaterThan(stands.position_m);
  expect(held.rotation_rad).toBeGreaterThan(stands.rotation_rad);
});

it('is that of a camera as put up where no calibration is', () => {
  const file = { format: CALIBRATION_FORMAT, version: 1, robot: 'panda', date: '2026-05-01T10:00:00Z' } as const;
  const of = calibratedUncertainties({ ...file, cameras: [camera('eye_to_hand')] });
  expect(of('overview').position_m).toBeLessThan(AS_PUT_UP.position_m);
  expect([of('wrist'), calibratedUncertainties(null)('overview')]).toEqual([AS_PUT_UP, AS_PUT_UP]);
});
