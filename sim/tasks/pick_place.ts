import {
  COLOURS,
  type Colour,
  OBJECT_CLASSES,
  type ObjectClass,
  type PickPlaceGoal,
  type Pose,
  type Rng,
  type Shape,
  type Vector3,
} from '../../contracts/index.ts';
import type { SceneFixture, SceneModel, SceneObject } from '../scene.ts';
import { drawRgb } from './colours.ts';
import { footprintRadius, halfHeight } from './footprint.ts';
import type { Evaluation, Task, TaskInstance, TaskView } from './task.ts';

/** What the task draws from and what it asks for; lengths in m. */
export const PICK_PLACE = {
  time_limit_s: 20,
  objects: [1, 4],
  x: [0.38, 0.66],
  y: [-0.26, 0.26],
  /** Edges of boxes, diameters and heights of cylinders. */
  edge: [0.03, 0.06],
  mass_kg: [0.05, 0.4],
  friction: [0.4, 1],
  /** Least free way between two objects' outlines, and around the place where the object is to stand. */
  clearance: 0.035,
  zone_radius: 0.05,
  /** Least distance from the object's start to the target. */
  least_move: 0.12,
  /** Largest horizontal distance from the target's centre. */
  tolerance: 0.02,
  /** Largest gap or depth between the table's top and the object's lowest point to count as resting on it. */
  resting: 0.002,
  rest_speed_m_s: 0.005,
  rest_rate_rad_s: 0.05,
} as const;

const TABLE_SIZE: Vector3 = [0.8, 1.2, 0.05];
const TABLE_RGB: Vector3 = [0.76, 0.72, 0.65];
const ZONE_RGB: Vector3 = [0.94, 0.95, 0.96];
const PLACEMENT_TRIES = 200;

interface Outline {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Take one object, named by class and colour among up to four, and stand it on the target zone. */
export class PickPlaceTask implements Task {
  readonly name = 'pick-place';
  readonly time_limit_s = PICK_PLACE.time_limit_s;

  reset(rng: Rng): TaskInstance {
    const kinds = drawKinds(rng);
    const wanted = rng.int(kinds.length);
    const shapes = kinds.map((kind) => drawShape(kind.class, rng));
    const spots = drawSpots(shapes, wanted, rng);
    const objects = kinds.map((kind, i): SceneObject => {
      const shape = shapes[i];
      const yaw = rng.range(-Math.PI, Math.PI);
      const height = shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? shape.length : 2 * shape.radius;
      return {
        name: `${kind.colour}_${kind.class}_${i}`,
        class: kind.class,
        colour: kind.colour,
        shape,
        mass_kg: rng.range(...PICK_PLACE.mass_kg),
        friction: rng.range(...PICK_PLACE.friction),
        pose: standing(spots.objects[i].x, spots.objects[i].y, height / 2, yaw),
        rgb: drawRgb(kind.colour, rng),
      };
    });
    const target: Vector3 = [spots.target.x, spots.target.y, 0];
    const scene: SceneModel = {
      table: drawTable(rng),
      objects,
      zones: [{ position: target, radius_m: PICK_PLACE.zone_radius, rgb: ZONE_RGB }],
      finger_friction: 0.9,
    };
    const goal = { object: { class: kinds[wanted].class, colour: kinds[wanted].colour }, target };
    return new PickPlaceInstance(scene, goal, wanted);
  }
}

class PickPlaceInstance implements TaskInstance {
  readonly scene: SceneModel;
  readonly goal: PickPlaceGoal;
  private readonly wanted: number;
  private readonly state = new Float64Array(13);

  constructor(scene: SceneModel, goal: PickPlaceGoal, wanted: number) {
    this.scene = scene;
    this.goal = goal;
    this.wanted = wanted;
  }

  evaluate(view: TaskView): Evaluation {
    const { state, wanted, goal } = this;
    const gap = this.load(view, wanted);
    const placement_error_m = Math.hypot(state[0] - goal.target[0], state[1] - goal.target[1]);
    const checks = {
      at_target: placement_error_m <= PICK_PLACE.tolerance && Math.abs(gap) <= PICK_PLACE.resting,
      at_rest:
        Math.hypot(state[7], state[8], state[9]) <= PICK_PLACE.rest_speed_m_s &&
        Math.hypot(state[10], state[11], state[12]) <= PICK_PLACE.rest_rate_rad_s,
      released: !view.engine.handTouches(wanted),
      others_on_table: this.scene.objects.every((_, i) => i === wanted || this.onTable(view, i)),
      in_time: view.time_s <= PICK_PLACE.time_limit_s,
    };
    return { success: Object.values(checks).every(Boolean), checks, placement_error_m };
  }

  /** State of object i; returns the height of its lowest point above the table's top, m. */
  private load(view: TaskView, i: number): number {
    const { state } = this;
    view.engine.objectState(i, state, 0);
    return state[2] - halfHeight(this.scene.objects[i].shape, state[3], state[4], state[5], state[6]);
  }

  private onTable(view: TaskView, i: number): boolean {
    const { size, pose } = this.scene.table;
    const gap = this.load(view, i);
    const inside =
      Math.abs(this.state[0] - pose.position[0]) <= size[0] / 2 &&
      Math.abs(this.state[1] - pose.position[1]) <= size[1] / 2;
    return inside && gap > -PICK_PLACE.resting;
  }
}

interface Kind {
  readonly class: ObjectClass;
  readonly colour: Colour;
}

/** Distinct pairs of class and colour, so that every one of them names one object. */
function drawKinds(rng: Rng): Kind[] {
  const [fewest, most] = PICK_PLACE.objects;
  const count = fewest + rng.int(most - fewest + 1);
  const kinds: Kind[] = [];
  while (kinds.length < count) {
    const kind = { class: OBJECT_CLASSES[rng.int(OBJECT_CLASSES.length)], colour: COLOURS[rng.int(COLOURS.length)] };
    if (!kinds.some((other) => other.class === kind.class && other.colour === kind.colour)) kinds.push(kind);
  }
  return kinds;
}

function drawShape(kind: ObjectClass, rng: Rng): Shape {
  const edge = (): number => rng.range(...PICK_PLACE.edge);
  if (kind === 'cylinder') return { type: 'cylinder', radius: edge() / 2, length: edge() };
  return { type: 'box', size: [edge(), edge(), edge()] };
}

/** Draws places one after the other until all keep their distance, starting again when one finds no room. */
function drawSpots(shapes: readonly Shape[], wanted: number, rng: Rng): { objects: Outline[]; target: Outline } {
  const radii = shapes.map(footprintRadius);
  const target_radius = Math.max(PICK_PLACE.zone_radius, radii[wanted]);
  for (let attempt = 0; attempt < PLACEMENT_TRIES; attempt++) {
    const objects: Outline[] = [];
    for (const radius of radii) {
      const spot = drawSpot(radius, rng, (s) => objects.every((other) => clear(s, other)));
      if (spot !== null) objects.push(spot);
    }
    if (objects.length < radii.length) continue;
    const start = objects[wanted];
    const target = drawSpot(
      target_radius,
      rng,
      (s) => objects.every((o) => clear(s, o)) && distance(s, start) >= PICK_PLACE.least_move,
    );
    if (target !== null) return { objects, target };
  }
  throw new Error(`no room for ${shapes.length} objects and the target zone after ${PLACEMENT_TRIES} draws`);
}

function drawSpot(radius: number, rng: Rng, accepted: (spot: Outline) => boolean): Outline | null {
  for (let attempt = 0; attempt < PLACEMENT_TRIES; attempt++) {
    const spot = { x: rng.range(...PICK_PLACE.x), y: rng.range(...PICK_PLACE.y), radius };
    if (accepted(spot)) return spot;
  }
  return null;
}

function clear(a: Outline, b: Outline): boolean {
  return distance(a, b) >= a.radius + b.radius + PICK_PLACE.clearance;
}

function distance(a: Outline, b: Outline): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function drawTable(rng: Rng): SceneFixture {
  const shade = rng.range(0.92, 1.05);
  return {
    size: TABLE_SIZE,
    pose: { position: [0.55, 0, -TABLE_SIZE[2] / 2], orientation: [0, 0, 0, 1] },
    friction: 0.6,
    rgb: [TABLE_RGB[0] * shade, TABLE_RGB[1] * shade, TABLE_RGB[2] * shade],
  };
}

function standing(x: number, y: number, z: number, yaw: number): Pose {
  return { position: [x, y, z], orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] };
}
