import { type Board, boardCorners } from './board.ts';
import type { TargetView } from './calibrate_intrinsics.ts';
import { chessResponse, type GreyImage, type Peak, responsePeaks, sampleGrey } from './chess_response.ts';
import { type CornerFit, fitCorner } from './corner_fit.ts';
import { type CornerGrid, growGrid } from './corner_grid.ts';
import { applyHomography, homography } from './homography.ts';

/** The board in a picture, or why it was not found. */
export type BoardSighting =
  | { readonly found: true; readonly view: TargetView; readonly sigma_px: number; readonly square_px: number }
  | { readonly found: false; readonly reason: string };

/** Rings for squares of different sizes, pixels. */
const RADII_PX = [4, 3, 2.2] as const;
const LEAST_RESPONSE = 0.12;
const SEEDS = 12;
/** Corners are fitted within this share of a square's shorter side, and no further than so many pixels. */
const WINDOW = { share: 0.55, least_px: 2.2, most_px: 7 } as const;
/** A corner whose fit leaves more than this share of its contrast is none. */
const MOST_MISFIT = 0.35;
/** Light squares are brighter than dark ones by at least this, grey levels. */
const LEAST_CONTRAST = 12;
/** A corner stands this far at most from where a plane has it: lenses bend, but not within a board by more, pixels. */
const MOST_OFF_PLANE = { px: 0.75, share: 0.06 } as const;

/**
 * Finds every inner corner of a board to a fraction of a pixel, or none: a board that is cut off, covered, too small,
 * too dark or blurred is refused with the reason.
 */
export function findBoard(image: GreyImage, board: Board): BoardSighting {
  let best: BoardSighting = { found: false, reason: 'no corner of a chequerboard in the picture' };
  let most = 0;
  for (const radius of RADII_PX) {
    const response = chessResponse(image, radius);
    const peaks = responsePeaks(response, image.width, image.height, Math.max(1, radius / 2), LEAST_RESPONSE);
    const tried = new Set<Peak>();
    for (const seed of peaks.slice(0, SEEDS)) {
      if (tried.has(seed)) continue;
      const grid = gridFrom(image, peaks, seed, board);
      if (grid === null) continue;
      // Every corner of a grid grows to the same one.
      for (const peak of grid.peaks) tried.add(peak);
      const count = grid.count;
      const sighting = judge(image, board, grid);
      if (sighting.found) return sighting;
      if (count > most) {
        most = count;
        best = sighting;
      }
    }
  }
  return best;
}

function gridFrom(image: GreyImage, peaks: readonly Peak[], seed: Peak, board: Board): CornerGrid | null {
  const fit = fitCorner(image, seed.x, seed.y, 4);
  return fit === null ? null : growGrid(peaks, seed, fit.edges_rad, Math.max(board.columns, board.rows));
}

function judge(image: GreyImage, board: Board, grid: CornerGrid): BoardSighting {
  const wanted = [board.columns - 1, board.rows - 1];
  const count = wanted[0] * wanted[1];
  const refuse = (reason: string): BoardSighting => ({ found: false, reason });
  const oriented = grid.oriented(wanted[0], wanted[1]);
  if (oriented === null) {
    return refuse(
      `${grid.count} corners in ${grid.columns} by ${grid.rows} of the board's ${wanted[0]} by ${wanted[1]}: the board is cut off, covered or another`,
    );
  }
  const points = firstDark(image, oriented, wanted[0]);
  const fits: CornerFit[] = [];
  let square_px = Infinity;
  for (let i = 0; i < count; i++) {
    const side = shorterSide(points, i, wanted[0], count);
    square_px = Math.min(square_px, side);
    const radius = Math.min(WINDOW.most_px, Math.max(WINDOW.least_px, WINDOW.share * side));
    const fit = fitCorner(image, points[2 * i], points[2 * i + 1], radius);
    if (fit === null || fit.misfit > MOST_MISFIT) return refuse(`corner ${i} of ${count} is blurred or covered`);
    if (2 * fit.amplitude < LEAST_CONTRAST) return refuse(`corner ${i} of ${count} has too little contrast`);
    fits.push(fit);
  }
  const pixels = Float64Array.from(fits.flatMap(({ x, y }) => [x, y]));
  const points_m = boardCorners(board);
  const off = farthestOff(points_m, pixels);
  if (off > MOST_OFF_PLANE.px + MOST_OFF_PLANE.share * square_px) {
    return refuse(`corners are up to ${off.toFixed(1)} pixels from where a flat board has them`);
  }
  const sigma_px = Math.sqrt(fits.reduce((sum, fit) => sum + fit.sigma_px ** 2, 0) / count);
  return { found: true, view: { points_m, pixels }, sigma_px, square_px };
}

/** The corners in the order that has the square between the first ones dark: the board's, not the board's turned by 180°. */
function firstDark(image: GreyImage, points: Float64Array, columns: number): Float64Array {
  let difference = 0;
  const rows = points.length / 2 / columns;
  for (let j = 0; j + 1 < rows; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const a = 2 * (j * columns + i);
      const b = a + 2 * columns + 2;
      const value = sampleGrey(image, (points[a] + points[b]) / 2, (points[a + 1] + points[b + 1]) / 2);
      difference += (i + j) % 2 === 0 ? value : -value;
    }
  }
  if (difference <= 0) return points;
  return Float64Array.from(points, (_, k) => points[points.length - 2 - (k & ~1) + (k & 1)]);
}

/** Distance to the nearest neighbour in the grid, pixels. */
function shorterSide(points: Float64Array, i: number, columns: number, count: number): number {
  let least = Infinity;
  for (const k of [i % columns > 0 ? i - 1 : -1, (i + 1) % columns > 0 ? i + 1 : -1, i - columns, i + columns]) {
    if (k < 0 || k >= count) continue;
    least = Math.min(least, Math.hypot(points[2 * k] - points[2 * i], points[2 * k + 1] - points[2 * i + 1]));
  }
  return least;
}

function farthestOff(points_m: Float64Array, pixels: Float64Array): number {
  const H = homography(points_m, pixels);
  const at = new Float64Array(2);
  let most = 0;
  for (let i = 0; i < pixels.length; i += 2) {
    applyHomography(H, points_m[i], points_m[i + 1], at);
    most = Math.max(most, Math.hypot(at[0] - pixels[i], at[1] - pixels[i + 1]));
  }
  return most;
}
