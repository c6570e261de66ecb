import { type Container, type Detections, type NamedObject, objectName, type Rng } from '../contracts/index.ts';
import { isSure } from './doubts.ts';
import type { Manipulation } from './manipulation.ts';
import { asObstacle } from './pick_motions.ts';
import type { PickPlanner } from './pick_planner.ts';
import type { Steps } from './requests.ts';
import { fuseDetections, type TableObject } from './table_objects.ts';
import { viewFromAbove } from './view_poses.ts';

/** Sides of the patch of the table that the camera on the hand looks at (m), and how near the object is to be to its place. */
const PATCH_M = 0.24;
const SAME_PLACE_M = 0.025;
/** Frames of the second view. */
const FRAMES = 3;
const PADDING_M = 0.02;

export interface SecondLook {
  /** What was done, for people. */
  readonly how: string;
  /** What it is for sure; null when it is still in doubt. */
  readonly is: NamedObject | null;
  /** The frame of the second view in which it is in doubt; null where the first view's has to do. */
  readonly frame: Detections | null;
}

/**
 * Looks at a doubtful object from above with the camera on the hand, where a free view and a free way there exist, and
 * brings the arm back; else looks once more from where the first look was.
 */
export function* lookAgain(
  arm: Manipulation,
  planner: PickPlanner,
  object: TableObject,
  seen: readonly TableObject[],
  rng: Rng,
): Steps<SecondLook> {
  const impaired = arm.frames.every(({ faults = [] }) => faults.some((fault) => fault !== 'unfamiliar'));
  const start = yield* arm.position();
  const there = planView(planner, object, seen, start, rng);
  if (there === null) return conclude(yield* lookOnce(arm), object, 'no other view is free, looked again');
  yield* arm.enter('perceive', 'looks from above');
  const { motion } = planner;
  yield* arm.move('view', motion.sample(motion.timeJointPath(there)));
  const frames: Detections[] = [];
  for (let k = 0; k < FRAMES; k++) {
    const patch = patchAbout(object);
    frames.push((yield* arm.ask('detections', { kind: 'detect_inside', container: patch })).detections);
  }
  yield* arm.move('home', motion.sample(motion.timeJointPath([...there].reverse())));
  return conclude(frames, object, 'looked from above', impaired);
}

function* lookOnce(arm: Manipulation): Steps<readonly Detections[]> {
  yield* arm.look(() => true);
  return arm.frames;
}

/** Joint path to a view from above with everything that stands about in the way; null if there is none. */
function planView(
  planner: PickPlanner,
  object: TableObject,
  seen: readonly TableObject[],
  start: Float64Array,
  rng: Rng,
): readonly Float64Array[] | null {
  const { motion } = planner;
  const q = viewFromAbove(planner, patchAbout(object), rng.stream('view'));
  if (q === null) return null;
  const standing = seen.map((other, k) => asObstacle(other, `seen ${k}`, PADDING_M));
  motion.world.setObstacles([...motion.workcell.obstacles, ...standing]);
  if (motion.world.collides(start) || motion.world.collides(q)) return null;
  const path = motion.jointPath(start, q, rng.stream('way'));
  return path.ok ? path.value : null;
}

/** A patch of the table: a container without walls. */
function patchAbout({ position: [x, y] }: TableObject): Container {
  return { centre: [x, y, 0], inner: [PATCH_M, PATCH_M, 0] };
}

/** @param impaired  whether the doubt was the picture's and not the detector's, which another picture settles */
function conclude(frames: readonly Detections[], object: TableObject, how: string, impaired = false): SecondLook {
  const [x, y] = object.position;
  const again = fuseDetections(frames).find(
    ({ colour, position, seen }) =>
      colour === object.colour &&
      2 * seen > frames.length &&
      Math.hypot(position[0] - x, position[1] - y) < SAME_PLACE_M,
  );
  if (again === undefined) return { how: `${how}: it is not seen there`, is: null, frame: null };
  const name = objectName(again);
  // only a detector that knows how sure it is can settle a doubt
  if (again.confidence === undefined && !impaired) {
    return { how: `${how}: ${name}, of unknown certainty`, is: null, frame: null };
  }
  if (isSure(again)) return { how: `${how}: ${name}`, is: again, frame: null };
  const frame = frames.findLast(({ detections }) => detections.length > 0) ?? null;
  const only = frame?.detections.filter(
    ({ colour, pose }) =>
      colour === object.colour && Math.hypot(pose.position[0] - x, pose.position[1] - y) < SAME_PLACE_M,
  );
  return {
    how: `${how}: still uncertain`,
    is: null,
    frame: frame === null || only?.length !== 1 ? null : { ...frame, detections: only },
  };
}
