import type { RobotData, RobotModel } from '../../dynamics/index.ts';
import type { LinkLevers } from './link_levers.ts';

/** How fast any point of one link moves against the world, or against another link, at joint velocities: upper bounds. */
export class RowSpeeds {
  /** By pair, m/s; written by `move`. */
  readonly speeds: Float64Array;
  private readonly model: RobotModel;
  /** Body of the first link of every pair and of the second, −1 for what stands; extent of the first (m). */
  private readonly body_a: Int32Array;
  private readonly body_b: Int32Array;
  private readonly extent: Float64Array;
  /** Twist of every body at the root's origin, angular over linear, and a zero one after them for what stands. */
  private readonly twists: Float64Array;

  /** @param a  links; @param b  the others, '' for the world */
  constructor(levers: LinkLevers, model: RobotModel, a: readonly string[], b: readonly string[]) {
    this.model = model;
    this.speeds = new Float64Array(a.length);
    this.body_a = Int32Array.from(a, (link) => levers.bodyOf(link));
    this.body_b = Int32Array.from(b, (link) => (link === '' ? -1 : levers.bodyOf(link)));
    this.extent = Float64Array.from(a, (link) => levers.extentOf(link));
    this.twists = new Float64Array(6 * (model.nb + 1));
  }

  /** @param data  after placeBodies; @param velocity  of the arm's joints (rad/s) */
  move(data: RobotData, velocity: Float64Array): void {
    const { model, twists, body_a, body_b, extent, speeds } = this;
    const { nb, parent, coordinate } = model;
    const { S, p } = data;
    for (let body = 0; body < nb; body++) {
      const from = 6 * (parent[body] < 0 ? nb : parent[body]);
      const rate = coordinate[body] < velocity.length ? velocity[coordinate[body]] : 0;
      for (let k = 0; k < 6; k++) twists[6 * body + k] = twists[from + k] + S[6 * body + k] * rate;
    }
    for (let row = 0; row < speeds.length; row++) {
      const body = body_a[row];
      const a = 6 * (body < 0 ? nb : body);
      const b = 6 * (body_b[row] < 0 ? nb : body_b[row]);
      const x = body < 0 ? 0 : p[3 * body];
      const y = body < 0 ? 0 : p[3 * body + 1];
      const z = body < 0 ? 0 : p[3 * body + 2];
      const wx = twists[a] - twists[b];
      const wy = twists[a + 1] - twists[b + 1];
      const wz = twists[a + 2] - twists[b + 2];
      const vx = twists[a + 3] - twists[b + 3] + wy * z - wz * y;
      const vy = twists[a + 4] - twists[b + 4] + wz * x - wx * z;
      const vz = twists[a + 5] - twists[b + 5] + wx * y - wy * x;
      speeds[row] = Math.sqrt(vx * vx + vy * vy + vz * vz) + extent[row] * Math.sqrt(wx * wx + wy * wy + wz * wz);
    }
  }
}
