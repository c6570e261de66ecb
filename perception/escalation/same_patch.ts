import type { RgbdFrame } from '../detector.ts';

/** A pixel has changed if its depth (m) or one of its colours has by this much; noise stays well below. */
const DEPTH_M = 0.008;
const COLOUR = 40;
/** Share of changed pixels from which something has moved. */
const MOST_CHANGED = 0.15;
/** A camera has moved if an entry of its pose has changed by this. */
const POSE = 1e-3;

/** Whether two frames were taken from the same place. */
export function isSameView({ info: a }: RgbdFrame, { info: b }: RgbdFrame): boolean {
  const same = a.T_world_camera_optical.every((x, k) => Math.abs(x - b.T_world_camera_optical[k]) < POSE);
  return same && a.width === b.width && a.height === b.height;
}

/**
 * Whether a part of the picture shows what it showed, seen from the same place.
 * @param box  left, top, width, height in pixels
 * @returns why not; empty when it does
 */
export function whyChanged(
  before: RgbdFrame,
  now: RgbdFrame,
  [left, top, width, height]: readonly [number, number, number, number],
): string {
  const { width: columns, height: rows } = before.info;
  const [u0, u1] = [Math.max(0, Math.floor(left)), Math.min(columns, Math.ceil(left + width))];
  const [v0, v1] = [Math.max(0, Math.floor(top)), Math.min(rows, Math.ceil(top + height))];
  let [pixels, changed] = [0, 0];
  for (let v = v0; v < v1; v++) {
    for (let u = u0; u < u1; u++) {
      const i = v * columns + u;
      pixels++;
      const [a, b] = [before.depth.data[i], now.depth.data[i]];
      const deeper = a > 0 && b > 0 && Math.abs(a - b) > DEPTH_M;
      if (deeper || colourGap(before, now, 3 * i) > COLOUR) changed++;
    }
  }
  if (pixels === 0) return 'its place is outside the picture';
  const share = changed / pixels;
  return share <= MOST_CHANGED ? '' : `${Math.round(100 * share)} % of its place in the picture has changed`;
}

function colourGap({ colour: a }: RgbdFrame, { colour: b }: RgbdFrame, at: number): number {
  return Math.max(
    Math.abs(a.data[at] - b.data[at]),
    Math.abs(a.data[at + 1] - b.data[at + 1]),
    Math.abs(a.data[at + 2] - b.data[at + 2]),
  );
}
