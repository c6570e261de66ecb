import type { Detection, PickPlaceGoal, Vector3 } from '../../contracts/index.ts';
import type { Place } from '../protocol/index.ts';

/** Room that an object and the fingers around it want, m. */
const ROOM_M = 0.09;

/** The free spot of a place that is nearest its centre; null where there is none. */
export function freeSpot(
  { position: [x, y, z], size }: Place,
  seen: readonly Pick<Detection, 'pose'>[],
): Vector3 | null {
  const spots: Vector3[] = [];
  const steps = size.map((length) => Math.max(0, Math.floor((length - ROOM_M) / 2 / ROOM_M)));
  for (let i = -steps[0]; i <= steps[0]; i++) {
    for (let j = -steps[1]; j <= steps[1]; j++) spots.push([x + i * ROOM_M, y + j * ROOM_M, z]);
  }
  const nearness = (spot: Vector3) => Math.hypot(spot[0] - x, spot[1] - y);
  const free = spots.filter((spot) => seen.every(({ pose }) => distance(pose.position, spot) >= ROOM_M));
  return [...free].sort((a, b) => nearness(a) - nearness(b))[0] ?? null;
}

/** The surest object that is not in its place yet and was not tried, and where it goes; null for none. */
export function nextObject(
  seen: readonly Detection[],
  place: Place | null,
  tried: readonly PickPlaceGoal[],
): PickPlaceGoal | null {
  if (place === null) return null;
  const left = seen.filter(({ class: name, colour, pose, confidence }) => {
    const known = tried.some(({ object }) => object.class === name && object.colour === colour);
    return !known && !isIn(place, pose.position) && (confidence?.verdict ?? 'accept') === 'accept';
  });
  const [best] = [...left].sort((a, b) => b.score - a.score);
  const target = freeSpot(place, seen);
  return best === undefined || target === null ? null : { object: { class: best.class, colour: best.colour }, target };
}

function isIn({ position, size }: Place, at: Vector3): boolean {
  return size.every((length, axis) => Math.abs(at[axis] - position[axis]) <= length / 2);
}

function distance(a: Vector3, b: Vector3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
