import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { InputError } from '../../contracts/index.ts';
import type { Still } from './still.ts';

/**
 * Writes rgb.png, depth.png (16 bit, mm, 0 for none), segmentation.png (16 bit) and camera.json into `folder`, all of them
 * or none. Returns their paths.
 * @throws InputError if the folder cannot be written
 */
export function writeStill(still: Still, folder: string): string[] {
  const contents = contentsOf(still);
  const names = Object.keys(contents);
  const part = (name: string): string => join(folder, `.${name}.${process.pid}.part`);
  let created: string | undefined;
  try {
    created = mkdirSync(folder, { recursive: true });
    for (const name of names) writeFileSync(part(name), contents[name]);
    for (const name of names) renameSync(part(name), join(folder, name));
  } catch (error) {
    if (created !== undefined) rmSync(created, { recursive: true, force: true });
    else for (const name of names) if (existsSync(part(name))) rmSync(part(name));
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`--out ${folder}`, `must be a folder that can be written (${reason})`, { cause: error });
  }
  return names.map((name) => join(folder, name));
}

function contentsOf({ image, camera }: Still): Record<string, Uint8Array | string> {
  const { width, height } = camera;
  const depth_mm = Uint16Array.from(image.depth, (z) => Math.min(65535, Math.round(z * 1000)));
  return {
    'rgb.png': encode({ width, height, data: image.rgb, channels: 3, depth: 8 }),
    'depth.png': encode({ width, height, data: depth_mm, channels: 1, depth: 16 }),
    'segmentation.png': encode({ width, height, data: image.segmentation, channels: 1, depth: 16 }),
    'camera.json': `${JSON.stringify(camera, null, 2)}\n`,
  };
}
