import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { cameraInfoFromRos, jointStateFromRos, wrenchFromRos } from './sensors.ts';

const header = { stamp: { sec: 1, nanosec: 2 }, frame_id: 'camera_optical' };
const state = { header, name: ['a', 'b'], position: [1, 2], velocity: [], effort: [] };

describe('joint states of others', () => {
  it('have NaN for what is not published', () => {
    expect(jointStateFromRos(state)).toEqual({
      stamp_ns: 1_000_000_002n,
      names: ['a', 'b'],
      position: Float64Array.of(1, 2),
      velocity: Float64Array.of(Number.NaN, Number.NaN),
      effort: Float64Array.of(Number.NaN, Number.NaN),
    });
  });

  it('name what is wrong', () => {
    expect(() => jointStateFromRos({ ...state, velocity: [1] })).toThrow(
      'sensor_msgs/msg/JointState.velocity = an array: has 1 values for 2 names',
    );
    expect(() => jointStateFromRos({ ...state, name: 'a' })).toThrow(/JointState\.name = "a"/);
    const late = { stamp: { sec: -1, nanosec: 0 }, frame_id: '' };
    expect(() => jointStateFromRos({ ...state, header: late })).toThrow(/header\.stamp\.sec = -1/);
  });
});

describe('wrenches of others', () => {
  it('must be finite', () => {
    const torque = { x: 0, y: 0, z: 0 };
    const read = () => wrenchFromRos({ header, wrench: { force: { ...torque, z: Number.NaN }, torque } });
    expect(read).toThrow(InputError);
    expect(read).toThrow('geometry_msgs/msg/WrenchStamped.wrench.force.z = NaN: must be a finite number');
  });
});

describe('camera infos of others', () => {
  const identity = { position: [0, 0, 1], orientation: [0, 0, 0, 1] } as const;
  const k = [500, 0, 320, 0, 500, 240, 0, 0, 1];
  const info = { header, width: 640, height: 480, distortion_model: 'plumb_bob', d: [0.1, 0, 0, 0, 0], k };
  const read = (changes: object) => () =>
    cameraInfoFromRos({ ...info, ...changes }, { transform: () => identity }, 'shelf');

  it('take the pose from TF, and no distortion in any form', () => {
    expect(read({})()).toMatchObject({ name: 'shelf', D: [0.1, 0, 0, 0, 0], K: k });
    expect(read({})().T_world_camera_optical).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1]);
    for (const plain of [
      { d: [], distortion_model: '' },
      { d: [0, 0, 0, 0, 0, 0, 0, 0], distortion_model: 'rational_polynomial' },
    ]) {
      expect(read(plain)()).toMatchObject({ D: [0, 0, 0, 0, 0], distortion_model: 'plumb_bob' });
    }
  });

  it('name what is wrong', () => {
    expect(read({ distortion_model: 'equidistant' })).toThrow(/distortion_model = "equidistant": must be plumb_bob/);
    expect(read({ k: [0, 0, 0, 0, 0, 0, 0, 0, 0] })).toThrow(/k = an array: must be 9 numbers of a calibrated camera/);
    expect(() => cameraInfoFromRos(info, { transform: () => null }, 'x')).toThrow(
      /has no transform from world at 1000000002 ns/,
    );
  });
});
