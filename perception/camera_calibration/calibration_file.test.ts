import { describe, expect, it } from 'vitest';
import type { CameraInfo } from '../../contracts/index.ts';
import { rigid } from '../../test/support/camera_geometry.ts';
import { CALIBRATION_FORMAT, CalibratedCameras, calibratedCameraOf, parseCalibration } from './calibration_file.ts';
import { compose, fromMatrix, identity, moved, type RigidTransform, toMatrix } from './rigid_transform.ts';

const X = rigid([0.1, 0.2, -0.3], [0.05, 0.01, 0.04]);
const estimate = {
  intrinsics: Float64Array.of(110, 111, 63, 64, 0.01, 0, 0, 0, 0),
  intrinsics_covariance: new Float64Array(81),
  T_mount_camera: X,
  pose_covariance: new Float64Array(36),
  encoder_offset_rad: new Float64Array(7),
  residuals: { kind: 'pixels', rms: 0.1, views: [0.1, 0.1] },
} as const;
const pictures = { taken: 3, used: 2, sha256: 'a'.repeat(64) };
const camera = calibratedCameraOf(
  { name: 'wrist', mounting: 'eye_in_hand', method: 'target', width: 128, height: 128, pictures },
  estimate,
);
const file = {
  format: CALIBRATION_FORMAT,
  version: 1,
  robot: 'panda',
  date: '2026-05-01T10:00:00Z',
  cameras: [camera],
};
/** What is said of the camera before, with the hand there: some millimetres off. */
const infoAt = (hand: RigidTransform): CameraInfo => ({
  ...{ stamp_ns: 5n, frame_id: 'wrist_camera_optical_frame', name: 'wrist', width: 128, height: 128 },
  ...{ K: [111, 0, 63.5, 0, 111, 63.5, 0, 0, 1], D: [0, 0, 0, 0, 0], distortion_model: 'plumb_bob' },
  T_world_camera_optical: toMatrix(compose(hand, moved(X, [0.01, 0, 0, 0.003, 0, 0]))),
});

describe('calibration file', () => {
  it('comes back from its text as it was', () => {
    expect(parseCalibration(JSON.stringify(file), 'f.json')).toEqual(file);
  });

  it('gives infos the calibrated lens, and the pose by way of the hand', () => {
    const cameras = new CalibratedCameras(parseCalibration(JSON.stringify(file), 'f.json'));
    const hand = rigid([0.4, -0.5, 0.6], [0.5, 0.1, 0.3]);
    const info = infoAt(hand);
    const seen = cameras.apply(info, toMatrix(hand));
    expect(seen.K).toEqual([110, 0, 63, 0, 111, 64, 0, 0, 1]);
    expect(seen.D[0]).toBe(0.01);
    const expected = compose(hand, X);
    fromMatrix(seen.T_world_camera_optical).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
    expect(cameras.apply({ ...info, name: 'other' }, null).K).toEqual(info.K);
    expect(() => cameras.apply(info, null)).toThrow(/pose of the hand/);
  });

  it.each([
    ['another size', (info: CameraInfo) => ({ ...info, width: 64 }), /128×128 pixels: 64×128.*calibrate/],
    [
      'another lens',
      (info: CameraInfo) => ({ ...info, K: info.K.map((k, i) => (i === 0 ? 150 : k)) }),
      /focal length of 110/,
    ],
    [
      'a lens that looks beside',
      (info: CameraInfo) => ({ ...info, K: info.K.map((k, i) => (i === 2 ? 80 : k)) }),
      /principal point/,
    ],
    [
      'another place',
      (info: CameraInfo) => ({
        ...info,
        T_world_camera_optical: info.T_world_camera_optical.map((t, i) => (i === 3 ? t + 0.1 : t)),
      }),
      /\d+ mm and .* rad from where it is said to be.*calibrate/,
    ],
  ])('refuses to be of %s', (_, change, message) => {
    const cameras = new CalibratedCameras(parseCalibration(JSON.stringify(file), 'f.json'), 'f.json');
    const other = change(infoAt(identity()));
    const apply = () => cameras.apply(other, toMatrix(identity()));
    expect(apply).toThrow(message);
    expect(apply).toThrow(/f\.json: camera wrist/);
  });

  it.each([
    ['not JSON', '{', /JSON/],
    ['another format', JSON.stringify({ ...file, format: 'x' }), /format/],
    ['a date that is none', JSON.stringify({ ...file, date: 'today' }), /date/],
    ['no camera', JSON.stringify({ ...file, cameras: [] }), /cameras/],
    ['one camera twice', JSON.stringify({ ...file, cameras: [camera, camera] }), /each camera once/],
    ['an unknown camera', JSON.stringify({ ...file, cameras: [{ ...camera, name: 'x' }] }), /one of overview, wrist/],
    ['a short matrix', JSON.stringify({ ...file, cameras: [{ ...camera, K: [1, 2] }] }), /cameras\.0\.K/],
    [
      'a focal length below 0',
      JSON.stringify({ ...file, cameras: [{ ...camera, K: [-1, 0, 0, 0, 1, 0, 0, 0, 1] }] }),
      /focal/,
    ],
    [
      'a negative variance',
      JSON.stringify({
        ...file,
        cameras: [{ ...camera, pose_covariance: camera.pose_covariance.map((_, i) => (i === 7 ? -1 : 0)) }],
      }),
      /pose_covariance with a variance of -1/,
    ],
    [
      'a pose that stretches',
      JSON.stringify({ ...file, cameras: [{ ...camera, T_mount_camera: camera.T_mount_camera.map((x) => 2 * x) }] }),
      /T_mount_camera/,
    ],
  ])('refuses %s and says where', (_, text, message) => {
    expect(() => parseCalibration(text, 'f.json')).toThrow(message);
    expect(() => parseCalibration(text, 'f.json')).toThrow(/f\.json/);
  });
});
