import type { RobotModel } from '../../dynamics/index.ts';
import type { Layout } from './layout.ts';
import type { Views } from './module.ts';

/**
 * What MuJoCo leaves out of the motion of the robot's surfaces. Its friction holds J v, by a_ref = −b J v for the
 * acceleration J v̇ without J̇ v; and a step goes h J v, without the ½ h² J̇ v by which a turning arm curves off. So what a
 * turning hand holds slides in it at J̇ v (1/b + h/2): millimetres a second. Contacts are told that velocity as one of the
 * geoms' surfaces, which friction then follows.
 */
export class SurfaceMotion {
  private readonly robot: RobotModel;
  private readonly layout: Layout;
  private readonly lag_s: number;
  /** Of each robot body, world axes: angular velocity, bias of angular acceleration, bias of acceleration of its origin. */
  private readonly spin: Float64Array;
  private readonly turn: Float64Array;
  private readonly bias: Float64Array;

  /** @param lag_s  1/b + h/2 */
  constructor(robot: RobotModel, layout: Layout, lag_s: number) {
    this.robot = robot;
    this.layout = layout;
    this.lag_s = lag_s;
    this.spin = new Float64Array(3 * robot.nb);
    this.turn = new Float64Array(3 * robot.nb);
    this.bias = new Float64Array(3 * robot.nb);
  }

  /** Sets the surface velocities of the robot's geoms for the next step, from poses and joint velocities now. */
  update(views: Views): void {
    const { robot, lag_s, spin, turn, bias } = this;
    const { link_geom, link_geom_body, link_body } = this.layout;
    const { geom_surfacevel, geom_xmat, geom_xpos, xpos } = views;
    for (let b = 0; b < robot.nb; b++) this.propagate(b, views);
    for (let k = 0; k < link_geom.length; k++) {
      const geom = link_geom[k];
      const b = link_geom_body[k];
      const o = 3 * b;
      const p = 3 * link_body[b];
      const x = geom_xpos[3 * geom] - xpos[p];
      const y = geom_xpos[3 * geom + 1] - xpos[p + 1];
      const z = geom_xpos[3 * geom + 2] - xpos[p + 2];
      const wx = spin[o];
      const wy = spin[o + 1];
      const wz = spin[o + 2];
      const along = wx * x + wy * y + wz * z;
      const square = wx * wx + wy * wy + wz * wz;
      const ax = bias[o] + turn[o + 1] * z - turn[o + 2] * y + along * wx - square * x;
      const ay = bias[o + 1] + turn[o + 2] * x - turn[o] * z + along * wy - square * y;
      const az = bias[o + 2] + turn[o] * y - turn[o + 1] * x + along * wz - square * z;
      const r = 9 * geom;
      for (let i = 0; i < 3; i++) {
        const u = geom_xmat[r + i];
        const v = geom_xmat[r + 3 + i];
        const w = geom_xmat[r + 6 + i];
        geom_surfacevel[6 * geom + i] = lag_s * (u * ax + v * ay + w * az);
        geom_surfacevel[6 * geom + 3 + i] = lag_s * (u * turn[o] + v * turn[o + 1] + w * turn[o + 2]);
      }
    }
  }

  /** Velocity and bias acceleration of body b from those of its parent (Featherstone, 2008, eq. 5.14 without joint accelerations). */
  private propagate(b: number, { xpos, xmat, qvel }: Views): void {
    const { robot, layout, spin, turn, bias } = this;
    const { axis, parent, joint_type } = robot;
    const m = layout.link_body[b];
    const rate = qvel[layout.link_dof[b]];
    const o = 3 * b;
    const r = 9 * m;
    const a0 = axis[o];
    const a1 = axis[o + 1];
    const a2 = axis[o + 2];
    const sx = rate * (xmat[r] * a0 + xmat[r + 1] * a1 + xmat[r + 2] * a2);
    const sy = rate * (xmat[r + 3] * a0 + xmat[r + 4] * a1 + xmat[r + 5] * a2);
    const sz = rate * (xmat[r + 6] * a0 + xmat[r + 7] * a1 + xmat[r + 8] * a2);
    const slides = joint_type[b] === 1;
    for (let i = 0; i < 3; i++) spin[o + i] = turn[o + i] = bias[o + i] = 0;
    const q = parent[b];
    if (q >= 0) {
      const n = 3 * layout.link_body[q];
      const x = xpos[3 * m] - xpos[n];
      const y = xpos[3 * m + 1] - xpos[n + 1];
      const z = xpos[3 * m + 2] - xpos[n + 2];
      const k = 3 * q;
      const wx = spin[k];
      const wy = spin[k + 1];
      const wz = spin[k + 2];
      const tx = turn[k];
      const ty = turn[k + 1];
      const tz = turn[k + 2];
      const along = wx * x + wy * y + wz * z;
      const square = wx * wx + wy * wy + wz * wz;
      bias[o] = bias[k] + ty * z - tz * y + along * wx - square * x;
      bias[o + 1] = bias[k + 1] + tz * x - tx * z + along * wy - square * y;
      bias[o + 2] = bias[k + 2] + tx * y - ty * x + along * wz - square * z;
      // Coriolis: ω × s of a turning joint in the turn, 2 ω × s of a sliding one in the acceleration.
      const cx = wy * sz - wz * sy;
      const cy = wz * sx - wx * sz;
      const cz = wx * sy - wy * sx;
      spin[o] = wx;
      spin[o + 1] = wy;
      spin[o + 2] = wz;
      turn[o] = tx + (slides ? 0 : cx);
      turn[o + 1] = ty + (slides ? 0 : cy);
      turn[o + 2] = tz + (slides ? 0 : cz);
      if (slides) {
        bias[o] += 2 * cx;
        bias[o + 1] += 2 * cy;
        bias[o + 2] += 2 * cz;
      }
    }
    if (!slides) {
      spin[o] += sx;
      spin[o + 1] += sy;
      spin[o + 2] += sz;
    }
  }
}
