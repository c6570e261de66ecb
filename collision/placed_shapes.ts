import { LinkShapes } from './link_shapes.ts';

/** Shapes of links that are placed all together, with what derivatives need: how a joint moves a point of a link. */
export class PlacedShapes extends LinkShapes {
  /** World's direction of a joint's axis. */
  private readonly axis = new Float64Array(3);

  /** Index of a link or HELD. RangeError if it has no collision shape. */
  link(name: string): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new RangeError(`link ${name} has no collision shape`);
    return index;
  }

  /** Places all shapes for the arm joints at `offset` of q (rad). */
  place(q: Float64Array, offset: number): void {
    this.forward(q, offset);
    this.placeLinks();
    const end = this.first[this.count];
    for (let shape = 0; shape < end; shape++) this.placeShape(shape);
  }

  /** Adds `sign` times the derivative, by the arm joints, of a link's point along a direction (3 at `at` each), to `out`. */
  addMotion(
    link: number,
    point: Float64Array,
    normal: Float64Array,
    at: number,
    sign: number,
    out: Float64Array,
    out_at: number,
  ): void {
    const { axis: u, arm_joints } = this;
    const { parent, coordinate, multiplier, joint_type, axis } = this.model;
    const { pose } = this.poses;
    for (let b = this.body[link]; b >= 0; b = parent[b]) {
      const j = coordinate[b];
      if (j >= arm_joints) continue;
      const o = 12 * b;
      for (let k = 0; k < 3; k++) {
        const r = o + 3 * k;
        u[k] = pose[r] * axis[3 * b] + pose[r + 1] * axis[3 * b + 1] + pose[r + 2] * axis[3 * b + 2];
      }
      let along = normal[at] * u[0] + normal[at + 1] * u[1] + normal[at + 2] * u[2];
      if (joint_type[b] === 0) {
        const x = point[at] - pose[o + 9];
        const y = point[at + 1] - pose[o + 10];
        const z = point[at + 2] - pose[o + 11];
        along =
          normal[at] * (u[1] * z - u[2] * y) +
          normal[at + 1] * (u[2] * x - u[0] * z) +
          normal[at + 2] * (u[0] * y - u[1] * x);
      }
      out[out_at + j] += sign * multiplier[b] * along;
    }
  }
}
