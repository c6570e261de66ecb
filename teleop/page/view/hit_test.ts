/** Left, top, width, height in the pixels of a picture. */
export interface PixelBox {
  readonly id: number;
  readonly box: readonly number[];
}

/**
 * What is meant by a press at x, y: the smallest box around it, else the box nearest within `reach`, else null. Of equal ones
 * the first.
 */
export function hitBox(boxes: readonly PixelBox[], x: number, y: number, reach: number): number | null {
  let best: number | null = null;
  let least = Infinity;
  let inside = false;
  for (const { id, box } of boxes) {
    const [left, top, width, height] = box;
    const away = Math.hypot(Math.max(left - x, 0, x - left - width), Math.max(top - y, 0, y - top - height));
    const cost = away === 0 ? width * height : away;
    if (away > reach || (inside && away > 0)) continue;
    if (away === 0 && !inside) least = Infinity;
    inside ||= away === 0;
    if (cost >= least) continue;
    least = cost;
    best = id;
  }
  return best;
}

/** Where an image of `width` × `height` lies in an element of `to_width` × `to_height` that shows it whole, centred. */
export function fitInside(width: number, height: number, to_width: number, to_height: number) {
  const scale = Math.min(to_width / width, to_height / height);
  return { scale, left: (to_width - width * scale) / 2, top: (to_height - height * scale) / 2 };
}
