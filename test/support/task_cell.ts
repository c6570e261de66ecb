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
  /** Where an object lands, and how it is turned, that is lost on the way; where the hand is then by default. */
  astray: { readonly x: number; readonly y: number; readonly turn_rad: number } | null = null;
  private readonly verdicts: readonly InspectionVerdict[];
  private readonly drop: string;

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
    this.drop = faults.drop ?? '';
  }

  override answer(request: TaskRequest): TaskEvent {
    if (request.kind === 'move' && request.label === this.drop && this.astray !== null) return this.lose(request);
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

  /** Answers a motion at whose end the object is lost, and puts it astray. */
  private lose(request: Extract<TaskRequest, { kind: 'move' }>): TaskEvent {
    const before = this.scene.objects.map(({ x, y }) => [x, y]);
    const event = super.answer(request);
    const { astray } = this;
    const lost = this.scene.objects.find(({ x, y }, i) => x !== before[i][0] || y !== before[i][1]);
    if (astray === null || lost === undefined) return event;
    lost.x = astray.x;
    lost.y = astray.y;
    lost.yaw += astray.turn_rad;
    this.astray = null;
    return event;
  }
}

/** Plays a task of any kind in a cell. */
export function playGoal(planner: PickPlanner, cell: TaskCell, goal: TaskGoal, seed: number): PickPlaceResult {
  const task = startTask(goal, planner, createRng(seed).stream('task'));
  let step = task.next();
  while (!step.done) step = task.next(cell.answer(step.value));
  return step.value;
}
