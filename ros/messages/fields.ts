import { z } from 'zod';
import { InputError, type Pose, type Quaternion, type Vector3 } from '../../contracts/index.ts';

/** builtin_interfaces/Time. */
export interface RosTime {
  readonly sec: number;
  readonly nanosec: number;
}

const NS_PER_S = 1_000_000_000n;
/** How far the square of a quaternion's length may be from 1, as in tf2. */
const UNIT_TOLERANCE = 1e-2;
const EXACT = 1e-12;

export function toRosTime(stamp_ns: bigint): RosTime {
  return { sec: Number(stamp_ns / NS_PER_S), nanosec: Number(stamp_ns % NS_PER_S) };
}

export function fromRosTime({ sec, nanosec }: RosTime): bigint {
  return BigInt(sec) * NS_PER_S + BigInt(nanosec);
}

/** builtin_interfaces/Duration of `time_s`, to the nanosecond; what is too long becomes the longest there is. */
export function toRosDuration(time_s: number): RosTime {
  const whole = Math.floor(time_s);
  const nanosec = Math.round((time_s - whole) * 1e9);
  if (whole >= 2 ** 31 - 1) return { sec: 2 ** 31 - 1, nanosec: 999_999_999 };
  return nanosec === 1e9 ? { sec: whole + 1, nanosec: 0 } : { sec: whole, nanosec };
}

export const fromRosDuration = ({ sec, nanosec }: RosTime): number => sec + nanosec / 1e9;

/** Parses one message's fields; throws an InputError with the type, the first field that is wrong, and what it must be. */
export function parseFields<T>(schema: z.ZodType<T>, fields: unknown, ros_type: string): T {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw fieldError(ros_type, path, valueAt(fields, path), message);
}

/** The error of a field that cannot be used. */
export function fieldError(
  ros_type: string,
  path: readonly PropertyKey[],
  value: unknown,
  allowed: string,
): InputError {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return new InputError(`${ros_type}${place} = ${shown(value)}`, allowed);
}

function valueAt(fields: unknown, path: readonly PropertyKey[]): unknown {
  let value = fields;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

export const rosTime = z.object({
  sec: z.number().int().min(0),
  nanosec: z.number().int().min(0).max(999_999_999),
});
/** A stamp in nanoseconds. */
export const stamp = rosTime.transform(fromRosTime);
export const header = z.object({ stamp, frame_id: z.string() });
/** A duration in seconds, which may be negative. */
export const duration_s = z
  .object({ sec: z.number().int(), nanosec: z.number().int().min(0).max(999_999_999) })
  .transform(fromRosDuration);

/** Any number, NaN and infinities too: ROS uses them for what is not known. */
export const real = z.custom<number>((value) => typeof value === 'number', 'must be a number');
export const finite = z.number('must be a finite number');
/** A 64-bit count, which some libraries give as bigint. */
export const count = z
  .union([z.number(), z.bigint()])
  .refine(
    (value) => value >= 0 && value <= Number.MAX_SAFE_INTEGER && Number(value) % 1 === 0,
    'must be a whole number from 0 to 2^53 - 1',
  )
  .transform(Number);

type Bytes = Uint8Array<ArrayBuffer>;
type Floats = Float64Array<ArrayBuffer>;
const isFloats = (value: unknown): value is Floats =>
  value instanceof Float64Array && value.buffer instanceof ArrayBuffer;
const isBytes = (value: unknown): value is Bytes => value instanceof Uint8Array && value.buffer instanceof ArrayBuffer;
const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'number');

/** float64[]: handed over when it is one already. */
export const floats = z
  .custom<Floats | number[]>((value) => isFloats(value) || isNumbers(value), 'must be an array of numbers')
  .transform((values) => (isFloats(values) ? values : Float64Array.from(values)));
/** uint8[]. */
export const bytes = z
  .custom<Bytes | number[]>((value) => isBytes(value) || isNumbers(value), 'must be an array of bytes')
  .transform((values) => (isBytes(values) ? values : Uint8Array.from(values)));

/** geometry_msgs/Vector3 and Point. */
export const xyz = z.object({ x: finite, y: finite, z: finite }).transform(({ x, y, z }): Vector3 => [x, y, z]);
/** geometry_msgs/Quaternion of a rotation, made unit with w ≥ 0. */
export const quaternion = z
  .object({ x: finite, y: finite, z: finite, w: finite })
  .refine(
    ({ x, y, z, w }) => Math.abs(x * x + y * y + z * z + w * w - 1) <= UNIT_TOLERANCE,
    'must be a unit quaternion',
  )
  .transform(({ x, y, z, w }): Quaternion => {
    const square = x * x + y * y + z * z + w * w;
    if (w >= 0 && Math.abs(square - 1) <= EXACT) return [x, y, z, w];
    const scale = (w < 0 ? -1 : 1) / Math.sqrt(square);
    return [x * scale, y * scale, z * scale, w * scale];
  });
/** geometry_msgs/Pose. */
export const pose = z.object({ position: xyz, orientation: quaternion });

export const rosHeader = (stamp_ns: bigint, frame_id = '') => ({ stamp: toRosTime(stamp_ns), frame_id });
export const rosXyz = ([x, y, z]: Vector3) => ({ x, y, z });
export const rosPose = ({ position, orientation: [x, y, z, w] }: Pose) => ({
  position: rosXyz(position),
  orientation: { x, y, z, w },
});
