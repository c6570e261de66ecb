/**
 * Of every pixel of a picture, where it has no neighbour: bit k is set for step k of `stepsOf`, which are to the left, to the right, up and
 * down. Looked up, it costs less than to work out a pixel's column.
 */
export function bordersOf(width: number, height: number): Uint8Array<ArrayBuffer> {
  const borders = new Uint8Array(width * height);
  for (let v = 0; v < height; v++) {
    borders[v * width] |= 1;
    borders[(v + 1) * width - 1] |= 2;
  }
  for (let u = 0; u < width; u++) {
    borders[u] |= 4;
    borders[(height - 1) * width + u] |= 8;
  }
  return borders;
}
