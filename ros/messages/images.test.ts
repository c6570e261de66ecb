import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import { colourFromRos, colourToRos, depthFromRos, depthMillimetres, depthToRos } from './images.ts';

const codec = new RosCodec('sensor_msgs/msg/Image');
const frame = { stamp_ns: 5n, frame_id: 'camera', width: 3, height: 2 };

function image(encoding: string, pixel: number, data: readonly number[], changes: object = {}) {
  const bytes = Uint8Array.from(data);
  return {
    header: { stamp: { sec: 0, nanosec: 5 }, frame_id: 'camera' },
    width: 3,
    height: 2,
    encoding,
    is_bigendian: 0,
    step: 3 * pixel,
    data: bytes,
    ...changes,
  };
}

describe('colour images', () => {
  const rgb = Uint8Array.from({ length: 18 }, (_, i) => 10 * i);

  it('are not copied where they are rgb8 already', () => {
    const fields = codec.decode(codec.encode(colourToRos({ ...frame, data: rgb })));
    const { data } = colourFromRos(fields);
    expect(data).toEqual(rgb);
    expect(data.buffer).toBe((fields.data as Uint8Array).buffer);
  });

  it.each([
    ['bgr8', 3, [2, 1, 0]],
    ['rgba8', 4, [0, 1, 2]],
    ['bgra8', 4, [2, 1, 0]],
  ])('come from %s too', (encoding, pixel, order) => {
    const data: number[] = [];
    for (let i = 0; i < 6; i++)
      for (let k = 0; k < pixel; k++) data[pixel * i + k] = k < 3 ? rgb[3 * i + order[k]] : 255;
    expect(colourFromRos(image(encoding, pixel, data)).data).toEqual(rgb);
  });

  it('come from mono8, and from rows with gaps', () => {
    expect([...colourFromRos(image('mono8', 1, [1, 2, 3, 4, 5, 6])).data]).toEqual(
      [1, 2, 3, 4, 5, 6].flatMap((v) => [v, v, v]),
    );
    const padded = [...rgb.subarray(0, 9), 77, 77, ...rgb.subarray(9)];
    expect(colourFromRos(image('rgb8', 3, padded, { step: 11 })).data).toEqual(rgb);
  });

  it('name what is wrong', () => {
    expect(() => colourFromRos(image('bayer_rggb8', 1, []))).toThrow(/encoding = "bayer_rggb8": must be rgb8, bgr8/);
    expect(() => colourFromRos(image('rgb8', 3, [1, 2]))).toThrow(/data\.length = 2: must be at least 18/);
    expect(() => colourFromRos(image('rgb8', 3, [], { step: 8 }))).toThrow(/step = 8: must be at least 9/);
    expect(() => colourFromRos(image('rgb8', 3, [], { width: 0 }))).toThrow(/width = 0/);
  });
});

describe('depth images', () => {
  const data = Float32Array.of(0, 0.5, 1.25, 70, 0.001, 3);

  it('say NaN for none on the wire, and 0 at home', () => {
    const fields = codec.decode(codec.encode(depthToRos({ ...frame, data })));
    const view = new DataView((fields.data as Uint8Array).slice().buffer);
    expect(view.getFloat32(0, true)).toBeNaN();
    expect(view.getFloat32(4, true)).toBe(0.5);
    expect(depthFromRos(fields)).toEqual({ ...frame, data });
  });

  it('come from millimetres too, of either byte order, aligned or not', () => {
    const ours = new Uint8Array(depthMillimetres(data).buffer);
    expect([...depthFromRos(image('16UC1', 2, [...ours])).data]).toEqual(
      [0, 0.5, 1.25, 65.535, 0.001, 3].map(Math.fround),
    );
    const big = image('16UC1', 2, [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], { is_bigendian: 1 });
    expect([...depthFromRos(big).data.subarray(0, 2)]).toEqual([0.001, 0.256].map(Math.fround));
    const rng = createRng(1, 'depth');
    for (let offset = 0; offset < 8; offset++) {
      const bytes = new Uint8Array(24 + offset);
      const drawn = Float32Array.from({ length: 6 }, () => rng.uniform() + 0.01);
      for (let i = 0; i < 6; i++) new DataView(bytes.buffer).setFloat32(offset + 4 * i, drawn[i], true);
      expect(depthFromRos(image('32FC1', 4, [], { data: bytes.subarray(offset) })).data).toEqual(drawn);
    }
  });

  it('come from rows with gaps and from big-endian metres', () => {
    const [bytes, drawn] = [new Uint8Array(32), Float32Array.of(1, 2, 3, 4, 5, Number.NaN)];
    const view = new DataView(bytes.buffer);
    drawn.forEach((z, i) => {
      view.setFloat32(4 * i + (i < 3 ? 0 : 4), z, false);
    });
    const read = depthFromRos(image('32FC1', 4, [], { data: bytes, step: 16, is_bigendian: 1 }));
    expect([...read.data]).toEqual([1, 2, 3, 4, 5, 0]);
    const buffer = Buffer.from(new Float32Array(7).fill(0.5).buffer).subarray(1, 25);
    expect(depthFromRos(image('32FC1', 4, [], { data: buffer })).data.length).toBe(6);
  });

  it('have no depth where it is not a positive number', () => {
    const bytes = new Uint8Array(Float32Array.of(Number.NaN, -1, Number.POSITIVE_INFINITY, -0, 2, 1e-3).buffer);
    expect(depthFromRos(image('32FC1', 4, [], { data: bytes })).data).toEqual(Float32Array.of(0, 0, 0, 0, 2, 1e-3));
  });

  it('name what is wrong', () => {
    expect(() => depthFromRos(image('rgb8', 3, []))).toThrow(/encoding = "rgb8": must be 32FC1 or 16UC1/);
    expect(() => depthFromRos(image('32FC1', 4, [1, 2, 3]))).toThrow(/data\.length = 3: must be at least 24/);
  });
});
