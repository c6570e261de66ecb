import { createRng, type InspectionVerdict, type PickPlaceResult, type TaskGoal } from '../../contracts/index.ts';
import { type PickPlanner, startTask, type TaskEvent, type TaskRequest } from '../../planning/index.ts';
import type { SceneModel } from '../../sim/index.ts';
import { type BruteForce, type CellFaults, IdealCell, type TrueObject } from './planning_cell.ts';

/** The objects of a simulated scene, all of which stand upright on the table. */
export function trueObjects({ objects }: Pick<SceneModel, 'objects'>): TrueObject[] {
  return objects.map(({ class: kind, colour, shape, pose }) => {
    if (shape.type === 'mesh') throw new TypeError('an ideal cell knows no meshes');
    const { position, orientation } = pose;
    const yaw = 2 * Math.atan2(orientation[2], orientation[3]);
    return { class: kind, colour, shape, x: position[0], y: position[1], yaw };
  });
}

/** An ideal cell that also judges what is shown to it, by what it is told of each object. */
export class TaskCell extends IdealCell {
  /** Verdicts asked for, in their order. */
  readonly judged: { readonly verdict: InspectionVerdict; readonly facing_x: number }[] = [];
  private readonly verdicts: readonly InspectionVerdict[];

  constructor(
    planner: PickPlanner,
    objects: TrueObject[],
    brute: BruteForce,
    seed: number,
    faults: CellFaults = {},
    verdicts: readonly InspectionVerdict[] = [],
  ) {
    const goal = { object: { class: objects[0].class, colour: objects[0].colour }, target: [0, 0, 0] } as const;
    super(planner.motion.robot, { objects, goal }, brute, createRng(seed).stream('cell'), faults);
    this.verdicts = verdicts;
  }

  override answer(request: TaskRequest): TaskEvent {
    if (request.kind !== 'inspect') return super.answer(request);
    const { shape, pose } = request.held;
    // what is held is told by its sizes, which differ from object to object
    const sizes = (s: typeof shape): number[] =>
      s.type === 'box' ? [...s.size].sort() : s.type === 'cylinder' ? [s.radius, s.length, 1] : [s.radius];
    const gaps = this.scene.objects.map((object) =>
      object.shape.type === shape.type
        ? Math.hypot(...sizes(object.shape).map((x, k) => x - sizes(shape)[k]))
        : Infinity,
    );
    const verdict = this.verdicts[gaps.indexOf(Math.min(...gaps))];
    this.judged.push({ verdict, facing_x: pose.position[0] });
    this.time_s += 0.1;
    return {
      kind: 'inspected',
      time_s: this.time_s,
      result: { ok: true, reason: '', verdict, score: 0, area_m2: 1e-3 },
    };
  }
}

/** Plays a task of any kind in a cell. */
export function playGoal(planner: PickPlanner, cell: TaskCell, goal: TaskGoal, seed: number): PickPlaceResult {
  const task = startTask(goal, planner, createRng(seed).stream('task'));
  let step = task.next();
  while (!step.done) step = task.next(cell.answer(step.value));
  return step.value;
}
