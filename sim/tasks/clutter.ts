import type { Container, Rng, TaskGoalOf, Vector3 } from '../../contracts/index.ts';
import type { SceneFixture, SceneModel } from '../scene.ts';
import { type ClusterOptions, drawCluster, emptyingOrder } from './cluster.ts';
import { drawClass, drawCount, drawLook, drawObject, drawTable, FINGER_FRICTION } from './draw.ts';
import { ObjectJudge } from './judge.ts';
import type { ObjectSet } from './object_sets.ts';
import { insideRectangle, planarOutline } from './outlines.ts';
import { judgePlacements, type Placement, rewardPlacements } from './placements.ts';
import { keepSizes } from './sizes.ts';
import type { Evaluation, Task, TaskInstance, TaskSpec, TaskView } from './task.ts';

/** What the task draws from and what it asks for; lengths in m. */
export const CLUTTER = {
  time_limit_s: 150,
  objects: [5, 10],
  edge: [0.03, 0.042],
  height: [0.035, 0.05],
  mass_kg: [0.05, 0.3],
  friction: [0.4, 1],
  /** Inner sizes, depth from the rim to the floor's top. The rim is low enough for the hand to pass over it. */
  bin_inner: [0.22, 0.22, 0.041],
  tray_inner: [0.26, 0.28, 0.021],
  floor_thickness: 0.004,
  wall_thickness: 0.006,
  container_friction: 0.5,
  /** Distance of both from the table's middle line; which side has the bin is drawn. */
  bin_y: 0.16,
  tray_y: 0.17,
  container_x: [0.51, 0.54],
  /** Room for a finger of the hand beside an object: pad and opening along the closing direction, and its width. */
  finger_depth: 0.022,
  finger_width: 0.022,
  wall_clearance: 0.002,
} as const;

const BIN_RGB: Vector3 = [0.42, 0.44, 0.47];
const TRAY_RGB: Vector3 = [0.68, 0.7, 0.73];

type Goal = TaskGoalOf<'clutter'>;

/** Take five to ten objects, which touch each other, out of a bin and let go of them in the tray beside it. */
export class ClutterTask implements Task<Goal> {
  readonly name = 'clutter';
  readonly time_limit_s = CLUTTER.time_limit_s;
  readonly spec: TaskSpec = {
    time_limit_s: CLUTTER.time_limit_s,
    objects: CLUTTER.objects,
    x_m: [CLUTTER.container_x[0] - CLUTTER.bin_inner[0] / 2, CLUTTER.container_x[1] + CLUTTER.bin_inner[0] / 2],
    y_m: [-CLUTTER.bin_y - CLUTTER.bin_inner[1] / 2, CLUTTER.bin_y + CLUTTER.bin_inner[1] / 2],
    edge_m: CLUTTER.edge,
    height_m: CLUTTER.height,
    mass_kg: CLUTTER.mass_kg,
    friction: CLUTTER.friction,
    touching: true,
    checks: ['bin_empty', 'in_tray', 'at_rest', 'released', 'in_time'],
  };

  reset(rng: Rng, object_set: ObjectSet = 'all'): TaskInstance<Goal> {
    const side = rng.uniform() < 0.5 ? 1 : -1;
    const bin = container(rng.range(...CLUTTER.container_x), -side * CLUTTER.bin_y, CLUTTER.bin_inner);
    const tray = container(rng.range(...CLUTTER.container_x), side * CLUTTER.tray_y, CLUTTER.tray_inner);
    const looks = Array.from({ length: drawCount(rng, CLUTTER.objects) }, () => {
      const name = drawClass(rng);
      return { class: name, ...drawLook(name, this.spec, object_set, rng) };
    });
    const shapes = looks.map(({ shape }) => shape);
    const cluster = drawCluster(shapes, clusterOptions(bin), rng);
    const objects = looks.map((look, i) => {
      const { x, y, yaw } = cluster[i];
      return drawObject(
        i,
        look,
        { x: bin.centre[0] + x, y: bin.centre[1] + y, z_m: bin.centre[2], yaw },
        this.spec,
        rng,
      );
    });
    const scene: SceneModel = {
      table: drawTable(rng),
      fixtures: [...walls(bin, BIN_RGB), ...walls(tray, TRAY_RGB)],
      objects,
      zones: [],
      finger_friction: FINGER_FRICTION,
    };
    return this.restore(scene, { task: 'clutter', bin, tray });
  }

  allows({ objects }: SceneModel, { bin }: Goal, object_set: ObjectSet): boolean {
    if (!keepSizes(objects, this.spec, object_set)) return false;
    const options = clusterOptions(bin);
    const outlines = objects.map(({ shape, pose: { position, orientation } }) => {
      const yaw = 2 * Math.atan2(orientation[2], orientation[3]);
      return shape.type === 'mesh'
        ? null
        : planarOutline(shape, position[0] - bin.centre[0], position[1] - bin.centre[1], yaw);
    });
    const known = outlines.filter((outline) => outline !== null);
    const fits = known.every((o) => insideRectangle(o, options.half_x_m, options.half_y_m));
    return known.length === objects.length && fits && emptyingOrder(known, options) !== null;
  }

  restore(scene: SceneModel, goal: Goal): TaskInstance<Goal> {
    return new ClutterInstance(scene, goal);
  }
}

class ClutterInstance implements TaskInstance<Goal> {
  readonly scene: SceneModel;
  readonly goal: Goal;
  private readonly judge: ObjectJudge;
  private readonly placement: Placement;

  constructor(scene: SceneModel, goal: Goal) {
    this.scene = scene;
    this.goal = goal;
    this.judge = new ObjectJudge(scene);
    this.placement = { isDone: () => this.judge.within(goal.tray), centre: () => goal.tray.centre };
  }

  evaluate(view: TaskView): Evaluation {
    const { judge, goal } = this;
    const { at_rest, released, done, placement_error_m } = judgePlacements(view, judge, this.placement);
    const count = this.scene.objects.length;
    const left = this.scene.objects.filter((_, i) => judge.load(view.engine, i).within(goal.bin)).length;
    const checks = {
      bin_empty: left === 0,
      in_tray: done === count,
      at_rest,
      released,
      in_time: view.time_s <= CLUTTER.time_limit_s,
    };
    const success = Object.values(checks).every(Boolean);
    return {
      success,
      checks,
      placement_error_m,
      measures: { objects: count, left_in_bin: left, moved_share: done / count },
      done,
    };
  }

  reward(view: TaskView): number {
    return rewardPlacements(view, this.judge, this.placement, this.evaluate(view).success);
  }
}

function clusterOptions(bin: Container): ClusterOptions {
  return {
    half_x_m: bin.inner[0] / 2,
    half_y_m: bin.inner[1] / 2,
    finger_depth_m: CLUTTER.finger_depth,
    finger_width_m: CLUTTER.finger_width,
    wall_clearance_m: CLUTTER.wall_clearance,
  };
}

function container(x: number, y: number, inner: Vector3): Container {
  return { centre: [x, y, CLUTTER.floor_thickness], inner };
}

/** Floor and four walls standing on the table. */
function walls({ centre, inner }: Container, rgb: Vector3): SceneFixture[] {
  const { wall_thickness: wall, floor_thickness: floor, container_friction: friction } = CLUTTER;
  const [x, y] = centre;
  const [sx, sy, depth] = inner;
  const height = floor + depth;
  const part = (px: number, py: number, pz: number, size: Vector3): SceneFixture => ({
    size,
    pose: { position: [px, py, pz], orientation: [0, 0, 0, 1] },
    friction,
    rgb,
  });
  const [wx, wy] = [(sx + wall) / 2, (sy + wall) / 2];
  return [
    part(x, y, floor / 2, [sx, sy, floor]),
    part(x - wx, y, height / 2, [wall, sy + 2 * wall, height]),
    part(x + wx, y, height / 2, [wall, sy + 2 * wall, height]),
    part(x, y - wy, height / 2, [sx, wall, height]),
    part(x, y + wy, height / 2, [sx, wall, height]),
  ];
}
