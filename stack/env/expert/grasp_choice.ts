import { fingertipReach, type Grasp, graspsFromAbove } from '../../../planning/index.ts';
import type { Robot } from '../../../robots/index.ts';
import type { Standing } from './upright.ts';

/** A finger with its room: how far its middle is outside the opening, and a radius around it (m). */
const FINGER_OUT_M = 0.011;
const FINGER_RADIUS_M = 0.014;
/** How much further than the object the fingers open (m). */
export const OPENING_M = 0.03;
/** Cost of one metre that a finger is inside a neighbour, in radians of turning; and of a raised grasp. */
const TOUCH_COST = 1000;
const RAISED_COST = 100;

/** Chooses how to take an object from above: fingers clear of its neighbours, the hand turned little from home. */
export class GraspChoice {
  private readonly max_width_m: number;
  private readonly tip_reach_m: number;
  private readonly home_yaw_rad: number;

  /** @param home_yaw_rad  closing direction of the hand at home */
  constructor(robot: Robot, home_yaw_rad: number) {
    this.max_width_m = robot.gripper?.max_width_m ?? 0;
    this.tip_reach_m = fingertipReach(robot);
    this.home_yaw_rad = home_yaw_rad;
  }

  /** Null if no side fits between the fingers. */
  choose(object: Standing, neighbours: readonly Standing[]): Grasp | null {
    const { position, shape, yaw_rad, height_m } = object;
    const bottom_m = position[2] - height_m / 2;
    const target = { class: 'box', colour: 'red', shape, position, yaw_rad, seen: 1, score: 1 } as const;
    const grasps = graspsFromAbove(target, this.max_width_m, this.tip_reach_m, bottom_m);
    let best: Grasp | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const grasp of grasps) {
      const cost = this.cost(grasp, neighbours);
      if (cost < least) {
        best = grasp;
        least = cost;
      }
    }
    return best;
  }

  /** Distance between the fingers on the way to a grasp (m). */
  opening(grasp: Grasp): number {
    return Math.min(this.max_width_m, grasp.width_m + OPENING_M);
  }

  private cost(grasp: Grasp, neighbours: readonly Standing[]): number {
    const turn = wrapAngle(grasp.closing_yaw_rad - this.home_yaw_rad);
    let cost = turn * turn + RAISED_COST * grasp.raised_m;
    const out = this.opening(grasp) / 2 + FINGER_OUT_M;
    const c = Math.cos(grasp.closing_yaw_rad);
    const s = Math.sin(grasp.closing_yaw_rad);
    for (const { position, shape } of neighbours) {
      const radius = shape.type === 'box' ? Math.hypot(shape.size[0], shape.size[1]) / 2 : shape.radius;
      for (const side of [-1, 1]) {
        const x = grasp.tool_pose[9] + side * out * c - position[0];
        const y = grasp.tool_pose[10] + side * out * s - position[1];
        cost += TOUCH_COST * Math.max(0, radius + FINGER_RADIUS_M - Math.hypot(x, y));
      }
    }
    return cost;
  }
}

/** The same angle in −π..π. */
export function wrapAngle(angle_rad: number): number {
  return angle_rad - 2 * Math.PI * Math.round(angle_rad / (2 * Math.PI));
}
