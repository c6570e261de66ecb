import { describe, expect, it } from 'vitest';
import { RosCodec } from '../codec.ts';
import { markersFromRos, poseFromRos, transformsFromRos, twistFromRos } from './frames.ts';

const tf = new RosCodec('tf2_msgs/msg/TFMessage');
const edge = (nanosec: number, child_frame_id: string, rotation: object = {}) => ({
  header: { stamp: { sec: 0, nanosec }, frame_id: 'world' },
  child_frame_id,
  transform: { rotation },
});

describe('transforms of others', () => {
  it('of several stamps are several messages', () => {
    const transforms = [edge(7, 'a'), edge(9, 'b'), edge(7, 'c')];
    const read = transformsFromRos(tf.decode(tf.encode({ transforms })));
    expect(read.map(({ stamp_ns, transforms }) => [stamp_ns, transforms.map(({ child }) => child)])).toEqual([
      [7n, ['a', 'c']],
      [9n, ['b']],
    ]);
  });

  it('have rotations made unit, w at least 0, and refused where they are none', () => {
    const rotated = (rotation: object) => () =>
      transformsFromRos(tf.decode(tf.encode({ transforms: [edge(1, 'a', rotation)] })))[0].transforms[0].pose
        .orientation;
    expect(rotated({})()).toEqual([0, 0, 0, 1]);
    expect(rotated({ x: 0.6, y: 0, z: 0, w: -0.8 })()).toEqual([-0.6, -0, -0, 0.8]);
    expect(Math.hypot(...rotated({ x: 0.601, y: 0, z: 0, w: 0.8 })())).toBeCloseTo(1, 12);
    expect(rotated({ x: 0, y: 0, z: 0, w: 0 })).toThrow(
      /transforms\[0\]\.transform\.rotation = an object: must be a unit quaternion/,
    );
    expect(rotated({ x: 1, y: 1, z: 0, w: 0 })).toThrow(/unit quaternion/);
    expect(rotated({ x: Number.NaN, y: 0, z: 0, w: 1 })).toThrow(/rotation\.x = NaN: must be a finite number/);
  });
});

describe('commands of others', () => {
  it('must be finite', () => {
    const zero = { x: 0, y: 0, z: 0 };
    const header = { stamp: { sec: 0, nanosec: 1 }, frame_id: '' };
    const linear = { ...zero, y: Number.POSITIVE_INFINITY };
    expect(() => twistFromRos({ header, twist: { linear, angular: zero } })).toThrow(/twist\.linear\.y = Infinity/);
    expect(() => poseFromRos({ header, pose: { position: zero, orientation: { ...zero, w: 0 } } })).toThrow(
      /PoseStamped\.pose\.orientation/,
    );
  });
});

describe('markers of others', () => {
  const codec = new RosCodec('visualization_msgs/msg/MarkerArray');
  it('may have no orientation, and are of four kinds', () => {
    const read = (marker: object) => () => markersFromRos(codec.decode(codec.encode({ markers: [marker] })));
    const none = { pose: { orientation: { x: 0, y: 0, z: 0, w: 0 } } };
    expect(read({ type: 4, ...none })()[0].markers[0]).toMatchObject({
      kind: 'line_strip',
      pose: { orientation: [0, 0, 0, 1] },
    });
    expect(read({ type: 9 })).toThrow(/markers\[0\]\.type = 9: must be 1, 4 or 7/);
  });
});
