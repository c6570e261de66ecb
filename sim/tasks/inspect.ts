import type { InspectionVerdict, Rng, TableRegion, TaskGoalOf, Vector3 } from '../../contracts/index.ts';
import { INSPECTION_VERDICTS } from '../../contracts/index.ts';
import type { SceneModel } from '../scene.ts';
import { drawDefect, type SurfaceTruth, surfaceTruth } from './defects.ts';
import { drawClass, drawCount, drawLook, drawObject, drawSpots, drawTable, FINGER_FRICTION } from './draw.ts';
import { ObjectJudge } from './judge.ts';
import type { ObjectSet } from './object_sets.ts';
import { judgePlacements, type Placement, rewardPlacements } from './placements.ts';
import { keepSizes } from './sizes.ts';
import type { Evaluation, Task, TaskInstance, TaskSpec, TaskView } from './task.ts';

/** What the task draws from and what it asks for; lengths in m. */
export const INSPECT = {
  time_limit_s: 90,
  objects: [2, 4],
  x: [0.53, 0.66],
  y: [-0.11, 0.11],
  edge: [0.034, 0.05],
  height: [0.04, 0.06],
  mass_kg: [0.05, 0.4],
  friction: [0.4, 1],
  clearance: 0.032,
  /** The side to be inspected is the one that faces the world's x axis, the overview camera, within this angle (rad). */
  yaw_rad: [-Math.PI / 6, Math.PI / 6],
  /** Regions to both sides for the good and the defective, which is where is drawn; for the unsure nearer to the base. */
  side_size: [0.26, 0.18],
  side_x: [0.51, 0.53],
  side_y: 0.25,
  unsure_size: [0.12, 0.26],
  unsure_x: [0.39, 0.41],
  /** How many objects that are not ambiguous may end in the region of the unsure. */
  abstentions: 1,
} as const;

const REGION_RGB: Readonly<Record<InspectionVerdict, Vector3>> = {
  good: [0.84, 0.93, 0.86],
  defective: [0.94, 0.85, 0.84],
  unsure: [0.93, 0.92, 0.84],
};

/** Regions where an object may end, the right one first. A faint spot is a defect, but nobody need be sure of it. */
const RIGHT: Readonly<Record<SurfaceTruth, readonly InspectionVerdict[]>> = {
  good: ['good'],
  defective: ['defective'],
  ambiguous: ['unsure', 'defective'],
};

type Goal = TaskGoalOf<'inspect'>;

/** Show two to four objects to the camera, look for a spot on the side that faces it, and bring each where it belongs. */
export class InspectTask implements Task<Goal> {
  readonly name = 'inspect';
  readonly time_limit_s = INSPECT.time_limit_s;
  readonly spec: TaskSpec = {
    time_limit_s: INSPECT.time_limit_s,
    objects: INSPECT.objects,
    x_m: INSPECT.x,
    y_m: INSPECT.y,
    edge_m: INSPECT.edge,
    height_m: INSPECT.height,
    mass_kg: INSPECT.mass_kg,
    friction: INSPECT.friction,
    touching: false,
    checks: ['in_regions', 'none_wrong', 'within_budget', 'at_rest', 'released', 'in_time'],
  };

  reset(rng: Rng, object_set: ObjectSet = 'all'): TaskInstance<Goal> {
    const looks = Array.from({ length: drawCount(rng, INSPECT.objects) }, () => {
      const name = drawClass(rng);
      return { class: name, ...drawLook(name, this.spec, object_set, rng) };
    });
    const spots = drawSpots(
      looks.map(({ shape }) => shape),
      { x_m: INSPECT.x, y_m: INSPECT.y },
      INSPECT.clearance,
      rng,
    );
    const objects = looks.map((look, i) => {
      const place = { ...spots[i], z_m: 0, yaw: rng.range(...INSPECT.yaw_rad) };
      const object = drawObject(i, look, place, this.spec, rng);
      const texture = drawDefect(look.shape, object.rgb, rng);
      return texture === null ? object : { ...object, texture };
    });
    const side = rng.uniform() < 0.5 ? 1 : -1;
    const beside = (y: number): TableRegion => ({
      centre: [rng.range(...INSPECT.side_x), y, 0],
      size: INSPECT.side_size,
    });
    const goal: Goal = {
      task: 'inspect',
      good: beside(side * INSPECT.side_y),
      defective: beside(-side * INSPECT.side_y),
      unsure: { centre: [rng.range(...INSPECT.unsure_x), 0, 0], size: INSPECT.unsure_size },
    };
    const scene: SceneModel = {
      table: drawTable(rng),
      objects,
      zones: INSPECTION_VERDICTS.map((verdict) => ({
        position: goal[verdict].centre,
        size_m: goal[verdict].size,
        rgb: REGION_RGB[verdict],
      })),
      finger_friction: FINGER_FRICTION,
    };
    return this.restore(scene, goal);
  }

  allows({ objects }: SceneModel, _goal: Goal, object_set: ObjectSet): boolean {
    return keepSizes(objects, this.spec, object_set);
  }

  restore(scene: SceneModel, goal: Goal): TaskInstance<Goal> {
    return new InspectInstance(scene, goal);
  }
}

class InspectInstance implements TaskInstance<Goal> {
  readonly scene: SceneModel;
  readonly goal: Goal;
  private readonly truths: readonly SurfaceTruth[];
  private readonly judge: ObjectJudge;
  private readonly placement: Placement;

  constructor(scene: SceneModel, goal: Goal) {
    this.scene = scene;
    this.goal = goal;
    this.truths = scene.objects.map(surfaceTruth);
    this.judge = new ObjectJudge(scene);
    this.placement = {
      isDone: (i) => RIGHT[this.truths[i]].some((verdict) => verdict === this.verdict()),
      centre: (i) => goal[RIGHT[this.truths[i]][0]].centre,
    };
  }

  evaluate(view: TaskView): Evaluation {
    const { truths, judge } = this;
    const { at_rest, released, done, placement_error_m } = judgePlacements(view, judge, this.placement);
    let [placed, wrong, abstained] = [0, 0, 0];
    for (let i = 0; i < truths.length; i++) {
      judge.load(view.engine, i);
      const verdict = this.verdict();
      if (verdict === null) continue;
      placed++;
      if (verdict === 'unsure') abstained += truths[i] === 'ambiguous' ? 0 : 1;
      else if (!RIGHT[truths[i]].includes(verdict)) wrong++;
    }
    const checks = {
      in_regions: placed === truths.length,
      none_wrong: wrong === 0,
      within_budget: abstained <= INSPECT.abstentions,
      at_rest,
      released,
      in_time: view.time_s <= INSPECT.time_limit_s,
    };
    const success = Object.values(checks).every(Boolean);
    const count = truths.length;
    return {
      success,
      checks,
      placement_error_m,
      measures: { objects: count, right_share: done / count, wrong, abstained },
      done,
    };
  }

  reward(view: TaskView): number {
    return rewardPlacements(view, this.judge, this.placement, this.evaluate(view).success);
  }

  /** The region in which the object at hand rests with all of its outline. */
  private verdict(): InspectionVerdict | null {
    const { judge, goal } = this;
    if (!judge.restsOnTable) return null;
    return INSPECTION_VERDICTS.find((verdict) => judge.outside(goal[verdict]) === 0) ?? null;
  }
}
