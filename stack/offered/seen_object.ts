import type { Detection, Detections, PickPlaceGoal } from '../../contracts/index.ts';
import { PICK_PLACE } from '../../sim/index.ts';

/** An object whose middle is so much higher than half of its height does not stand on the table (m). */
const STANDS_M = 0.015;

/** The object of a goal among what was seen; null where it was not. */
export function seenObject({ detections }: Detections, { object }: PickPlaceGoal): Detection | null {
  return detections.find((one) => one.class === object.class && one.colour === object.colour) ?? null;
}

/** Whether it is seen to stand where the goal wants it. */
export function seenAt(seen: Detections, goal: PickPlaceGoal): boolean {
  const found = seenObject(seen, goal);
  if (found === null) return false;
  const { position } = found.pose;
  const { target } = goal;
  const away_m = Math.hypot(position[0] - target[0], position[1] - target[1]);
  return away_m <= PICK_PLACE.tolerance && position[2] - target[2] < halfHeight(found) + STANDS_M;
}

/** Of a thing that stands any way up: at most half of its longest side. */
function halfHeight({ shape }: Detection): number {
  switch (shape.type) {
    case 'box':
      return Math.max(...shape.size) / 2;
    case 'cylinder':
      return Math.max(shape.length, 2 * shape.radius) / 2;
    case 'sphere':
      return shape.radius;
  }
}
