import type { Container, TaskGoalOf } from '../../../contracts/index.ts';
import { freeSpots, type Grasp, roomAround } from '../../../planning/index.ts';
import { insideRectangle, overlap, type PlanarOutline, planarOutline, type SceneModel } from '../../../sim/index.ts';
import { asTableObject, type ErrandChooser } from './errand.ts';
import type { GraspChoice } from './grasp_choice.ts';
import type { Standing } from './upright.ts';

/** Depth of a finger along the closing direction and its width (m). */
const FINGER_M = { depth: 0.0152, width: 0.022 } as const;
/** How much further than the object the fingers open where there is little room, widest first (m). */
const OPENINGS_M = [0.03, 0.018, 0.012] as const;
/** The same to let go of it. */
const RELEASE_M = 0.018;
/** Room wanted around both fingers, most first (m); where it is negative the fingers would come down on something. */
const ROOMS_M = [0.005, 0.002, 0, -0.002, -0.004] as const;
/** How far the hand goes up or down in a step between other things, and where a finger may come down on one (m). */
const BETWEEN_STEP_M = 0.006;
const ONTO_STEP_M = 0.0025;
/** A finger this far from the walls passes between them (m). */
const WALL_M = 0.001;
/** Free ways wanted around what is let go of in the tray, tried in this order (m). */
const TRAY_CLEARANCES_M = [0.04, 0.025, 0.012, 0.002, -0.1] as const;

interface Take {
  readonly object: number;
  readonly grasp: Grasp;
  readonly opening_m: number;
  readonly plunge_m: number;
  readonly cost: number;
}

/** One object after the other out of the bin, what two fingers can take with the most room first, into the tray. */
export function clutterErrands(
  { bin, tray }: TaskGoalOf<'clutter'>,
  { objects }: SceneModel,
  grasps: GraspChoice,
): ErrandChooser {
  return {
    choose: (all, misses) => {
      const seen = all.map((standing, i) => asTableObject(objects[i], standing));
      let best: Take | null = null;
      for (const [i, standing] of all.entries()) {
        if (isOver(tray, standing)) continue;
        const others = outlines(all, (k) => k !== i);
        const around = isOver(bin, standing) ? bin : null;
        const takes: Take[] = [];
        for (const grasp of grasps.all(standing)) {
          for (const opening of OPENINGS_M) {
            // What has slipped comes after what has room; among those alike the one with the most free way.
            const tight = level(grasp, opening, others, around);
            const cost = MISS * misses[i] + CROWDING[tight] + grasps.turn(grasp) - roomAround(seen[i], seen);
            const plunge_m = ROOMS_M[tight] >= 0 ? BETWEEN_STEP_M : ONTO_STEP_M;
            takes.push({ cost, object: i, grasp, opening_m: grasps.opening(grasp, opening), plunge_m });
          }
        }
        if (takes.length === 0) continue;
        takes.sort((a, b) => a.cost - b.cost);
        // The same again would end the same: after each miss the next way to take it.
        const take = takes[misses[i] % takes.length];
        if (best === null || take.cost < best.cost) best = take;
      }
      if (best === null) return null;
      const { object, grasp, opening_m, plunge_m } = best;
      const inTray = (k: number): boolean => k !== object && isOver(tray, all[k]);
      const region = { centre: tray.centre, size: [tray.inner[0], tray.inner[1]] } as const;
      const beside = seen.filter((_, k) => inTray(k));
      const spots = freeSpots(region, seen[object], beside, { clearances_m: TRAY_CLEARANCES_M });
      const placed = outlines(all, inTray);
      const levels = spots.map(([x, y]) => level(movedTo(grasp, x, y), RELEASE_M, placed, tray));
      const destination = spots[levels.indexOf(Math.min(...levels))] ?? tray.centre;
      return { object, grasp, opening_m, release_m: RELEASE_M, plunge_m, destination };
    },
  };
}

const MISS = 25;
/** By how many of the rooms there are not; what the fingers would come down on costs more than several misses. */
const CROWDING = [0, 10, 20, 100, 130, 160] as const;

function outlines(all: readonly Standing[], wanted: (k: number) => boolean): PlanarOutline[] {
  return all.filter((_, k) => wanted(k)).map(outlineOf);
}

function movedTo(grasp: Grasp, x: number, y: number): Grasp {
  const tool_pose = grasp.tool_pose.slice();
  tool_pose[9] = x;
  tool_pose[10] = y;
  return { ...grasp, tool_pose };
}

/** How many of the rooms that are wanted around both fingers are not there. */
function level(
  { tool_pose, closing_yaw_rad: yaw, width_m }: Grasp,
  opening_m: number,
  others: readonly PlanarOutline[],
  around: Container | null,
): number {
  const out = (width_m + opening_m + FINGER_M.depth) / 2;
  const free = (room_m: number): boolean =>
    [1, -1].every((side) => {
      const x = tool_pose[9] + side * out * Math.cos(yaw);
      const y = tool_pose[10] + side * out * Math.sin(yaw);
      const half = [FINGER_M.depth / 2 + room_m, FINGER_M.width / 2 + room_m] as const;
      const finger: PlanarOutline = { round: false, x, y, yaw, half };
      return (around === null || between(finger, around)) && others.every((other) => !overlap(finger, other));
    });
  const found = ROOMS_M.findIndex(free);
  return found < 0 ? ROOMS_M.length : found;
}

function between(finger: PlanarOutline, { centre, inner }: Container): boolean {
  const inside = { ...finger, x: finger.x - centre[0], y: finger.y - centre[1] };
  return insideRectangle(inside, inner[0] / 2 - WALL_M, inner[1] / 2 - WALL_M);
}

function isOver({ centre, inner }: Container, { position }: Standing): boolean {
  return Math.abs(position[0] - centre[0]) <= inner[0] / 2 && Math.abs(position[1] - centre[1]) <= inner[1] / 2;
}

function outlineOf({ shape, position, yaw_rad }: Standing): PlanarOutline {
  return planarOutline(shape, position[0], position[1], yaw_rad);
}
