import { InputError } from '../../contracts/index.ts';

const COLUMNS = 8;
const ROWS = 6;
const CHANNELS = ['red', 'green', 'blue'] as const;

/** Names of what `pictureCells` gives of a camera's picture. */
export function pictureCellNames(camera: string): readonly string[] {
  return Array.from({ length: ROWS * COLUMNS }, (_, cell) =>
    CHANNELS.map((channel) => `${camera} row ${Math.floor(cell / COLUMNS)} column ${cell % COLUMNS} ${channel}`),
  ).flat();
}

/**
 * Mean colours of 8×6 cells of a picture, 0..1: what a patch of colour in it changes, and little else does.
 * @param rgb  row-major
 * @throws InputError if the picture is of another size, or smaller than its cells
 */
export function pictureCells(rgb: Uint8Array, width: number, height: number): readonly number[] {
  if (rgb.length !== 3 * width * height || width < COLUMNS || height < ROWS)
    throw new InputError(`picture of ${rgb.length} bytes, ${width}×${height}`, `RGB, at least ${COLUMNS}×${ROWS}`);
  const sums = new Float64Array(ROWS * COLUMNS * 3);
  const counts = new Float64Array(ROWS * COLUMNS);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * ROWS) / height) * COLUMNS + Math.floor((x * COLUMNS) / width);
      counts[cell]++;
      for (let c = 0; c < 3; c++) sums[3 * cell + c] += rgb[3 * (y * width + x) + c] / 255;
    }
  }
  return Array.from(sums, (sum, k) => sum / counts[Math.floor(k / 3)]);
}
