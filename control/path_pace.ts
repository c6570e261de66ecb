import type { MotionPath } from './motion_path.ts';

/** How far ahead along its path the arm looks for how fast it will be, in how many steps, and over what time speeds are taken, s. */
const LOOK_AHEAD_S = 0.3;
const LOOKS = 4;
const LOOK_S = 0.01;

/** Says what share of joint velocities (rad/s) is left now, 0..1. */
export interface Pacer {
  /** Of velocities of either sign. */
  paceOf(velocity: Float64Array): number;
  /** So that no part of the arm is too fast; of velocities with their signs. */
  speedShareOf(velocity: Float64Array): number;
}

/**
 * The pace at which a path may be followed: that of the greatest speed of every joint on the piece that comes next, and for
 * the speed of parts of the arm, of its fastest place.
 */
export class PathPace {
  private readonly behind: Float64Array;
  private readonly ahead: Float64Array;
  private readonly fastest: Float64Array;
  private readonly velocity: Float64Array;

  constructor(joints: number) {
    this.behind = new Float64Array(joints);
    this.ahead = new Float64Array(joints);
    this.fastest = new Float64Array(joints);
    this.velocity = new Float64Array(joints);
  }

  /** @param s  where on the path the arm is, s. Allocates nothing. */
  at(path: MotionPath, s: number, pacer: Pacer): number {
    const { behind, ahead, fastest, velocity } = this;
    fastest.fill(0);
    let least = 1;
    for (let k = 0; k <= LOOKS; k++) {
      const there = Math.min(s + (k * LOOK_AHEAD_S) / LOOKS, path.duration_s);
      path.sample(there - 0.5 * LOOK_S, behind);
      path.sample(there + 0.5 * LOOK_S, ahead);
      for (let i = 0; i < fastest.length; i++) {
        velocity[i] = (ahead[i] - behind[i]) / LOOK_S;
        const speed = Math.abs(velocity[i]);
        if (speed > fastest[i]) fastest[i] = speed;
      }
      least = Math.min(least, pacer.speedShareOf(velocity));
    }
    return Math.min(least, pacer.paceOf(fastest));
  }
}
