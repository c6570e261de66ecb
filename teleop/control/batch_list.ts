import type { PickPlaceGoal, Vector3 } from '../../contracts/index.ts';
import type { SeenObject } from '../protocol/index.ts';

/** What stands within this of the place's centre has been brought there, m. */
const PLACE_RADIUS_M = 0.14;
/** Between the centres of two objects side by side, m. */
const SLOT_M = 0.085;
/** Objects of one name are tried so often. */
const MOST_TRIES = 2;
/** Less sure than this is not picked without being looked at by a person. */
const LEAST_SCORE = 0.5;

type Seen = Pick<SeenObject, 'class' | 'colour' | 'score' | 'pose' | 'verdict'>;
const NEIGHBOURS = [
  [0, 0],
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const;

/**
 * The next object of a batch, the surest first, and a free spot at the place for it; null when none is left to pick or no
 * spot is free. @param tried  goals of the batch so far, those that were reached too
 */
export function nextOfBatch(
  objects: readonly Seen[],
  place: Vector3,
  tried: readonly PickPlaceGoal[],
): PickPlaceGoal | null {
  const tries = (object: Seen) =>
    tried.filter(({ object: { class: name, colour } }) => name === object.class && colour === object.colour).length;
  const [next] = objects
    .filter((object) => object.verdict !== 'escalate' && object.score >= LEAST_SCORE)
    .filter((object) => distance_m(object, place) > PLACE_RADIUS_M && tries(object) < MOST_TRIES)
    .sort((a, b) => tries(a) - tries(b) || b.score - a.score);
  const target = freeSpot(objects, place);
  return next === undefined || target === null ? null : { object: { class: next.class, colour: next.colour }, target };
}

function freeSpot(objects: readonly Seen[], [x, y, z]: Vector3): Vector3 | null {
  for (const [i, j] of NEIGHBOURS) {
    const spot: Vector3 = [x + i * SLOT_M, y + j * SLOT_M, z];
    if (objects.every((object) => distance_m(object, spot) > 0.9 * SLOT_M)) return spot;
  }
  return null;
}

function distance_m({ pose: { position } }: Seen, [x, y]: Vector3): number {
  return Math.hypot(position[0] - x, position[1] - y);
}
