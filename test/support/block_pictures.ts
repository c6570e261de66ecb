import type { Rng } from '../../contracts/index.ts';
import type { RgbdFrame } from '../../perception/index.ts';

export const TABLE_RGB = [190, 180, 160] as const;

/** An upright block in a picture: columns and rows, ends left out. It leans by `slant` columns a row. */
export interface Block {
  readonly u: readonly [number, number];
  readonly v: readonly [number, number];
  readonly height_m: number;
  readonly rgb: readonly number[];
  readonly slant?: number;
  /** Which object it is part of; −1 for the robot. Default: its place in the list. */
  readonly object?: number;
}

export interface BlockPicture {
  readonly width: number;
  readonly height: number;
  /** Of the camera above the table, which it looks straight down on. */
  readonly above_m: number;
  readonly focal_px: number;
  readonly name?: string;
  /** Pixels without depth. */
  readonly holes?: (u: number, v: number) => boolean;
  readonly noise?: { readonly rng: Rng; readonly colour: number; readonly depth_m: number };
}

/** No block: the table. */
export const NO_BLOCK = -2;

/** A table seen straight from above with blocks on it, the later before the earlier, and which of them every pixel shows. */
export function blockPicture(
  { width, height, above_m, focal_px, name = 'test', holes = () => false, noise }: BlockPicture,
  blocks: readonly Block[],
): { readonly frame: RgbdFrame; readonly objects: Int16Array } {
  const data = new Uint8Array(3 * width * height);
  const depth = new Float32Array(width * height);
  const objects = new Int16Array(width * height).fill(NO_BLOCK);
  const shown = (u: number, v: number) =>
    blocks.findLastIndex(({ u: [left, right], v: [top, bottom], slant = 0 }) => {
      const lean = slant * (v - top);
      return u >= left + lean && u < right + lean && v >= top && v < bottom;
    });
  for (let i = 0; i < width * height; i++) {
    const [u, v] = [i % width, Math.floor(i / width)];
    const at = shown(u, v);
    const block = at < 0 ? null : blocks[at];
    const rgb = block?.rgb ?? TABLE_RGB;
    for (let k = 0; k < 3; k++) {
      const value = rgb[k] + (noise === undefined ? 0 : noise.colour * noise.rng.normal());
      data[3 * i + k] = Math.max(0, Math.min(255, value));
    }
    if (block !== null) objects[i] = block.object ?? at;
    if (holes(u, v)) continue;
    depth[i] = above_m - (block?.height_m ?? 0) + (noise === undefined ? 0 : noise.depth_m * noise.rng.normal());
  }
  const header = { stamp_ns: 0n, frame_id: 'camera', width, height };
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const frame = {
    request_id: 'test',
    colour: { ...header, data },
    depth: { ...header, data: depth },
    info: {
      ...{ ...header, name, K: [focal_px, 0, cx, 0, focal_px, cy, 0, 0, 1], D: [0, 0, 0, 0, 0] },
      distortion_model: 'plumb_bob',
      T_world_camera_optical: [0, -1, 0, 0.5, -1, 0, 0, 0, 0, 0, -1, above_m, 0, 0, 0, 1],
    },
  } as const;
  return { frame, objects };
}
