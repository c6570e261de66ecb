/** The part of a picture about some pixels, with a margin, as a grid of its own: neighbours of a pixel are always in it. */
export class Patch {
  readonly stride: number;
  readonly rows: number;
  /** Cells of the pixels, in their order. */
  readonly cells: Int32Array;
  private readonly width: number;
  private readonly left: number;
  private readonly top: number;

  /**
   * @param pixels  indices, ascending; at least one
   * @param width  of the picture
   */
  constructor(pixels: Int32Array, width: number, margin: number) {
    const first = Math.floor(pixels[0] / width);
    let [left, right, row] = [width, 0, first * width];
    for (let k = 0; k < pixels.length; k++) {
      while (pixels[k] >= row + width) row += width;
      const u = pixels[k] - row;
      if (u < left) left = u;
      if (u > right) right = u;
    }
    this.width = width;
    this.left = left - margin;
    this.top = first - margin;
    this.stride = right - left + 1 + 2 * margin;
    this.rows = row / width - first + 1 + 2 * margin;
    this.cells = new Int32Array(pixels.length);
    row = first * width;
    let cell = margin * this.stride - this.left;
    for (let k = 0; k < pixels.length; k++) {
      while (pixels[k] >= row + width) {
        row += width;
        cell += this.stride;
      }
      this.cells[k] = cell + pixels[k] - row;
    }
  }

  get size(): number {
    return this.stride * this.rows;
  }

  /** 1 for cells of pixels. */
  marked(): Uint8Array {
    const grid = new Uint8Array(this.size);
    for (const cell of this.cells) grid[cell] = 1;
    return grid;
  }

  pixelOf(cell: number): number {
    const row = Math.floor(cell / this.stride);
    return (this.top + row) * this.width + this.left + cell - row * this.stride;
  }
}

/** Steps to the neighbours of a cell, in the order in which floods go. */
export function stepsOf(stride: number): Int32Array {
  return Int32Array.of(-1, 1, -stride, stride);
}

/**
 * Number of the seed, from 1, that reaches each free cell first, from cell to neighbouring cell; 0 where none does.
 * @param free  1 where a flood may go; seeds lie there, and none on the border of the grid
 */
export function flood(seeds: readonly Int32Array[], free: Uint8Array, stride: number): Int16Array {
  const owner = new Int16Array(free.length);
  const queue = new Int32Array(free.length);
  const steps = stepsOf(stride);
  let filled = 0;
  for (let k = 0; k < seeds.length; k++) {
    for (const cell of seeds[k]) {
      owner[cell] = k + 1;
      queue[filled++] = cell;
    }
  }
  for (let head = 0; head < filled; head++) {
    const from = queue[head];
    for (let side = 0; side < 4; side++) {
      const cell = from + steps[side];
      if (free[cell] === 0 || owner[cell] !== 0) continue;
      owner[cell] = owner[from];
      queue[filled++] = cell;
    }
  }
  return owner;
}

/** Parts of some pixels by the owners of their cells, from 1; as many as there are seeds. */
export function sharesOf(pixels: Int32Array, cells: Int32Array, owner: Int16Array, seeds: number): Int32Array[] {
  const sizes = new Int32Array(seeds + 1);
  for (const cell of cells) sizes[owner[cell]]++;
  const parts = Array.from(sizes, (size) => new Int32Array(size));
  sizes.fill(0);
  for (let k = 0; k < cells.length; k++) {
    const who = owner[cells[k]];
    parts[who][sizes[who]++] = pixels[k];
  }
  return parts.slice(1);
}
