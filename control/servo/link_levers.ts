import { type ConvexMesh, meshBounds, type Shape } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';

/**
 * How far any point of a link can move when a joint turns by 1 rad (m/rad; m/m for a sliding joint), whatever the other
 * joints do: the longest way from the joint to the far end of the link's shapes.
 */
export class LinkLevers {
  private readonly model: RobotModel;
  private readonly arm_joints: number;
  /** Farthest point of the link's shapes from the origin of its body (m). */
  private readonly extents = new Map<string, number>();
  private readonly bodies = new Map<string, number>();

  constructor(model: RobotModel, arm_joints: number) {
    this.model = model;
    this.arm_joints = arm_joints;
    for (const { link, body, p, shape } of model.collision) {
      const reach = Math.hypot(p[0], p[1], p[2]) + radiusOf(shape);
      this.extents.set(link, Math.max(reach, this.extents.get(link) ?? 0));
      this.bodies.set(link, body);
    }
  }

  /** Adds a link that is carried by `body`, as far as `extent_m` from its origin. */
  add(link: string, body: number, extent_m: number): void {
    this.bodies.set(link, body);
    this.extents.set(link, extent_m);
  }

  /** Body that carries a link, −1 for the root, and farthest point of its shapes from that body's origin (m). */
  bodyOf(link: string): number {
    return this.bodies.get(link) ?? -1;
  }

  extentOf(link: string): number {
    return this.extents.get(link) ?? 0;
  }

  /** Levers of one link against the root, or of two against each other, one for each arm joint. */
  of(a: string, b: string | null): Float64Array {
    const levers = new Float64Array(this.arm_joints);
    const trunk = new Set(b === null ? [] : this.chain(b).filter((body) => this.chain(a).includes(body)));
    for (const link of b === null ? [a] : [a, b]) {
      let way = this.extentOf(link);
      for (const body of this.chain(link)) {
        if (trunk.has(body)) break;
        const { joint_type, coordinate, multiplier, tree_p } = this.model;
        const joint = coordinate[body];
        const slides = joint_type[body] === 1;
        if (joint < this.arm_joints) levers[joint] += Math.abs(multiplier[body]) * (slides ? 1 : way);
        way += Math.hypot(tree_p[3 * body], tree_p[3 * body + 1], tree_p[3 * body + 2]);
        if (slides) way += this.stroke(body);
      }
    }
    return levers;
  }

  /** Bodies from the link's own to the root's first. */
  private chain(link: string): number[] {
    const bodies: number[] = [];
    for (let body = this.bodyOf(link); body >= 0; body = this.model.parent[body]) bodies.push(body);
    return bodies;
  }

  private stroke(body: number): number {
    const { position_lower, position_upper, coordinate, multiplier, offset } = this.model;
    const k = coordinate[body];
    const ends = [position_lower[k], position_upper[k]].map((q) => Math.abs(multiplier[body] * q + offset[body]));
    return Math.max(...ends);
  }
}

/** Radius about its own origin that holds a shape (m). */
export function radiusOf(shape: Shape | ConvexMesh): number {
  switch (shape.type) {
    case 'box':
      return Math.hypot(...shape.size) / 2;
    case 'cylinder':
      return Math.hypot(shape.radius, shape.length / 2);
    case 'sphere':
      return shape.radius;
    case 'mesh': {
      const { lower, upper } = meshBounds(shape);
      const corner = [0, 1, 2].map((k) => Math.max(Math.abs(lower[k]), Math.abs(upper[k])));
      return Math.hypot(...corner) + shape.short_m;
    }
  }
}
