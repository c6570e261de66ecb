/** Rows of red, green and blue, a byte each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

export interface PictureDifference {
  /** Of the pixels, 0 to 1, that differ by more than the tolerance. */
  readonly share: number;
  /** Where and by how much a channel differs most, 0 to 255. */
  readonly largest: { readonly x: number; readonly y: number; readonly by: number };
  /** The second picture in pale grey with what differs in red. */
  readonly picture: Picture;
}

/**
 * How far two pictures differ. Those of different sizes differ everywhere.
 * @param tolerance  by how much each channel may differ, 0 to 255
 */
export function pictureDifference(before: Picture, after: Picture, tolerance: number): PictureDifference {
  const { width, height } = after;
  if (before.width !== width || before.height !== height)
    return { share: 1, largest: { x: 0, y: 0, by: 255 }, picture: after };
  const rgb = new Uint8Array(after.rgb.length);
  let [differing, largest] = [0, { x: 0, y: 0, by: 0 }];
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = 3 * pixel;
    let [by, light] = [0, 0];
    for (let channel = at; channel < at + 3; channel++) {
      by = Math.max(by, Math.abs(before.rgb[channel] - after.rgb[channel]));
      light += after.rgb[channel] / 3;
    }
    if (by > largest.by) largest = { x: pixel % width, y: Math.floor(pixel / width), by };
    const differs = by > tolerance;
    if (differs) differing += 1;
    rgb.set(differs ? [255, 0, 0] : new Array<number>(3).fill(170 + light / 3), at);
  }
  return { share: differing / (width * height), largest, picture: { width, height, rgb } };
}
