import { fingertipReach, type Grasp, graspsFromAbove } from '../../../planning/index.ts';
import type { Robot } from '../../../robots/index.ts';
import type { Errand } from './errand.ts';
import type { Standing } from './upright.ts';

/** A finger with its room: how far its middle is outside the opening, and a radius around it (m). */
const FINGER_OUT_M = 0.011;
const FINGER_RADIUS_M = 0.014;
/** How much further than the object the fingers open (m). */
const OPENING_M = 0.03;
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
    let best: Grasp | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const grasp of this.all(object)) {
      const cost = this.cost(grasp, neighbours);
      if (cost < least) {
        best = grasp;
        least = cost;
      }
    }
    return best;
  }

  /** Every way to take it from above that fits between the fingers. */
  all({ position, shape, yaw_rad, height_m }: Standing): Grasp[] {
    const bottom_m = position[2] - height_m / 2;
    const target = { class: 'box', colour: 'red', shape, position, yaw_rad, seen: 1, score: 1 } as const;
    return graspsFromAbove(target, this.max_width_m, this.tip_reach_m, bottom_m);
  }

  /** Distance between the fingers on the way to a grasp (m), `more_m` further than the object. */
  opening(grasp: Grasp, more_m = OPENING_M): number {
    return Math.min(this.max_width_m, grasp.width_m + more_m);
  }

  /** How an object is taken and let go of where there is room around it. */
  roomy(grasp: Grasp): Pick<Errand, 'grasp' | 'opening_m' | 'release_m' | 'plunge_m'> {
    return { grasp, opening_m: this.opening(grasp), release_m: OPENING_M, plunge_m: Number.POSITIVE_INFINITY };
  }

  /** What a grasp costs by itself: how far the hand turns from home, and how high it takes the object. */
  turn(grasp: Grasp): number {
    const turn = wrapAngle(grasp.closing_yaw_rad - this.home_yaw_rad);
    return turn * turn + RAISED_COST * grasp.raised_m;
  }

  private cost(grasp: Grasp, neighbours: readonly Standing[]): number {
    let cost = this.turn(grasp);
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
