const [FREE, REGION, OUTSIDE, WALL] = [0, 1, 2, 3];

/** Adds to regions what they enclose, in arrays that are reserved once. */
export class HoleFiller {
  private grid = new Uint8Array(0);
  private queue = new Int32Array(0);
  private stride = 0;
  private first = 0;
  private rows = 0;
  private left = 0;
  private top = 0;

  /**
   * A region with what it encloses: a spot or a mark on an object is part of the object, and its rim is no outline.
   * @param pixels  indices in its first `n`, in any order
   * @param width  of the image
   * @returns indices, ascending
   */
  fill(pixels: Int32Array, n: number, width: number): Int32Array {
    if (n === 0) return new Int32Array(0);
    this.mark(pixels, n, width);
    const cells = this.flood();
    const filled = new Int32Array(cells);
    const { grid, stride, rows, left, top } = this;
    let count = 0;
    for (let row = 2; row < rows - 2; row++) {
      const i = (top + row) * width + left;
      for (let column = 2; column < stride - 2; column++) {
        if (grid[row * stride + column] !== OUTSIDE) filled[count++] = i + column;
      }
    }
    return filled;
  }

  /** The region in a grid of its own, with a free margin of one and a wall about it. */
  private mark(pixels: Int32Array, n: number, width: number): void {
    let [left, right, first, last] = [width, 0, pixels[0], pixels[0]];
    for (let k = 0; k < n; k++) {
      const i = pixels[k];
      const u = i % width;
      if (u < left) left = u;
      if (u > right) right = u;
      if (i < first) first = i;
      if (i > last) last = i;
    }
    this.left = left - 2;
    this.top = Math.floor(first / width) - 2;
    this.stride = right - left + 5;
    this.rows = Math.floor(last / width) - this.top + 3;
    const { stride, rows } = this;
    const size = stride * rows;
    if (this.grid.length < size) {
      this.grid = new Uint8Array(2 * size);
      this.queue = new Int32Array(2 * size);
    }
    const { grid } = this;
    grid.fill(FREE, 0, size);
    grid.fill(WALL, 0, stride);
    grid.fill(WALL, size - stride, size);
    for (let cell = 0; cell < size; cell += stride) {
      grid[cell] = WALL;
      grid[cell + stride - 1] = WALL;
    }
    for (let k = 0; k < n; k++) {
      const u = pixels[k] % width;
      grid[((pixels[k] - u) / width - this.top) * stride + u - this.left] = REGION;
    }
    this.first = stride + 1;
  }

  /** Marks what is outside; returns how many cells are not. */
  private flood(): number {
    const { grid, queue, stride, rows, first } = this;
    let filled = 1;
    queue[0] = first;
    grid[first] = OUTSIDE;
    for (let head = 0; head < filled; head++) {
      for (let side = 0; side < 4; side++) {
        const cell = queue[head] + (side === 0 ? -1 : side === 1 ? 1 : side === 2 ? -stride : stride);
        if (grid[cell] !== FREE) continue;
        grid[cell] = OUTSIDE;
        queue[filled++] = cell;
      }
    }
    return (stride - 2) * (rows - 2) - filled;
  }
}

let shared: HoleFiller | null = null;

/**
 * As `HoleFiller.fill`, with one filler for all.
 * @returns the same array when there is no hole; else a new one, ascending
 */
export function fillHoles(pixels: Int32Array, width: number): Int32Array {
  shared ??= new HoleFiller();
  const filled = shared.fill(pixels, pixels.length, width);
  return filled.length === pixels.length ? pixels : filled;
}
