import {
  OBJECT_CLASSES,
  type ObjectClass,
  type Rng,
  type TableRegion,
  type TaskGoalOf,
  type Vector3,
} from '../../contracts/index.ts';
import type { SceneModel } from '../scene.ts';
import { drawClass, drawCount, drawLook, drawObject, drawSpots, drawTable, FINGER_FRICTION, ZONE_RGB } from './draw.ts';
import { ObjectJudge } from './judge.ts';
import type { ObjectSet } from './object_sets.ts';
import { judgePlacements, type Placement, rewardPlacements } from './placements.ts';
import { keepSizes } from './sizes.ts';
import type { Evaluation, Task, TaskInstance, TaskSpec, TaskView } from './task.ts';

/** What the task draws from and what it asks for; lengths in m. */
export const SORT = {
  time_limit_s: 90,
  objects: [3, 6],
  /** Of one class at least, and at most: as many as its region has room for with fingers around each. */
  of_a_class: [1, 4],
  x: [0.38, 0.66],
  y: [-0.11, 0.11],
  edge: [0.03, 0.045],
  height: [0.03, 0.055],
  mass_kg: [0.05, 0.4],
  friction: [0.4, 1],
  clearance: 0.032,
  region_size: [0.26, 0.18],
  /** Distance of the regions' centres from the table's middle line; which class goes to which side is drawn. */
  region_y: 0.25,
  region_x: [0.5, 0.54],
} as const;

const CYLINDER_REGION_RGB: Vector3 = [0.8, 0.85, 0.9];

type Goal = TaskGoalOf<'sort'>;

/** Bring three to six objects of both classes each to the region of its class. */
export class SortTask implements Task<Goal> {
  readonly name = 'sort';
  readonly time_limit_s = SORT.time_limit_s;
  readonly spec: TaskSpec = {
    time_limit_s: SORT.time_limit_s,
    objects: SORT.objects,
    x_m: SORT.x,
    y_m: SORT.y,
    edge_m: SORT.edge,
    height_m: SORT.height,
    mass_kg: SORT.mass_kg,
    friction: SORT.friction,
    touching: false,
    checks: ['in_regions', 'at_rest', 'released', 'in_time'],
  };

  reset(rng: Rng, object_set: ObjectSet = 'all'): TaskInstance<Goal> {
    const classes = drawClasses(rng);
    const looks = classes.map((name) => ({ class: name, ...drawLook(name, this.spec, object_set, rng) }));
    const spots = drawSpots(
      looks.map(({ shape }) => shape),
      { x_m: SORT.x, y_m: SORT.y },
      SORT.clearance,
      rng,
    );
    const objects = looks.map((look, i) =>
      drawObject(i, look, { ...spots[i], z_m: 0, yaw: rng.range(-Math.PI, Math.PI) }, this.spec, rng),
    );
    const side = rng.uniform() < 0.5 ? 1 : -1;
    const regions = OBJECT_CLASSES.map((name, k) => {
      const centre: Vector3 = [rng.range(...SORT.region_x), (k === 0 ? side : -side) * SORT.region_y, 0];
      return { class: name, region: { centre, size: SORT.region_size } };
    });
    const scene: SceneModel = {
      table: drawTable(rng),
      objects,
      zones: regions.map(({ class: name, region }) => ({
        position: region.centre,
        size_m: region.size,
        rgb: name === 'box' ? ZONE_RGB : CYLINDER_REGION_RGB,
      })),
      finger_friction: FINGER_FRICTION,
    };
    return this.restore(scene, { task: 'sort', regions });
  }

  allows({ objects }: SceneModel, _goal: Goal, object_set: ObjectSet): boolean {
    return keepSizes(objects, this.spec, object_set);
  }

  restore(scene: SceneModel, goal: Goal): TaskInstance<Goal> {
    return new SortInstance(scene, goal);
  }
}

class SortInstance implements TaskInstance<Goal> {
  readonly scene: SceneModel;
  readonly goal: Goal;
  private readonly regions: readonly (TableRegion | null)[];
  private readonly judge: ObjectJudge;
  private readonly placement: Placement;

  constructor(scene: SceneModel, goal: Goal) {
    this.scene = scene;
    this.goal = goal;
    this.judge = new ObjectJudge(scene);
    this.regions = scene.objects.map((o) => goal.regions.find((r) => r.class === o.class)?.region ?? null);
    this.placement = { isDone: (i) => this.restsInRegion(i), centre: (i) => this.regions[i]?.centre ?? null };
  }

  evaluate(view: TaskView): Evaluation {
    const { released, at_rest, done, placement_error_m } = judgePlacements(view, this.judge, this.placement);
    const count = this.scene.objects.length;
    const checks = { in_regions: done === count, at_rest, released, in_time: view.time_s <= SORT.time_limit_s };
    const success = Object.values(checks).every(Boolean);
    return { success, checks, placement_error_m, measures: { objects: count, sorted_share: done / count }, done };
  }

  reward(view: TaskView): number {
    return rewardPlacements(view, this.judge, this.placement, this.evaluate(view).success);
  }

  private restsInRegion(i: number): boolean {
    const region = this.regions[i];
    return region !== null && this.judge.restsOnTable && this.judge.outside(region) === 0;
  }
}

/** Classes of all objects: both occur, and none more often than its region has room for. */
function drawClasses(rng: Rng): ObjectClass[] {
  const count = drawCount(rng, SORT.objects);
  const [fewest, most] = SORT.of_a_class;
  for (;;) {
    const classes = Array.from({ length: count }, () => drawClass(rng));
    const boxes = classes.filter((name) => name === 'box').length;
    if (Math.min(boxes, count - boxes) >= fewest && Math.max(boxes, count - boxes) <= most) return classes;
  }
}
