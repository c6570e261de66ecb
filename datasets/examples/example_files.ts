import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decode, encode } from 'fast-png';
import { type CameraInfo, type ColourImage, type DepthImage, InputError } from '../../contracts/index.ts';
import { pictureHeader } from '../lerobot/picture_header.ts';
import { replaceFile } from '../run/file.ts';
import { type LabelledExample, labelledExample } from './labelled_example.ts';

/** A frame as the camera took it. */
export interface StoredFrame {
  readonly colour: ColourImage;
  readonly depth: DepthImage;
  readonly info: CameraInfo;
}

export interface ReadExample {
  /** The file that was read. */
  readonly file: string;
  readonly example: LabelledExample;
  readonly frame: StoredFrame & { readonly request_id: string };
}

/** What an example says beside its pictures, which are hashed and named as they are stored. */
export type ExampleFacts = Omit<LabelledExample, 'schema' | 'version' | 'frame' | 'files'> & {
  readonly request_id: string;
  readonly frame_sha256: string;
  readonly masked: boolean;
};

const LONGEST_BYTES = 1 << 28;

/**
 * Writes a labelled example into a folder: `NAME.json` last, so that what it names is there.
 * @param name  e.g. `episode-0003.overview-1200-0`; other signs than letters, digits, points and dashes are replaced
 * @returns the JSON file
 */
export function writeExample(folder: string, name: string, facts: ExampleFacts, frame: StoredFrame): string {
  const stem = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 160);
  const { request_id, frame_sha256, masked, ...rest } = facts;
  const { colour, depth, info } = frame;
  const { stamp_ns, ...camera } = info;
  const files = { colour: `${stem}.colour.png`, depth: `${stem}.depth.gz` };
  const example: LabelledExample = labelledExample.parse({
    schema: 'surepick/labelled-example',
    version: 1,
    ...rest,
    frame: {
      ...{ request_id, stamp_ns: String(stamp_ns), sha256: frame_sha256, stored_sha256: hashOf(colour, depth), masked },
      ...{ colour_frame_id: colour.frame_id, depth_frame_id: depth.frame_id, camera },
    },
    files,
  });
  const file = join(folder, `${stem}.json`);
  try {
    mkdirSync(folder, { recursive: true });
    const { width, height, data } = colour;
    writeFileSync(join(folder, files.colour), encode({ width, height, channels: 3, depth: 8, data }));
    writeFileSync(join(folder, files.depth), gzipSync(bytesOf(depth.data)));
  } catch (cause) {
    throw new InputError(file, `cannot be written (${messageOf(cause)})`, { cause });
  }
  replaceFile(file, `${JSON.stringify(example, null, 2)}\n`);
  return file;
}

/** The labelled examples of a folder, in order of their names. Throws InputError for the first that is not whole. */
export function readExamples(folder: string): ReadExample[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => readExample(join(folder, name)));
}

/**
 * Reads one labelled example with its pictures, and compares them with its hashes.
 * @throws InputError for what is missing, damaged, altered or too large
 */
export function readExample(file: string): ReadExample {
  const example = parse(file, read(file));
  const { request_id, stamp_ns: stamp, stored_sha256, colour_frame_id, depth_frame_id, camera } = example.frame;
  const { width, height } = camera;
  const folder = join(file, '..');
  const stamp_ns = BigInt(stamp);
  const colour = {
    ...{ stamp_ns, frame_id: colour_frame_id, width, height },
    data: readColour(join(folder, example.files.colour), width, height),
  };
  const depth = {
    ...{ stamp_ns, frame_id: depth_frame_id, width, height },
    data: readDepth(join(folder, example.files.depth), width, height),
  };
  if (hashOf(colour, depth) !== stored_sha256)
    throw new InputError(`${file}: its pictures`, 'are not those that were stored: frame.stored_sha256 differs');
  return { file, example, frame: { request_id, colour, depth, info: { ...camera, stamp_ns } } };
}

function parse(file: string, bytes: Buffer): LabelledExample {
  let content: unknown;
  try {
    content = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new InputError(file, `is no JSON (${messageOf(cause)})`, { cause });
  }
  const parsed = labelledExample.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${file}: ${issue.path.join('.') || 'content'}`, issue.message);
}

function readColour(file: string, width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = read(file);
  const header = pictureHeader(bytes);
  const is = header === null ? 'no picture' : `${header.format} of ${header.width}x${header.height}`;
  if (header?.format !== 'png' || header.width !== width || header.height !== height)
    throw new InputError(`${file}: ${is}`, `must be a PNG of ${width}x${height}`);
  try {
    const { data, channels, depth } = decode(bytes);
    if (channels === 3 && depth === 8) return new Uint8Array(data);
  } catch (cause) {
    throw new InputError(file, `cannot be read as a PNG (${messageOf(cause)})`, { cause });
  }
  throw new InputError(file, 'must have 3 channels of 8 bits');
}

function readDepth(file: string, width: number, height: number): Float32Array<ArrayBuffer> {
  const size = 4 * width * height;
  let bytes: Buffer;
  try {
    bytes = gunzipSync(read(file), { maxOutputLength: size });
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(file, `must be ${size} bytes by gzip (${messageOf(cause)})`, { cause });
  }
  if (bytes.length !== size) throw new InputError(`${file}: ${bytes.length} bytes`, `must be ${size} by gzip`);
  const data = new Float32Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = bytes.readFloatLE(4 * i);
  return data;
}

function read(file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size > LONGEST_BYTES) throw new Error(`${size} bytes are too many`);
    return readFileSync(file);
  } catch (cause) {
    throw new InputError(file, `cannot be read (${messageOf(cause)})`, { cause });
  }
}

function hashOf(colour: Pick<ColourImage, 'data'>, depth: Pick<DepthImage, 'data'>): string {
  return createHash('sha256').update(colour.data).update(bytesOf(depth.data)).digest('hex');
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
