import type { Rng } from '../../contracts/index.ts';
import {
  type Board,
  type GreyImage,
  type Intrinsics,
  isDark,
  type RigidTransform,
  rayOfPixel,
} from '../../perception/camera_calibration/index.ts';

const SAMPLES = 3;

/** A grey picture of a board, its white border and a grey room, each pixel the mean of 9 rays, with noise. */
export function pictureOfBoard(
  board: Board,
  f: Intrinsics,
  T_camera_board: RigidTransform,
  width: number,
  height: number,
  rng: Rng,
  noise: number,
): GreyImage {
  const data = new Float32Array(width * height);
  const ray = new Float64Array(2);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      let sum = 0;
      for (let k = 0; k < SAMPLES * SAMPLES; k++) {
        const at = (i: number) => (i + 0.5) / SAMPLES - 0.5;
        rayOfPixel(f, u + at(k % SAMPLES), v + at(Math.floor(k / SAMPLES)), ray);
        sum += shade(board, T_camera_board, ray[0], ray[1]);
      }
      data[v * width + u] = Math.round(Math.max(0, Math.min(255, sum / SAMPLES ** 2 + noise * rng.normal())));
    }
  }
  return { width, height, data };
}

/** Grey of what a ray meets: ink, paper or room. */
function shade({ columns, rows, square_m }: Board, T: RigidTransform, x: number, y: number): number {
  // The plane z = 0 of the board: n · (s ray − t) = 0.
  const s = (T[2] * T[9] + T[5] * T[10] + T[8] * T[11]) / (T[2] * x + T[5] * y + T[8]);
  const [dx, dy, dz] = [s * x - T[9], s * y - T[10], s - T[11]];
  const column = (T[0] * dx + T[3] * dy + T[6] * dz) / square_m + columns / 2;
  const row = (T[1] * dx + T[4] * dy + T[7] * dz) / square_m + rows / 2;
  if (!(s > 0) || column < -1 || row < -1 || column > columns + 1 || row > rows + 1) return 110;
  const onBoard = column >= 0 && row >= 0 && column < columns && row < rows;
  return onBoard && isDark(Math.floor(column), Math.floor(row)) ? 35 : 225;
}
