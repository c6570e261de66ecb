import { endianness } from 'node:os';
import { z } from 'zod';
import type { ColourImage, DepthImage } from '../../contracts/index.ts';
import type { RosBytes } from '../cdr/write.ts';
import type { RosFields } from '../mapping.ts';
import { bytes, fieldError, header, parseFields, rosHeader } from './fields.ts';

const TYPE = 'sensor_msgs/msg/Image';
const LITTLE = endianness() === 'LE';

const size = z.number().int().positive();
const image = z.object({
  header,
  height: size,
  width: size,
  encoding: z.string(),
  is_bigendian: z.number(),
  step: z.number().int(),
  data: bytes,
});
type RosImage = z.infer<typeof image>;

/** Bytes a pixel and where red, green and blue lie in it. */
const COLOURS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  rgb8: [3, 0, 1, 2],
  bgr8: [3, 2, 1, 0],
  rgba8: [4, 0, 1, 2],
  bgra8: [4, 2, 1, 0],
  mono8: [1, 0, 0, 0],
};

/** sensor_msgs/msg/Image of encoding rgb8. */
export function colourToRos({ stamp_ns, frame_id, width, height, data }: ColourImage): object {
  return rosImage(stamp_ns, frame_id, width, height, 'rgb8', 3, data);
}

/** Of rgb8 without gaps the data is that of the message; bgr8, rgba8, bgra8, mono8 and padded rows are copied. */
export function colourFromRos(fields: RosFields): ColourImage {
  const { header, width, height, step, encoding, data } = parseFields(image, fields, TYPE);
  const layout = COLOURS[encoding];
  if (layout === undefined)
    throw fieldError(TYPE, ['encoding'], encoding, `must be ${Object.keys(COLOURS).join(', ')}`);
  const [pixel, red, green, blue] = layout;
  requireBytes(width, height, step, pixel, data);
  const out = { stamp_ns: header.stamp, frame_id: header.frame_id, width, height };
  if (encoding === 'rgb8' && step === 3 * width) return { ...out, data: data.subarray(0, step * height) };
  const rgb = new Uint8Array(3 * width * height);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0, from = row * step; column < width; column++, from += pixel, to += 3) {
      rgb[to] = data[from + red];
      rgb[to + 1] = data[from + green];
      rgb[to + 2] = data[from + blue];
    }
  }
  return { ...out, data: rgb };
}

/** sensor_msgs/msg/Image of encoding 32FC1 (REP 118): NaN for none. Copied once, where it is written. */
export function depthToRos({ stamp_ns, frame_id, width, height, data }: DepthImage): object {
  const metres: RosBytes = {
    byteLength: data.byteLength,
    writeTo: (target) => {
      const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
      if (LITTLE) target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      for (let i = 0; i < data.length; i++) {
        if (!(data[i] > 0)) view.setFloat32(4 * i, Number.NaN, true);
        else if (!LITTLE) view.setFloat32(4 * i, data[i], true);
      }
    },
  };
  return rosImage(stamp_ns, frame_id, width, height, '32FC1', 4, metres);
}

/** Depth in whole millimetres (REP 118), 0 for none, at most 65.535 m. @param metres  0 or not a number for none */
export function depthMillimetres(metres: Float32Array): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(metres.length);
  for (let i = 0; i < metres.length; i++) {
    const scaled = 1000 * metres[i] + 0.5;
    out[i] = metres[i] > 0 ? (scaled < 65_535 ? scaled : 65_535) : 0;
  }
  return out;
}

/** From 32FC1 in metres or 16UC1 in millimetres. 32FC1 without gaps, in our byte order and aligned, is cleaned in place. */
export function depthFromRos(fields: RosFields): DepthImage {
  const { header, width, height, ...rest } = parseFields(image, fields, TYPE);
  const { encoding, step, data } = rest;
  const out = { stamp_ns: header.stamp, frame_id: header.frame_id, width, height };
  if (encoding !== '32FC1' && encoding !== '16UC1') {
    throw fieldError(TYPE, ['encoding'], encoding, 'must be 32FC1 or 16UC1');
  }
  const pixel = encoding === '32FC1' ? 4 : 2;
  requireBytes(width, height, step, pixel, data);
  return { ...out, data: pixel === 4 ? metres(width, height, rest) : metresOfMillimetres(width, height, rest) };
}

type Rows = Pick<RosImage, 'step' | 'data' | 'is_bigendian'>;

function metres(width: number, height: number, rows: Rows): Float32Array<ArrayBuffer> {
  const { step, data, is_bigendian } = rows;
  if (step !== 4 * width || (is_bigendian === 0) !== LITTLE) return metresOfRows(width, height, rows);
  const bytes = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  const out = new Float32Array(bytes.buffer, bytes.byteOffset, width * height);
  for (let i = 0; i < out.length; i++) if (!isDepth(out[i])) out[i] = 0;
  return out;
}

const isDepth = (z: number): boolean => z > 0 && z < Number.POSITIVE_INFINITY;

function metresOfRows(width: number, height: number, { step, data, is_bigendian }: Rows): Float32Array<ArrayBuffer> {
  const out = new Float32Array(width * height);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to++) {
      const z = view.getFloat32(row * step + 4 * column, is_bigendian === 0);
      out[to] = isDepth(z) ? z : 0;
    }
  }
  return out;
}

function metresOfMillimetres(
  width: number,
  height: number,
  { step, data, is_bigendian }: Rows,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(width * height);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to++) {
      out[to] = view.getUint16(row * step + 2 * column, is_bigendian === 0) / 1000;
    }
  }
  return out;
}

/** sensor_msgs/msg/CompressedImage around an encoded picture. */
export function compressedImageToRos(stamp_ns: bigint, frame_id: string, format: string, data: Uint8Array): object {
  return { header: rosHeader(stamp_ns, frame_id), format, data };
}

function requireBytes(width: number, height: number, step: number, pixel: number, data: Uint8Array): void {
  if (step < pixel * width) throw fieldError(TYPE, ['step'], step, `must be at least ${pixel * width}`);
  const needed = step * (height - 1) + pixel * width;
  if (data.length < needed) throw fieldError(TYPE, ['data', 'length'], data.length, `must be at least ${needed}`);
}

function rosImage(
  stamp_ns: bigint,
  frame_id: string,
  width: number,
  height: number,
  encoding: string,
  pixel: number,
  data: Uint8Array | RosBytes,
): object {
  const header = rosHeader(stamp_ns, frame_id);
  return { header, height, width, encoding, is_bigendian: 0, step: pixel * width, data };
}
