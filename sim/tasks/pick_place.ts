import {
  COLOURS,
  type Colour,
  InputError,
  type ObjectClass,
  type Rng,
  type Shape,
  type TaskGoalOf,
  type Vector3,
} from '../../contracts/index.ts';
import type { SceneModel } from '../scene.ts';
import {
  drawClass,
  drawCount,
  drawObject,
  drawSpot,
  drawTable,
  FINGER_FRICTION,
  isClear,
  type Outline,
  ZONE_RGB,
} from './draw.ts';
import { footprintRadius } from './footprint.ts';
import { nearness, ObjectJudge, RESTING, shapedReward } from './judge.ts';
import { inObjectSet, type ObjectSet } from './object_sets.ts';
import { keepSizes } from './sizes.ts';
import type { Evaluation, Task, TaskInstance, TaskSpec, TaskView } from './task.ts';

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
} as const;

const PLACEMENT_TRIES = 200;

type Goal = TaskGoalOf<'pick-place'>;

/** Take one object, named by class and colour among up to four, and stand it on the target zone. */
export class PickPlaceTask implements Task<Goal> {
  readonly name = 'pick-place';
  readonly time_limit_s = PICK_PLACE.time_limit_s;
  readonly spec: TaskSpec = {
    time_limit_s: PICK_PLACE.time_limit_s,
    objects: PICK_PLACE.objects,
    x_m: PICK_PLACE.x,
    y_m: PICK_PLACE.y,
    edge_m: PICK_PLACE.edge,
    height_m: PICK_PLACE.edge,
    mass_kg: PICK_PLACE.mass_kg,
    friction: PICK_PLACE.friction,
    touching: false,
    checks: ['at_target', 'at_rest', 'released', 'others_on_table', 'in_time'],
  };

  reset(rng: Rng, object_set: ObjectSet = 'all'): TaskInstance<Goal> {
    const kinds = drawKinds(rng);
    const wanted = rng.int(kinds.length);
    const shapes = kinds.map((kind) => drawShape(kind, object_set, rng));
    const spots = drawSpots(shapes, wanted, rng);
    const objects = kinds.map((kind, i) => {
      const yaw = rng.range(-Math.PI, Math.PI);
      return drawObject(i, { ...kind, shape: shapes[i] }, { ...spots.objects[i], z_m: 0, yaw }, this.spec, rng);
    });
    const target: Vector3 = [spots.target.x, spots.target.y, 0];
    const scene: SceneModel = {
      table: drawTable(rng),
      objects,
      zones: [{ position: target, radius_m: PICK_PLACE.zone_radius, rgb: ZONE_RGB }],
      finger_friction: FINGER_FRICTION,
    };
    const { class: name, colour } = kinds[wanted];
    return this.restore(scene, { task: 'pick-place', object: { class: name, colour }, target });
  }

  allows({ objects }: SceneModel, _goal: Goal, object_set: ObjectSet): boolean {
    return keepSizes(objects, this.spec, object_set);
  }

  restore(scene: SceneModel, goal: Goal): TaskInstance<Goal> {
    return new PickPlaceInstance(scene, goal);
  }
}

class PickPlaceInstance implements TaskInstance<Goal> {
  readonly scene: SceneModel;
  readonly goal: Goal;
  private readonly wanted: number;
  private readonly judge: ObjectJudge;

  constructor(scene: SceneModel, goal: Goal) {
    this.scene = scene;
    this.goal = goal;
    this.wanted = scene.objects.findIndex((o) => o.class === goal.object.class && o.colour === goal.object.colour);
    if (this.wanted < 0) throw new InputError(`goal ${goal.object.colour} ${goal.object.class}`, 'not in the scene');
    this.judge = new ObjectJudge(scene);
  }

  evaluate(view: TaskView): Evaluation {
    const { judge, wanted } = this;
    judge.load(view.engine, wanted);
    const placement_error_m = this.distance();
    const checks = {
      at_target: placement_error_m <= PICK_PLACE.tolerance && Math.abs(judge.gap_m) <= RESTING.gap_m,
      at_rest: judge.atRest,
      released: !view.engine.handTouches(wanted),
      others_on_table: this.scene.objects.every((_, i) => i === wanted || judge.load(view.engine, i).onTable),
      in_time: view.time_s <= PICK_PLACE.time_limit_s,
    };
    return { success: Object.values(checks).every(Boolean), checks, placement_error_m };
  }

  reward(view: TaskView): number {
    const { success } = this.evaluate(view);
    const { state } = this.judge.load(view.engine, this.wanted);
    const [x, y, z] = view.tool_position;
    return shapedReward(
      success,
      0,
      nearness(this.distance()),
      nearness(Math.hypot(state[0] - x, state[1] - y, state[2] - z)),
    );
  }

  private distance(): number {
    const { state } = this.judge;
    return Math.hypot(state[0] - this.goal.target[0], state[1] - this.goal.target[1]);
  }
}

interface Kind {
  readonly class: ObjectClass;
  readonly colour: Colour;
}

/** Distinct pairs of class and colour, so that every one of them names one object. */
function drawKinds(rng: Rng): Kind[] {
  const count = drawCount(rng, PICK_PLACE.objects);
  const kinds: Kind[] = [];
  while (kinds.length < count) {
    const kind = { class: drawClass(rng), colour: COLOURS[rng.int(COLOURS.length)] };
    if (!kinds.some((other) => other.class === kind.class && other.colour === kind.colour)) kinds.push(kind);
  }
  return kinds;
}

function drawShape(kind: Kind, object_set: ObjectSet, rng: Rng): Shape {
  const edge = (): number => rng.range(...PICK_PLACE.edge);
  for (let attempt = 0; attempt < PLACEMENT_TRIES; attempt++) {
    const shape: Shape =
      kind.class === 'cylinder'
        ? { type: 'cylinder', radius: edge() / 2, length: edge() }
        : { type: 'box', size: [edge(), edge(), edge()] };
    if (inObjectSet({ ...kind, shape }, object_set)) return shape;
  }
  throw new InputError(
    `object set '${object_set}'`,
    `it has no ${kind.colour} ${kind.class} of the sizes of this task`,
  );
}

/** Draws places one after the other until all keep their distance, starting again when one finds no room. */
function drawSpots(shapes: readonly Shape[], wanted: number, rng: Rng): { objects: Outline[]; target: Outline } {
  const area = { x_m: PICK_PLACE.x, y_m: PICK_PLACE.y };
  const clear = (a: Outline, b: Outline): boolean => isClear(a, b, PICK_PLACE.clearance);
  const radii = shapes.map(footprintRadius);
  const target_radius = Math.max(PICK_PLACE.zone_radius, radii[wanted]);
  for (let attempt = 0; attempt < PLACEMENT_TRIES; attempt++) {
    const objects: Outline[] = [];
    for (const radius of radii) {
      const spot = drawSpot(radius, area, rng, (s) => objects.every((other) => clear(s, other)));
      if (spot !== null) objects.push(spot);
    }
    if (objects.length < radii.length) continue;
    const start = objects[wanted];
    const target = drawSpot(
      target_radius,
      area,
      rng,
      (s) => objects.every((o) => clear(s, o)) && Math.hypot(s.x - start.x, s.y - start.y) >= PICK_PLACE.least_move,
    );
    if (target !== null) return { objects, target };
  }
  throw new Error(`no room for ${shapes.length} objects and the target zone after ${PLACEMENT_TRIES} draws`);
}
