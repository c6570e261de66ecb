import {
  INSPECTION_VERDICTS,
  type InspectionVerdict,
  type JointTrajectory,
  type PickPlaceResult,
  StageError,
  type TaskGoalOf,
} from '../contracts/index.ts';
import { freeSpots, reachesOut } from './free_spots.ts';
import { AttemptError, Manipulation } from './manipulation.ts';
import type { PickScene, PickWay } from './pick_motions.ts';
import type { PutPlan } from './pick_planner.ts';
import type { Steps } from './requests.ts';
import { facingYaw, leavesFree, planShow, type Show } from './show_pose.ts';
import { roomAround, spread, type TableObject } from './table_objects.ts';
import type { TaskContext } from './task_plan.ts';

export type InspectGoal = TaskGoalOf<'inspect'>;

const SPOTS_TRIED = 4;
const MOST_PICKS = 16;
const MOST_FAILURES = 4;
const PLACED_M = 0.0015;

/** A pick whose object can be shown to the camera. */
interface Candidate {
  readonly scene: PickScene;
  readonly way: PickWay;
  readonly show: Show;
  readonly others: readonly TableObject[];
}

/**
 * Inspects every object that stands outside the three regions: takes it so that the side that faces the camera stays
 * free, holds that side before the camera, has it judged from the picture, and stands it in the region of the verdict.
 * Ends when all objects seen stand in a region. Returns how it ended; throws nothing of its own.
 */
export function* inspectObjects(context: TaskContext<InspectGoal>): Steps<PickPlaceResult> {
  const arm = new Manipulation(context.options);
  let failures = 0;
  let reason = '';
  for (let pick = 1; pick <= MOST_PICKS; pick++) {
    arm.attempt = pick;
    try {
      yield* arm.enter('perceive', reason);
      const seen = (yield* arm.look((objects) => objects.length > 0)).filter((object) => object.seen >= 2);
      const open = seen.filter((object) => !isPlaced(object, context.goal));
      if (open.length === 0) return { ok: true, stage: 'retreat', reason: '', attempts: pick };
      yield* arm.enter('plan');
      const start = yield* arm.position();
      yield* inspectOne(arm, context, choose(context, start, open, seen, pick), pick);
      reason = '';
    } catch (error) {
      if (!(error instanceof StageError)) throw error;
      reason = error.message;
      if (error instanceof AttemptError && ++failures < MOST_FAILURES) continue;
      return { ok: false, stage: error.stage, reason, attempts: pick };
    }
  }
  return {
    ok: false,
    stage: 'place',
    reason: `objects are in no region after ${MOST_PICKS} picks`,
    attempts: MOST_PICKS,
  };
}

function isPlaced(object: TableObject, goal: InspectGoal): boolean {
  return INSPECTION_VERDICTS.some((verdict) => reachesOut(object, goal[verdict]) <= PLACED_M);
}

/** The first object, in the order of the room around them, that can be taken and shown. */
function choose(
  { planner, rng }: TaskContext<InspectGoal>,
  start: Float64Array,
  open: readonly TableObject[],
  seen: readonly TableObject[],
  pick: number,
): Candidate {
  const { camera } = planner.motion.workcell;
  const ranked = [...open].sort((a, b) => roomAround(b, seen) - roomAround(a, seen));
  let reason = '';
  for (const [index, object] of ranked.entries()) {
    const others = seen.filter((other) => other !== object);
    const facing_rad = facingYaw(object, camera);
    const stream = rng.stream(`pick/${pick}/${index}`);
    const grasp = (candidate: Parameters<typeof leavesFree>[0]): boolean => leavesFree(candidate, facing_rad);
    const found = planner.search(start, object, others, stream, { grasp }, (scene, way, own) => {
      const show = planShow(planner.motions, scene, way, facing_rad, camera, own);
      return show.ok ? { ok: true, value: { scene, way, show: show.value, others } } : show;
    });
    if (found.ok) return found.value;
    reason ||= `${object.colour} ${object.class}: ${found.reason}`;
  }
  throw new StageError('plan', reason);
}

/** Takes an object, shows it, and puts it where its verdict says. */
function* inspectOne(
  arm: Manipulation,
  context: TaskContext<InspectGoal>,
  { scene, way, show, others }: Candidate,
  pick: number,
): Steps<void> {
  const { planner } = context;
  const take = planner.timedTake(way);
  yield* arm.take(take);
  yield* arm.enter('transfer', 'before the camera');
  yield* arm.move('show', planner.timedCarry(show.path));
  yield* arm.requireHeld(take, 'transfer', () => wayBack(context, scene, show, pick));
  const { shape } = scene.object;
  const { result } = yield* arm.ask('inspected', { kind: 'inspect', held: { shape, pose: show.object_pose } });
  const put = planPut(context, scene, way, show, others, result.verdict, pick);
  yield* arm.putDown(take, put);
}

/** From before the camera to rest with open fingers. */
function wayBack(
  { planner, rng }: TaskContext<InspectGoal>,
  { rest_q }: PickScene,
  show: Show,
  pick: number,
): JointTrajectory {
  const { motion } = planner;
  motion.world.detach();
  motion.world.setObstacles(motion.workcell.obstacles);
  const path = motion.jointPath(show.q, rest_q, rng.stream(`back/${pick}`));
  if (!path.ok) throw new StageError('plan', `the way back from before the camera: ${path.reason}`);
  return motion.sample(motion.timeJointPath(path.value));
}

function planPut(
  { planner, goal, rng }: TaskContext<InspectGoal>,
  scene: PickScene,
  way: PickWay,
  show: Show,
  others: readonly TableObject[],
  verdict: InspectionVerdict,
  pick: number,
): PutPlan {
  const spots = freeSpots(goal[verdict], scene.object, others);
  let reason = 'no free spot';
  for (const [k, spot] of spread(spots, SPOTS_TRIED).entries()) {
    const stream = rng.stream(`put/${pick}/${k}`);
    const put = planner.motions.put(scene, way.grasp, show.q, way.line.bottom, spot, stream);
    if (put.ok) return planner.timedPut(put.value);
    reason = put.reason;
  }
  throw new StageError('plan', `to the region of what is ${verdict}: ${reason}`);
}
