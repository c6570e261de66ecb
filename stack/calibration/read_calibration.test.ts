import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CameraInfo, InputError } from '../../contracts/index.ts';
import {
  CALIBRATION_FORMAT,
  type CalibratedCamera,
  calibratedCameraOf,
  cameraMatrix,
  compose,
  distance,
  fromMatrix,
  moved,
  toMatrix,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { CAMERA_SPECS } from '../../sim/index.ts';
import { cameraCorrection, handCamera, readCellCalibration } from './read_calibration.ts';
import { believedCamera } from './still_cell.ts';

const robot = loadRobot('panda', { visualMeshes: false });
/** What was measured: a little beside where the camera is planned. */
const STEP = [0.002, -0.001, 0.003, 0.001, 0.002, -0.001];

function measured(name: 'overview' | 'wrist', step: readonly number[] = STEP): CalibratedCamera {
  const { width, height } = CAMERA_SPECS[name];
  const { intrinsics, T_mount_camera } = believedCamera(robot, name);
  return calibratedCameraOf(
    {
      ...{ name, mounting: name === 'overview' ? 'eye_to_hand' : 'eye_in_hand', method: 'motion', width, height },
      pictures: { taken: 1, used: 1, sha256: '0'.repeat(64) },
    },
    {
      intrinsics,
      intrinsics_covariance: new Float64Array(81),
      T_mount_camera: moved(T_mount_camera, step),
      pose_covariance: new Float64Array(36),
      encoder_offset_rad: new Float64Array(7),
      residuals: { kind: 'metres', rms: 0, views: [] },
    },
  );
}

function fileOf(cameras: readonly CalibratedCamera[], of = 'panda') {
  return { format: CALIBRATION_FORMAT, version: 1, robot: of, date: '2026-05-01T10:00:00Z', cameras } as const;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-calibration-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string) {
  const file = join(folder, 'cameras.json');
  writeFileSync(file, content);
  return readCellCalibration(file, robot);
}

describe('a calibration for a cell', () => {
  it('is read where it is of this robot and these cameras', () => {
    const file = fileOf([measured('overview'), measured('wrist')]);
    expect(read(JSON.stringify(file))).toEqual(file);
  });

  it.each([
    ['another robot', JSON.stringify(fileOf([measured('wrist')], 'other')), /robot other: panda/],
    [
      'another size',
      JSON.stringify(fileOf([{ ...measured('wrist'), width: 320, height: 240 }])),
      /camera wrist of 320×240 pixels: 128×128.*surepick calibrate cameras/,
    ],
    [
      'another lens',
      JSON.stringify(
        fileOf([{ ...measured('overview'), K: measured('overview').K.map((k, i) => (i === 0 ? 2 * k : k)) }]),
      ),
      /camera overview: focal length of .*surepick calibrate cameras/,
    ],
    [
      'another place',
      JSON.stringify(fileOf([measured('overview', [0, 0, 0, 0.3, 0, 0])])),
      /camera overview: 300 mm and 0\.00 rad from where it is said to be.*surepick calibrate cameras/,
    ],
    ['a spoilt file', '{"format": "surepick/camera-calib', /cameras\.json.*JSON/],
  ])('is refused for %s, with value, place and remedy in one line', (_, content, message) => {
    expect(() => read(content)).toThrow(InputError);
    expect(() => read(content)).toThrow(message);
    expect(() => read(content)).toThrow(/cameras\.json/);
  });

  it('is refused where there is no file', () => {
    expect(() => readCellCalibration(join(folder, 'none.json'), robot)).toThrow(
      /none\.json.*surepick calibrate cameras/,
    );
  });
});

describe('pictures corrected by a calibration', () => {
  const hand = Float64Array.of(0, 1, 0, 1, 0, 0, 0, 0, -1, 0.5, 0.1, 0.4);
  const infoOf = (name: 'overview' | 'wrist'): CameraInfo => {
    const { intrinsics, T_mount_camera } = believedCamera(robot, name);
    const T = name === 'overview' ? T_mount_camera : compose(hand, T_mount_camera);
    const { frame_id, width, height } = CAMERA_SPECS[name];
    return {
      ...{ stamp_ns: 0n, frame_id, name, width, height, ...cameraMatrix(intrinsics), distortion_model: 'plumb_bob' },
      T_world_camera_optical: toMatrix(T),
    };
  };

  it('are where the calibration has the camera, on the hand wherever that is', () => {
    const calibration = fileOf([measured('overview'), measured('wrist')]);
    const correct = cameraCorrection(robot, calibration, 'f.json');
    const poseOf = (name: 'overview' | 'wrist') => fromMatrix(correct(infoOf(name)).T_world_camera_optical);
    const overview = fromMatrix(measured('overview').T_mount_camera);
    expect(distance(poseOf('overview'), overview).position_m).toBeLessThan(1e-12);
    const wrist = compose(hand, handCamera(robot, calibration));
    expect(distance(poseOf('wrist'), wrist).position_m).toBeLessThan(1e-12);
    expect(distance(poseOf('wrist'), wrist).rotation_rad).toBeLessThan(1e-9);
  });

  it('are as they come without one, and for a camera that it is not about', () => {
    const info = infoOf('wrist');
    expect(cameraCorrection(robot, null, '')(info)).toBe(info);
    expect(cameraCorrection(robot, fileOf([measured('overview')]), 'f.json')(info)).toBe(info);
    expect(handCamera(robot, null)).toEqual(believedCamera(robot, 'wrist').T_mount_camera);
  });
});
