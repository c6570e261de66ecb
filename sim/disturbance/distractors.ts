import { InputError, type Rng, type TaskGoal } from '../../contracts/index.ts';
import type { SceneModel, SceneObject } from '../scene.ts';
import { drawClass, drawLook, drawObject, drawSpot, isClear, type Outline } from '../tasks/draw.ts';
import { footprintRadius } from '../tasks/footprint.ts';
import type { ObjectSet, TaskSpec } from '../tasks/index.ts';

const CLEARANCE_M = 0.035;
const LOOKS_TRIED = 100;

/**
 * The scene with up to `count` objects more, after those it has: of kinds it does not have yet, each clear of the others and
 * of where the wanted one is to stand. Fewer where no room is found. Throws InputError for a task whose goal names no one kind.
 */
export function addDistractors(
  scene: SceneModel,
  goal: TaskGoal,
  spec: TaskSpec,
  object_set: ObjectSet,
  count: number,
  rng: Rng,
): SceneModel {
  if (goal.task !== 'pick-place')
    throw new InputError(`disturbance distractors with task ${goal.task}`, 'pick-place, whose goal names one object');
  const [x, y] = goal.target;
  const zone: Outline = { x, y, radius: Math.max(0, ...scene.zones.map(({ radius_m }) => radius_m ?? 0)) };
  const objects: SceneObject[] = [...scene.objects];
  const taken = [zone, ...objects.map(({ shape, pose: { position } }) => outlineOf(shape, position[0], position[1]))];
  for (let k = 0; k < count; k++) {
    const look = newLook(objects, spec, object_set, rng);
    if (look === null) break;
    const clear = (spot: Outline): boolean => taken.every((other) => isClear(spot, other, CLEARANCE_M));
    const spot = drawSpot(footprintRadius(look.shape), spec, rng, clear);
    if (spot === null) break;
    taken.push(spot);
    const place = { x: spot.x, y: spot.y, z_m: 0, yaw: rng.range(-Math.PI, Math.PI) };
    objects.push(drawObject(objects.length, look, place, spec, rng));
  }
  return { ...scene, objects };
}

function newLook(objects: readonly SceneObject[], spec: TaskSpec, object_set: ObjectSet, rng: Rng) {
  for (let k = 0; k < LOOKS_TRIED; k++) {
    const kind = drawClass(rng);
    const look = { class: kind, ...drawLook(kind, spec, object_set, rng) };
    if (!objects.some((other) => other.class === look.class && other.colour === look.colour)) return look;
  }
  return null;
}

function outlineOf(shape: SceneObject['shape'], x: number, y: number): Outline {
  return { x, y, radius: footprintRadius(shape) };
}
