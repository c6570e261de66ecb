import { z } from 'zod';
import {
  type Container,
  type DetectInsideGoal,
  type DetectInsideResult,
  INSPECTION_VERDICTS,
  type InspectSurfaceGoal,
  type InspectSurfaceResult,
  type PickPlaceFeedback,
  type PickPlaceGoal,
  type PickPlaceResult,
  type PlanStageRow,
  planStageRow,
  type TableRegion,
  type TaskGoal,
  taskGoal,
} from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { boundingSize, detectionSourceToRos, detectionsFromRos, detectionsToRos, shapeOf } from './detections.ts';
import { fieldError, finite, parseFields, pose, real, rosPose, rosXyz, xyz } from './fields.ts';

type Input<T> = { readonly [K in keyof T]: unknown };

const stage = z.object({
  depth: z.number().int(),
  name: z.string(),
  kind: planStageRow.unwrap().shape.kind,
  tried: z.number().int(),
  solutions: z.number().int(),
  best_cost: real,
  failures: z.array(z.object({ reason: z.string(), count: z.number().int() })),
});

const stagesToRos = (rows: readonly PlanStageRow[] = []) =>
  rows.map(({ best_cost, ...row }) => ({ ...row, best_cost: best_cost ?? Number.NaN }));

/** None at all are left out. */
function stagesFromRos(rows: readonly z.infer<typeof stage>[]): { plan_stages?: PlanStageRow[] } {
  if (rows.length === 0) return {};
  return {
    plan_stages: rows.map(({ best_cost, ...row }) => ({
      ...row,
      best_cost: Number.isNaN(best_cost) ? null : best_cost,
    })),
  };
}

const containerShape = z.object({ centre: xyz, inner: xyz });
const containerToRos = ({ centre, inner }: Container) => ({ centre: rosXyz(centre), inner: rosXyz(inner) });
const regionShape = z
  .object({ centre: xyz, size_x: finite, size_y: finite })
  .transform(({ centre, size_x, size_y }): TableRegion => ({ centre, size: [size_x, size_y] }));
const regionToRos = ({ centre, size: [size_x, size_y] }: TableRegion) => ({ centre: rosXyz(centre), size_x, size_y });

const pickPlace = z.object({ object_class: z.string(), object_colour: z.string(), target: xyz });

/** surepick_msgs/action/PickPlace_Goal. */
export function pickPlaceGoalToRos({ object, target }: PickPlaceGoal): object {
  return { object_class: object.class, object_colour: object.colour, target: rosXyz(target) };
}

export function pickPlaceGoalFromRos(fields: RosFields): PickPlaceGoal {
  const type = 'surepick_msgs/action/PickPlace_Goal';
  const goal = task({ task: 'pick-place', ...pickPlaceFields(parseFields(pickPlace, fields, type)) }, type);
  if (goal.task !== 'pick-place') throw fieldError(type, ['task'], goal.task, 'must be pick-place');
  return { object: goal.object, target: goal.target };
}

const pickPlaceFields = ({ object_class, object_colour, target }: z.infer<typeof pickPlace>) => ({
  object: { class: object_class, colour: object_colour },
  target,
});

const rosTask = pickPlace.extend({
  task: z.string(),
  regions: z.array(z.object({ object_class: z.string(), region: regionShape })),
  bin: containerShape,
  tray: containerShape,
  good: regionShape,
  defective: regionShape,
  unsure: regionShape,
});

/** surepick_msgs/action/Task_Goal. */
export function taskGoalToRos(goal: TaskGoal): object {
  switch (goal.task) {
    case 'pick-place':
      return { task: goal.task, ...pickPlaceGoalToRos(goal) };
    case 'sort':
      return {
        task: goal.task,
        regions: goal.regions.map((entry) => ({ object_class: entry.class, region: regionToRos(entry.region) })),
      };
    case 'clutter':
      return { task: goal.task, bin: containerToRos(goal.bin), tray: containerToRos(goal.tray) };
    case 'inspect':
      return {
        task: goal.task,
        good: regionToRos(goal.good),
        defective: regionToRos(goal.defective),
        unsure: regionToRos(goal.unsure),
      };
  }
}

/** Only the fields of its own task are looked at. */
export function taskGoalFromRos(fields: RosFields): TaskGoal {
  const type = 'surepick_msgs/action/Task_Goal';
  const { regions, bin, tray, good, defective, unsure, task: name, ...rest } = parseFields(rosTask, fields, type);
  return task(
    {
      ...pickPlaceFields(rest),
      ...{ task: name, bin, tray, good, defective, unsure },
      regions: regions.map(({ object_class, region }) => ({ class: object_class, region })),
    },
    type,
  );
}

/** Names of ROS fields in place of ours where they differ. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  'object.class': 'object_class',
  'object.colour': 'object_colour',
};

function task(value: Input<TaskGoal>, type: string): TaskGoal {
  const parsed = taskGoal.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  let wrong: unknown = value;
  for (const key of path) wrong = typeof wrong === 'object' && wrong !== null ? Reflect.get(wrong, key) : undefined;
  const name = FIELD_NAMES[path.join('.')];
  throw fieldError(type, name === undefined ? path : [name], wrong, message);
}

const taskResult = z.object({
  success: z.boolean(),
  stage: z.string(),
  reason: z.string(),
  attempts: z.number().int(),
  plan_stages: z.array(stage),
});

/** Result of surepick_msgs/action/PickPlace and Task. */
export function taskResultToRos({ ok, stage, reason, attempts, plan_stages }: PickPlaceResult): object {
  return { success: ok, stage, reason, attempts, plan_stages: stagesToRos(plan_stages) };
}

export function taskResultFromRos(fields: RosFields): PickPlaceResult {
  const { success, plan_stages, ...rest } = parseFields(taskResult, fields, 'surepick_msgs/action/Task_Result');
  return { ...rest, ok: success, ...stagesFromRos(plan_stages) };
}

const taskFeedback = z.object({
  stage: z.string(),
  reason: z.string(),
  attempt: z.number().int(),
  plan_stages: z.array(stage),
});

/** Feedback of surepick_msgs/action/PickPlace and Task. */
export function taskFeedbackToRos({ plan_stages, ...rest }: PickPlaceFeedback): object {
  return { ...rest, plan_stages: stagesToRos(plan_stages) };
}

export function taskFeedbackFromRos(fields: RosFields): PickPlaceFeedback {
  const { plan_stages, ...rest } = parseFields(taskFeedback, fields, 'surepick_msgs/action/Task_Feedback');
  return { ...rest, ...stagesFromRos(plan_stages) };
}

const inside = z.object({ container: containerShape });

/** surepick_msgs/action/DetectInside_Goal. */
export const detectInsideGoalToRos = ({ container }: DetectInsideGoal): object => ({
  container: containerToRos(container),
});

export function detectInsideGoalFromRos(fields: RosFields): DetectInsideGoal {
  return parseFields(inside, fields, 'surepick_msgs/action/DetectInside_Goal');
}

/** surepick_msgs/action/DetectInside_Result. */
export function detectInsideResultToRos({ ok, reason, detections }: DetectInsideResult): object {
  const source = detectionSourceToRos(detections);
  return { success: ok, reason, detections: detectionsToRos(detections), source };
}

const record = z.record(z.string(), z.unknown());
const insideResult = z.object({ success: z.boolean(), reason: z.string(), detections: record, source: record });

export function detectInsideResultFromRos(fields: RosFields): DetectInsideResult {
  const result = parseFields(insideResult, fields, 'surepick_msgs/action/DetectInside_Result');
  return {
    ok: result.success,
    reason: result.reason,
    detections: detectionsFromRos(result.detections, result.source),
  };
}

const surfaceGoal = z.object({ shape: z.enum(['box', 'cylinder', 'sphere']), size: xyz, pose });

/** surepick_msgs/action/InspectSurface_Goal. */
export function inspectSurfaceGoalToRos({ shape, pose }: InspectSurfaceGoal): object {
  return { shape: shape.type, size: rosXyz(boundingSize(shape)), pose: rosPose(pose) };
}

export function inspectSurfaceGoalFromRos(fields: RosFields): InspectSurfaceGoal {
  const type = 'surepick_msgs/action/InspectSurface_Goal';
  const goal = parseFields(surfaceGoal, fields, type);
  if (!goal.size.every((edge) => edge > 0)) throw fieldError(type, ['size'], goal.size.join(' '), 'must be positive');
  return { shape: shapeOf(goal.shape, goal.size), pose: goal.pose };
}

const surfaceResult = z.object({
  success: z.boolean(),
  reason: z.string(),
  verdict: z.enum(INSPECTION_VERDICTS),
  score: real,
  area: finite,
});

/** surepick_msgs/action/InspectSurface_Result. */
export function inspectSurfaceResultToRos({ ok, area_m2, ...rest }: InspectSurfaceResult): object {
  return { ...rest, success: ok, area: area_m2 };
}

export function inspectSurfaceResultFromRos(fields: RosFields): InspectSurfaceResult {
  const type = 'surepick_msgs/action/InspectSurface_Result';
  const { success, area, ...rest } = parseFields(surfaceResult, fields, type);
  return { ...rest, ok: success, area_m2: area };
}
