import type { SurfaceSpeedGuard } from './collision/surface_speed.ts';
import type { JointGuard } from './joint_guard.ts';
import type { ToolGuard } from './tool_guard.ts';

/** Share of a speed limit that is aimed at where commands ask for more: nearer to it, stops take long to judge. */
export const SPEED_SHARE = 0.7;
/** The same for those who slow down by themselves, before the gate has to. */
export const PACED_SHARE = 0.85;

/** How the speed of an arm's motions is to the limits of its tool and of its links' surfaces. */
export class ArmSpeed {
  /** What `compare` and `compareVelocity` found: the greatest speed that is limited, divided by its limit. */
  readonly ratio = new Float64Array(1);
  private readonly tool: ToolGuard;
  private links: SurfaceSpeedGuard;
  private readonly joints: readonly JointGuard[];
  private readonly hz: number;
  private readonly here: Float64Array;
  private readonly there: Float64Array;
  private readonly velocity: Float64Array;

  constructor(tool: ToolGuard, links: SurfaceSpeedGuard, joints: readonly JointGuard[], hz: number) {
    this.tool = tool;
    this.links = links;
    this.joints = joints;
    this.hz = hz;
    this.here = new Float64Array(joints.length);
    this.there = new Float64Array(joints.length);
    this.velocity = new Float64Array(joints.length);
  }

  /** Another guard of the links' surfaces. */
  setLinks(links: SurfaceSpeedGuard): void {
    this.links = links;
  }

  /** Whether any limit is in force. */
  get limited(): boolean {
    return this.tool.speed_limit < Number.POSITIVE_INFINITY || this.links.speed_limit < Number.POSITIVE_INFINITY;
  }

  /** Compares the motion of one cycle from one row of joint positions to another (rad), given by their first entries. */
  compare(from: Float64Array, from_at: number, to: Float64Array, to_at: number): void {
    const { here, velocity, hz } = this;
    for (let k = 0; k < here.length; k++) {
      here[k] = from[from_at + k];
      velocity[k] = (to[to_at + k] - here[k]) * hz;
    }
    this.compareHere();
  }

  /** Compares joint velocities (rad/s) where the arm is. */
  compareVelocity(velocity: Float64Array): void {
    for (let k = 0; k < this.here.length; k++) {
      this.here[k] = this.joints[k].p;
      this.velocity[k] = velocity[k];
    }
    this.compareHere();
  }

  private compareHere(): void {
    const { tool, links, here, there, velocity, hz, ratio } = this;
    ratio[0] = 0;
    if (tool.speed_limit < Number.POSITIVE_INFINITY) {
      for (let k = 0; k < here.length; k++) there[k] = here[k] + velocity[k] / hz;
      tool.findDistance(here, 0, there, 0);
      ratio[0] = (tool.distance[0] * hz) / tool.speed_limit;
    }
    if (links.speed_limit < Number.POSITIVE_INFINITY) {
      links.findSpeed(here, velocity);
      const links_ratio = links.speed[0] / links.speed_limit;
      if (links_ratio > ratio[0]) ratio[0] = links_ratio;
    }
  }
}
