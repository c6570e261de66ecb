/** Blocks across the finest level, and levels; a block of one is four of the level before. */
const ACROSS = 160;
const LEVELS = 3;
/** The level of which the least channel is kept, too. */
export const LEAST_LEVEL = 1;

/** Means of luma over square blocks. */
export interface BlockLevel {
  readonly columns: number;
  readonly rows: number;
  /** Row-major, of 255. */
  readonly luma: Float32Array;
}

/** A picture's luma at full size and as means over blocks of three sizes, about 1/160, 1/80 and 1/40 of its width. */
export class PictureBlocks {
  readonly levels: readonly BlockLevel[];
  /** Mean of the least channel over the blocks of `LEAST_LEVEL`. */
  readonly least: Float32Array;
  /** Rec. 601, of 255, row-major. */
  readonly luma: Uint8Array;
  private readonly fine_least: Float32Array;
  /** Sums over the rows of a row of blocks, of every column of pixels. */
  private readonly bright_sums: Int32Array;
  private readonly least_sums: Int32Array;
  private readonly side: number;
  private readonly width: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.luma = new Uint8Array(width * height);
    this.bright_sums = new Int32Array(width);
    this.least_sums = new Int32Array(width);
    this.side = Math.max(1, Math.round(width / ACROSS));
    this.levels = Array.from({ length: LEVELS }, (_, k) => {
      const columns = Math.floor(width / this.side) >> k;
      const rows = Math.floor(height / this.side) >> k;
      return { columns, rows, luma: new Float32Array(columns * rows) };
    });
    this.fine_least = new Float32Array(this.levels[0].luma.length);
    this.least = new Float32Array(this.levels[LEAST_LEVEL].luma.length);
  }

  /** @param rgb  row-major, 3 · width · height */
  update(rgb: Uint8Array): void {
    this.writeFinest(rgb);
    const { levels } = this;
    for (let k = 1; k < LEVELS; k++) halve(levels[k - 1].luma, levels[k - 1].columns, levels[k].luma, levels[k]);
    halve(this.fine_least, levels[0].columns, this.least, levels[LEAST_LEVEL]);
  }

  private writeFinest(rgb: Uint8Array): void {
    const { width, side, luma, fine_least, bright_sums: bright, least_sums: least } = this;
    const { columns, rows, luma: fine } = this.levels[0];
    const scale = 1 / (side * side);
    const height = luma.length / Math.max(1, width);
    const shift = side - 1;
    for (let v = 0, i = 0, j = 0; v < height; v++) {
      for (let u = 0; u < width; u++, i++, j += 3) {
        const r = rgb[j];
        const g = rgb[j + 1];
        const b = rgb[j + 2];
        const l = (77 * r + 150 * g + 29 * b) >> 8;
        const lower = r < g ? r : g;
        luma[i] = l;
        bright[u] += l;
        least[u] += lower < b ? lower : b;
      }
      if (v % side !== shift) continue;
      const row = Math.floor(v / side);
      if (row < rows) this.addUp(fine, fine_least, row * columns, scale);
      bright.fill(0);
      least.fill(0);
    }
    bright.fill(0);
    least.fill(0);
  }

  /** Writes a row of blocks from the sums of its columns of pixels. */
  private addUp(fine: Float32Array, fine_least: Float32Array, start: number, scale: number): void {
    const { side, bright_sums: bright, least_sums: least } = this;
    const { columns } = this.levels[0];
    for (let k = start, u = 0; k < start + columns; k++) {
      let sum = 0;
      let dark = 0;
      for (const end = u + side; u < end; u++) {
        sum += bright[u];
        dark += least[u];
      }
      fine[k] = scale * sum;
      fine_least[k] = scale * dark;
    }
  }
}

function halve(from: Float32Array, width: number, to: Float32Array, { columns, rows }: BlockLevel): void {
  for (let row = 0, k = 0; row < rows; row++) {
    for (let i = 2 * row * width; k < (row + 1) * columns; i += 2, k++) {
      to[k] = 0.25 * (from[i] + from[i + 1] + from[i + width] + from[i + width + 1]);
    }
  }
}
