import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { InputError, prepareOutputFolder } from '../../contracts/index.ts';
import type { Still } from './still.ts';

/**
 * Writes rgb.png, depth.png (16 bit, mm, 0 for none), segmentation.png (16 bit) and camera.json into `folder`, all of them
 * or none. Returns their paths.
 * @throws InputError if the folder cannot be written
 */
export function writeStill(still: Still, folder: string): string[] {
  const contents = contentsOf(still);
  const path = prepareOutputFolder(folder, '--out');
  const names = Object.keys(contents);
  const part = (name: string): string => join(path, `.${name}.${process.pid}.part`);
  try {
    for (const name of names) writeFileSync(part(name), contents[name]);
    for (const name of names) renameSync(part(name), join(path, name));
  } catch (error) {
    for (const name of names) if (existsSync(part(name))) rmSync(part(name));
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`--out ${folder}`, `cannot be written (${reason}); name a folder you may write to`, {
      cause: error,
    });
  }
  return names.map((name) => join(path, name));
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
