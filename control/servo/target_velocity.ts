import { multiplyMatrices, rotationLog } from '../../dynamics/index.ts';

/** Nearer than this the target is reached (m, rad). */
const REACHED = 1e-9;

/** Velocities at full speed straight towards targets, and the time they would take. */
export class TargetVelocity {
  /** Linear (m/s) over angular (rad/s), axes of the root link or of the twist's own frame. */
  readonly twist = new Float64Array(6);
  /** Time to the target at this speed (s), in its first entry. */
  readonly time_left = new Float64Array(1);
  /** Share of the velocity asked for that is left, in its first entry. */
  readonly share = new Float64Array(1);
  private readonly n: number;
  private readonly joint_speed: Float64Array;
  private readonly speed: number;
  private readonly turn: number;
  private readonly inverse = new Float64Array(9);
  private readonly turned = new Float64Array(9);

  constructor(n: number, joint_speed: Float64Array, limits: { tool_speed_m_s: number; tool_turn_rad_s: number }) {
    this.n = n;
    this.joint_speed = joint_speed;
    this.speed = limits.tool_speed_m_s;
    this.turn = limits.tool_turn_rad_s;
  }

  /** All joints arrive together; the slowest at its limit. */
  towardsJoints(q: Float64Array, target: Float64Array, out: Float64Array): void {
    let time = 0;
    for (let i = 0; i < this.n; i++) time = Math.max(time, Math.abs(target[i] - q[i]) / this.joint_speed[i]);
    this.time_left[0] = time;
    for (let i = 0; i < this.n; i++) out[i] = time > REACHED ? (target[i] - q[i]) / time : 0;
  }

  /** Twist of the tool that goes and turns straight to a pose; both T_base_tool, 12. */
  towardsPose(pose: Float64Array, target: Float64Array): void {
    const { inverse, turned, twist } = this;
    for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) inverse[3 * r + c] = pose[3 * c + r];
    multiplyMatrices(target, 0, inverse, 0, turned);
    rotationLog(turned, 0, twist, 3);
    for (let k = 0; k < 3; k++) twist[k] = target[9 + k] - pose[9 + k];
    const way = Math.sqrt(twist[0] * twist[0] + twist[1] * twist[1] + twist[2] * twist[2]);
    const angle = Math.sqrt(twist[3] * twist[3] + twist[4] * twist[4] + twist[5] * twist[5]);
    const time = Math.max(way / this.speed, angle / this.turn);
    this.time_left[0] = time;
    for (let d = 0; d < 6; d++) twist[d] = time > REACHED ? twist[d] / time : 0;
  }

  /** The commanded dimensions of a twist, slowed to what the tool may do; the share that is left goes into `share`. */
  limitTwist(wanted: Float64Array, commanded: Uint8Array): void {
    const { twist } = this;
    for (let d = 0; d < 6; d++) twist[d] = commanded[d] === 0 ? 0 : wanted[d];
    const speed = Math.sqrt(twist[0] * twist[0] + twist[1] * twist[1] + twist[2] * twist[2]);
    const turn = Math.sqrt(twist[3] * twist[3] + twist[4] * twist[4] + twist[5] * twist[5]);
    const share = Math.min(1, this.speed / Math.max(speed, 1e-300), this.turn / Math.max(turn, 1e-300));
    for (let d = 0; d < 6; d++) twist[d] *= share;
    this.share[0] = share;
  }
}
