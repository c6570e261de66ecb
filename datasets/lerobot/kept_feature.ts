import { z } from 'zod';
import { RosCodec } from '../../ros/index.ts';
import type { RecordedMessage } from '../recording/read_recording.ts';
import { NUMBER_TYPES, type NumberFeature, widthOf } from './feature.ts';

/** Name of the metadata record in which an imported recording says what its topics were in the set it came from. */
export const SOURCE_RECORD = 'lerobot';

const keptFeature = z.strictObject({
  key: z.string().min(1),
  topic: z.string().min(1),
  dtype: z.enum([...NUMBER_TYPES, 'string']),
  shape: z.array(z.number().int().positive()),
  names: z.array(z.string()).nullable(),
});
/** A feature that no standard message stands for, in a topic of its own. */
export type KeptFeature = Readonly<z.infer<typeof keptFeature>>;

/** What an imported recording says of the set it came from. */
export const sourceRecord = z.strictObject({
  fps: z.number().positive(),
  /** Of the features that standard messages carry: their names and types, to be given back. */
  told: z.record(z.string(), z.strictObject({ dtype: z.enum(NUMBER_TYPES), names: z.array(z.string()).nullable() })),
  /** Keys of the cameras' pictures by topic. */
  pictures: z.record(z.string(), z.string()),
  kept: z.array(keptFeature),
});
export type SourceRecord = Readonly<z.infer<typeof sourceRecord>>;

/** Reads the record of a recording's metadata; null where it has none that can be read. */
export function readSourceRecord(metadata: ReadonlyMap<string, Readonly<Record<string, string>>>): SourceRecord | null {
  const text = metadata.get(SOURCE_RECORD)?.record;
  if (text === undefined) return null;
  try {
    return sourceRecord.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const FLOATS = 'std_msgs/msg/Float64MultiArray';
const INTEGERS = 'std_msgs/msg/Int64MultiArray';
const TEXT = 'std_msgs/msg/String';

/** The ROS type that carries values of a type: doubles hold every float, 64 bits every integer. */
export function carrierOf(dtype: KeptFeature['dtype']): string {
  if (dtype === 'string') return TEXT;
  return dtype.startsWith('float') ? FLOATS : INTEGERS;
}

/** One row of a kept feature as a message. */
export function encodeKept(
  codec: RosCodec,
  { dtype, shape, key }: Pick<KeptFeature, 'dtype' | 'shape' | 'key'>,
  value: ArrayLike<number> | string,
): Uint8Array {
  if (dtype === 'string' || typeof value === 'string') return codec.encode({ data: String(value) });
  const dim = shape.map((size, k) => ({
    label: k === 0 ? key : '',
    size,
    stride: shape.slice(k).reduce((n, each) => n * each, 1),
  }));
  const data = dtype.startsWith('float') ? Float64Array.from(value) : BigInt64Array.from(Array.from(value, toBigInt));
  return codec.encode({ layout: { dim, data_offset: 0 }, data });
}

const toBigInt = (value: number) => BigInt(Math.trunc(value));

/** Values of a row as numbers, or its text; null for a message of another size. */
export function decodeKept({ message }: RecordedMessage, feature: KeptFeature): Float64Array | string | null {
  const { data } = message;
  if (typeof data === 'string') return feature.dtype === 'string' ? data : null;
  if (feature.dtype === 'string') return null;
  const values =
    data instanceof Float64Array ? data : data instanceof BigInt64Array ? Float64Array.from(data, Number) : null;
  return values?.length === widthOf(feature) ? values : null;
}

/** As a feature of a set. */
export function numberFeatureOf({ key, dtype, shape, names }: KeptFeature): NumberFeature | null {
  return dtype === 'string' ? null : { key, dtype, shape, names, units: [] };
}

/** A codec for each carrier. */
export const carriers = (): ReadonlyMap<string, RosCodec> =>
  new Map([FLOATS, INTEGERS, TEXT].map((type) => [type, new RosCodec(type)]));
