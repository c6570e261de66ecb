import type { ColourImage, DepthImage } from '../../contracts/index.ts';
import type { PersonArea } from './mask.ts';
import type { CameraRules, MaskRegion } from './mask_rules.ts';

/**
 * Side of a block, px. JPEG with halved chroma transforms 16 by 16 pixels together (ITU-T T.81, A.2): a picture that is black
 * in whole blocks holds nothing of what was there, and its edges bleed into no block beside.
 */
export const BLOCK_PX = 16;

/** Which blocks of a picture are masked. */
export class MaskBlocks {
  readonly width: number;
  readonly height: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly masked: Uint8Array;

  /** Of a picture of this size, px; nothing is masked. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.columns = Math.ceil(width / BLOCK_PX);
    this.rows = Math.ceil(height / BLOCK_PX);
    this.masked = new Uint8Array(this.columns * this.rows);
  }

  /** Masks every block that a rectangle touches, px; what lies beyond the picture is cut off. */
  coverBox(x: number, y: number, width: number, height: number): void {
    const [first, top] = [Math.max(0, Math.floor(x / BLOCK_PX)), Math.max(0, Math.floor(y / BLOCK_PX))];
    const last = Math.min(this.columns, Math.ceil((x + width) / BLOCK_PX));
    const bottom = Math.min(this.rows, Math.ceil((y + height) / BLOCK_PX));
    for (let row = top; row < bottom; row++)
      for (let column = first; column < last; column++) this.masked[row * this.columns + column] = 1;
  }

  /** Masks every block that a polygon touches, px; inside is where a line outwards crosses it an odd number of times. */
  coverPolygon(corners: readonly (readonly [number, number])[]): void {
    for (let row = 0; row < this.rows; row++)
      for (let column = 0; column < this.columns; column++) {
        if (touches(corners, column * BLOCK_PX, row * BLOCK_PX)) this.masked[row * this.columns + column] = 1;
      }
  }

  coverRegion(region: MaskRegion): void {
    const [sx, sy] = region.unit === 'share' ? [this.width, this.height] : [1, 1];
    if ('box' in region) {
      const [x, y, width, height] = region.box;
      this.coverBox(x * sx, y * sy, width * sx, height * sy);
    } else this.coverPolygon(region.polygon.map(([x, y]) => [x * sx, y * sy]));
  }

  coverPeople(areas: readonly PersonArea[], margin_px: number): void {
    for (const { x, y, width, height } of areas)
      this.coverBox(x - margin_px, y - margin_px, width + 2 * margin_px, height + 2 * margin_px);
  }

  /** Masks every block with a pixel of a depth out of range (m); the picture has the size of the depth picture. */
  coverDepth(
    { data }: Pick<DepthImage, 'data'>,
    { nearer_than_m = 0, farther_than_m = Number.POSITIVE_INFINITY, without_depth }: NonNullable<CameraRules['depth']>,
  ): void {
    for (let v = 0, k = 0; v < this.height; v++) {
      const row = Math.floor(v / BLOCK_PX) * this.columns;
      for (let u = 0; u < this.width; u++, k++) {
        const depth_m = data[k];
        const known = depth_m > 0 && Number.isFinite(depth_m);
        const out = known ? depth_m < nearer_than_m || depth_m > farther_than_m : without_depth === 'mask';
        if (out) this.masked[row + Math.floor(u / BLOCK_PX)] = 1;
      }
    }
  }

  /** Masks what another one of the same scene masks, which may be of another size. */
  coverSame(other: MaskBlocks): void {
    const [sx, sy] = [this.width / other.width, this.height / other.height];
    for (let row = 0; row < other.rows; row++)
      for (let column = 0; column < other.columns; column++) {
        if (other.masked[row * other.columns + column] === 0) continue;
        this.coverBox(column * BLOCK_PX * sx, row * BLOCK_PX * sy, BLOCK_PX * sx, BLOCK_PX * sy);
      }
  }

  isMasked(u: number, v: number): boolean {
    return this.masked[Math.floor(v / BLOCK_PX) * this.columns + Math.floor(u / BLOCK_PX)] === 1;
  }

  /** A copy, black where masked. */
  colour(image: ColourImage): ColourImage {
    return { ...image, data: this.blacken(image.data.slice(), 3) };
  }

  /** A copy, without depth where masked. */
  depth(image: DepthImage): DepthImage {
    return { ...image, data: this.blacken(image.data.slice(), 1) };
  }

  private blacken<T extends Uint8Array | Float32Array>(data: T, channels: number): T {
    for (let v = 0; v < this.height; v++)
      for (let column = 0; column < this.columns; column++) {
        if (this.masked[Math.floor(v / BLOCK_PX) * this.columns + column] === 0) continue;
        const from = v * this.width + column * BLOCK_PX;
        const to = v * this.width + Math.min(this.width, (column + 1) * BLOCK_PX);
        data.fill(0, channels * from, channels * to);
      }
    return data;
  }
}

function touches(corners: readonly (readonly [number, number])[], left: number, top: number): boolean {
  const [right, bottom] = [left + BLOCK_PX, top + BLOCK_PX];
  if (isInside(corners, left + BLOCK_PX / 2, top + BLOCK_PX / 2)) return true;
  return corners.some((from, k) => crosses(from, corners[(k + 1) % corners.length], left, top, right, bottom));
}

function isInside(corners: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let inside = false;
  for (let k = 0, j = corners.length - 1; k < corners.length; j = k++) {
    const [[xk, yk], [xj, yj]] = [corners[k], corners[j]];
    if (yk > y !== yj > y && x < ((xj - xk) * (y - yk)) / (yj - yk) + xk) inside = !inside;
  }
  return inside;
}

/** Whether a segment meets a rectangle (Liang and Barsky 1984). */
function crosses(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  left: number,
  top: number,
  right: number,
  bottom: number,
): boolean {
  let [enter, leave] = [0, 1];
  const [dx, dy] = [x2 - x1, y2 - y1];
  for (const [p, q] of [
    [-dx, x1 - left],
    [dx, right - x1],
    [-dy, y1 - top],
    [dy, bottom - y1],
  ]) {
    if (p === 0) {
      if (q < 0) return false;
    } else if (p < 0) enter = Math.max(enter, q / p);
    else leave = Math.min(leave, q / p);
  }
  return enter <= leave;
}
