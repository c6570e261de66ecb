import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DecodedPng, decode } from 'fast-png';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { RgbdFrame } from '../../perception/index.ts';
import { readJsonFile } from '../json_files.ts';

const MAX_SIDE = 4096;
const side = z.number().int().min(1).max(MAX_SIDE);
const numbers = (length: number) => z.array(z.number()).length(length);

/** camera.json as `render` writes it; what else stands in it is of no concern here. */
const cameraFile = z.object({
  width: side,
  height: side,
  K: numbers(9).refine((K) => K[0] > 0 && K[4] > 0, 'focal lengths K[0] and K[4] must be positive'),
  D: numbers(5),
  distortion_model: z.literal('plumb_bob'),
  T_world_camera_optical: numbers(16).refine(isRigid, 'must be a rotation and a translation, row-major 4x4'),
});

/** Folders under `folder` (or itself) that hold a picture, in order of their names. Throws InputError if there is none. */
export function findPictures(folder: string): string[] {
  if (!existsSync(folder)) throw new InputError(`--images ${folder}`, 'no such folder');
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    throw new InputError(`--images ${folder}`, 'must be a folder that can be read', { cause });
  }
  const found = [folder, ...names.map((name) => join(folder, name))].filter((path) =>
    existsSync(join(path, 'rgb.png')),
  );
  if (found.length > 0) return found;
  throw new InputError(`--images ${folder}`, 'neither it nor its subfolders hold rgb.png, depth.png and camera.json');
}

/** Reads rgb.png, depth.png (16 bit, mm) and camera.json. Throws InputError naming the file that cannot be used. */
export function readFrame(folder: string): RgbdFrame {
  const { width, height, ...camera } = readJsonFile(join(folder, 'camera.json'), cameraFile);
  const rgb = readPng(join(folder, 'rgb.png'), width, height, 8, [3, 4]);
  const mm = readPng(join(folder, 'depth.png'), width, height, 16, [1]);
  const colour = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) colour[3 * i + c] = rgb.data[rgb.channels * i + c];
  }
  const depth = new Float32Array(width * height);
  for (let i = 0; i < depth.length; i++) depth[i] = mm.data[i] / 1000;
  const header = { stamp_ns: 0n, frame_id: 'camera_color_optical_frame' };
  return {
    request_id: folder,
    colour: { ...header, width, height, data: colour },
    depth: { ...header, width, height, data: depth },
    info: { ...header, name: 'file', width, height, ...camera },
  };
}

function readPng(file: string, width: number, height: number, bits: number, channels: readonly number[]): DecodedPng {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new InputError(file, 'cannot be read', { cause });
  }
  // The header is looked at first: a wrong size is refused before anything is unpacked.
  const size = bytes.length >= 26 ? [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] : [0, 0];
  if (bytes.length >= 26 && (size[0] !== width || size[1] !== height)) {
    throw new InputError(`${file} of ${size[0]}x${size[1]} pixels`, `camera.json says ${width}x${height}`);
  }
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(file, `not a whole PNG (${reason})`, { cause });
  }
  if (png.depth !== bits || !channels.includes(png.channels) || png.palette !== undefined) {
    throw new InputError(
      `${file} of ${png.channels} channels with ${png.depth} bits`,
      `must have ${channels.join(' or ')} channels with ${bits} bits`,
    );
  }
  if (png.data.length !== png.channels * width * height) throw new InputError(file, 'holds too few pixels');
  return png;
}

/** True if the upper 3×4 block is a rotation and a translation. */
function isRigid(T: readonly number[]): boolean {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j <= i; j++) {
      const dot = T[4 * i] * T[4 * j] + T[4 * i + 1] * T[4 * j + 1] + T[4 * i + 2] * T[4 * j + 2];
      if (Math.abs(dot - (i === j ? 1 : 0)) > 1e-3) return false;
    }
  }
  const determinant =
    T[0] * (T[5] * T[10] - T[6] * T[9]) - T[1] * (T[4] * T[10] - T[6] * T[8]) + T[2] * (T[4] * T[9] - T[5] * T[8]);
  return determinant > 0 && T[12] === 0 && T[13] === 0 && T[14] === 0 && T[15] === 1;
}
