import {
  COLOURS,
  type Colour,
  InputError,
  OBJECT_CLASSES,
  type ObjectClass,
  type Pose,
  type Rng,
  type Shape,
  type Vector3,
} from '../../contracts/index.ts';
import type { SceneFixture, SceneObject } from '../scene.ts';
import { drawRgb } from './colours.ts';
import { footprintRadius, shapeHeight } from './footprint.ts';
import { inObjectSet, type ObjectSet } from './object_sets.ts';
import type { Range, TaskSpec } from './task.ts';

export const TABLE_SIZE: Vector3 = [0.8, 1.2, 0.05];
const TABLE_RGB: Vector3 = [0.76, 0.72, 0.65];
export const ZONE_RGB: Vector3 = [0.94, 0.95, 0.96];
export const FINGER_FRICTION = 0.9;
const TRIES = 200;

/** The table in a shade of its own. */
export function drawTable(rng: Rng): SceneFixture {
  const shade = rng.range(0.92, 1.05);
  return {
    size: TABLE_SIZE,
    pose: { position: [0.55, 0, -TABLE_SIZE[2] / 2], orientation: [0, 0, 0, 1] },
    friction: 0.6,
    rgb: [TABLE_RGB[0] * shade, TABLE_RGB[1] * shade, TABLE_RGB[2] * shade],
  };
}

/** Upright at x, y with its centre at height z (m, frame world), turned by yaw (rad). */
export function standing(x: number, y: number, z: number, yaw: number): Pose {
  return { position: [x, y, z], orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] };
}

export function drawClass(rng: Rng): ObjectClass {
  return OBJECT_CLASSES[rng.int(OBJECT_CLASSES.length)];
}

export function drawCount(rng: Rng, [fewest, most]: Range): number {
  return fewest + rng.int(most - fewest + 1);
}

/** A shape and a colour of the class, within the spec's sizes and from the object set. */
export function drawLook(
  kind: ObjectClass,
  spec: Pick<TaskSpec, 'edge_m' | 'height_m'>,
  object_set: ObjectSet,
  rng: Rng,
): { readonly shape: Shape; readonly colour: Colour } {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const edge = (): number => rng.range(...spec.edge_m);
    const height = (): number => rng.range(...spec.height_m);
    const shape: Shape =
      kind === 'cylinder'
        ? { type: 'cylinder', radius: edge() / 2, length: height() }
        : { type: 'box', size: [edge(), edge(), height()] };
    const colour = COLOURS[rng.int(COLOURS.length)];
    if (inObjectSet({ class: kind, colour, shape }, object_set)) return { shape, colour };
  }
  throw new InputError(`object set '${object_set}'`, `it has no ${kind} of the sizes of this task`);
}

/** An object standing on a surface at height z_m: mass, friction and shade of its paint are drawn. */
export function drawObject(
  index: number,
  look: { readonly class: ObjectClass; readonly shape: Shape; readonly colour: Colour },
  place: { readonly x: number; readonly y: number; readonly z_m: number; readonly yaw: number },
  spec: Pick<TaskSpec, 'mass_kg' | 'friction'>,
  rng: Rng,
): SceneObject {
  const { shape, colour } = look;
  return {
    name: `${colour}_${look.class}_${index}`,
    class: look.class,
    colour,
    shape,
    mass_kg: rng.range(...spec.mass_kg),
    friction: rng.range(...spec.friction),
    pose: standing(place.x, place.y, place.z_m + shapeHeight(shape) / 2, place.yaw),
    rgb: drawRgb(colour, rng),
  };
}

/** A circle around something that stands on the table, m. */
export interface Outline {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface Area {
  readonly x_m: Range;
  readonly y_m: Range;
}

/** One place for each shape in the area, all at least `clearance_m` apart; starts again when one finds no room. */
export function drawSpots(shapes: readonly Shape[], area: Area, clearance_m: number, rng: Rng): Outline[] {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const spots: Outline[] = [];
    for (const shape of shapes) {
      const spot = drawSpot(footprintRadius(shape), area, rng, (s) =>
        spots.every((other) => isClear(s, other, clearance_m)),
      );
      if (spot === null) break;
      spots.push(spot);
    }
    if (spots.length === shapes.length) return spots;
  }
  throw new Error(`no room for ${shapes.length} objects after ${TRIES} draws`);
}

export function drawSpot(
  radius: number,
  { x_m, y_m }: Area,
  rng: Rng,
  accepted: (spot: Outline) => boolean,
): Outline | null {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const spot = { x: rng.range(...x_m), y: rng.range(...y_m), radius };
    if (accepted(spot)) return spot;
  }
  return null;
}

export function isClear(a: Outline, b: Outline, clearance_m: number): boolean {
  return Math.hypot(a.x - b.x, a.y - b.y) >= a.radius + b.radius + clearance_m;
}
