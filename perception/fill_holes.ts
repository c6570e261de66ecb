/**
 * A region with what it encloses: a spot or a mark on an object is part of the object, and its rim is no outline.
 * @param pixels  indices, ascending
 * @param width  of the image
 * @returns the same array when there is no hole; else a new one, ascending
 */
export function fillHoles(pixels: Int32Array, width: number): Int32Array {
  if (pixels.length === 0) return pixels;
  let [left, right] = [width, 0];
  for (const i of pixels) {
    const u = i % width;
    if (u < left) left = u;
    if (u > right) right = u;
  }
  const top = Math.floor(pixels[0] / width);
  const rows = Math.floor(pixels[pixels.length - 1] / width) - top + 3;
  const stride = right - left + 3;
  // 0 unknown, 1 region, 2 outside; a margin of one all round is outside
  const grid = new Uint8Array(stride * rows);
  for (const i of pixels) {
    const u = i % width;
    grid[((i - u) / width - top + 1) * stride + u - left + 1] = 1;
  }
  const queue = new Int32Array(grid.length);
  let filled = 1;
  grid[0] = 2;
  const visit = (cell: number): void => {
    if (grid[cell] !== 0) return;
    grid[cell] = 2;
    queue[filled++] = cell;
  };
  for (let head = 0; head < filled; head++) {
    const cell = queue[head];
    const u = cell % stride;
    if (u > 0) visit(cell - 1);
    if (u < stride - 1) visit(cell + 1);
    if (cell >= stride) visit(cell - stride);
    if (cell < stride * (rows - 1)) visit(cell + stride);
  }
  const holes: number[] = [];
  for (let cell = 0; cell < grid.length; cell++) {
    if (grid[cell] !== 0) continue;
    holes.push((Math.floor(cell / stride) + top - 1) * width + (cell % stride) + left - 1);
  }
  return holes.length === 0 ? pixels : Int32Array.from([...pixels, ...holes]).sort();
}
