import { type RecordedMessage, readRecording } from './read_recording.ts';
import { stampOf } from './series.ts';

/** A picture as it was recorded. */
export interface RecordedPicture {
  readonly topic: string;
  readonly stamp_ns: bigint;
  readonly log_ns: bigint;
  /** `jpeg` or `png` bytes; `compressed_depth`: a PNG of 16 bits, millimetres; `raw` pixels in `encoding`. */
  readonly format: 'jpeg' | 'png' | 'compressed_depth' | 'raw';
  /** Of raw pixels, e.g. rgb8, 16UC1, 32FC1; else empty. */
  readonly encoding: string;
  /** Of raw pixels; else 0. */
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Bytes before the PNG of a compressedDepth message of image_transport: a format and two floats. */
const DEPTH_HEADER = 12;

/** Pictures of these topics in file order, one at a time; messages that are no pictures are left out. */
export async function* readPictures(file: string, topics: readonly string[]): AsyncGenerator<RecordedPicture> {
  for await (const message of readRecording(file, topics)) {
    const picture = pictureOf(message);
    if (picture !== null) yield picture;
  }
}

/** The picture of a message; null where its type or its format is none that is known. */
export function pictureOf({ topic, type, log_ns, message }: RecordedMessage): RecordedPicture | null {
  const { data } = message;
  if (!(data instanceof Uint8Array)) return null;
  const common = { topic, log_ns, stamp_ns: stampOf(message) ?? log_ns };
  if (type === 'sensor_msgs/msg/Image') {
    const [encoding, width, height] = [String(message.encoding), Number(message.width), Number(message.height)];
    return { ...common, format: 'raw', encoding, width, height, data };
  }
  if (type !== 'sensor_msgs/msg/CompressedImage') return null;
  const format = String(message.format);
  const none = { ...common, encoding: '', width: 0, height: 0 };
  if (format.includes('compressedDepth'))
    return { ...none, format: 'compressed_depth', data: data.subarray(DEPTH_HEADER) };
  if (/jpe?g/i.test(format)) return { ...none, format: 'jpeg', data };
  return /png/i.test(format) ? { ...none, format: 'png', data } : null;
}
