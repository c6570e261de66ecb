/** Centre and size of a label on the page, pixels. */
export interface LabelBox {
  readonly x: number;
  y: number;
  readonly width: number;
  readonly height: number;
}

/** Moves labels up until none covers another, the lowest first; each stays in its column. */
export function spreadLabels(labels: LabelBox[]): void {
  labels.sort((one, other) => other.y - one.y || one.x - other.x);
  for (let i = 1; i < labels.length; i++) {
    const label = labels[i];
    for (let moved = true; moved; ) {
      moved = false;
      for (let j = 0; j < i; j++) {
        const other = labels[j];
        const apart_x = Math.abs(label.x - other.x) >= (label.width + other.width) / 2;
        const reach = (label.height + other.height) / 2;
        if (apart_x || Math.abs(label.y - other.y) > reach - 1e-6) continue;
        label.y = other.y - reach;
        moved = true;
      }
    }
  }
}
