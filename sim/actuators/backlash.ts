/**
 * Play between motors and joints. Engaged, a motor turns with its joint and its torque reaches it; when the torque
 * changes sign the motor leaves that flank, crosses the gap by its own inertia, and meets the other flank inelastically:
 * the joint gets the impulse that makes their speeds one. Rigid flanks, as in Nordin and Gutman, Controlling mechanical
 * systems with backlash, Automatica 38, 2002, without shaft compliance. In the gap the joint keeps the rotor's inertia.
 */
export class Backlash {
  /** Angle of the motor beyond its joint (rad), its speed in the gap (rad/s), and its flank: 1, −1, or 0 in the gap. */
  readonly offset: Float64Array;
  private readonly speed: Float64Array;
  private readonly flank: Float64Array;
  private readonly half: Float64Array;
  private readonly rotor: Float64Array;
  private readonly damping: Float64Array;

  /**
   * @param width_rad  end to end, per joint; 0 for none
   * @param rotor_kg_m2  inertia of the rotor seen at the joint
   * @param damping_Nm_s_rad  how the drive's torque falls with the motor's speed in one step: taken implicitly, for a
   * servo tuned to the whole joint would be unstable on the rotor alone
   */
  constructor(width_rad: Float64Array, rotor_kg_m2: Float64Array, damping_Nm_s_rad: Float64Array) {
    this.half = width_rad.map((width) => width / 2);
    this.rotor = rotor_kg_m2;
    this.damping = damping_Nm_s_rad;
    this.offset = new Float64Array(width_rad.length);
    this.speed = new Float64Array(width_rad.length);
    this.flank = new Float64Array(width_rad.length);
  }

  get memory(): readonly Float64Array[] {
    return [this.offset, this.speed, this.flank];
  }

  /** Motors in the middle of their gaps, at the speed of the joints. */
  reset(v: Float64Array): void {
    this.offset.fill(0);
    this.flank.fill(0);
    for (let i = 0; i < this.speed.length; i++) this.speed[i] = v[i];
  }

  /** Moves the motors in their gaps on by the last step of `dt` (s), at whose end the joints move at v (rad/s). */
  advance(v: Float64Array, dt: number): void {
    const { offset, speed, flank, half } = this;
    for (let i = 0; i < half.length; i++) {
      if (flank[i] !== 0 || half[i] === 0) continue;
      offset[i] += dt * (speed[i] - v[i]);
      if (offset[i] > half[i]) offset[i] = half[i];
      else if (offset[i] < -half[i]) offset[i] = -half[i];
    }
  }

  /** Turns positions and velocities of the joints into those of the motors (rad, rad/s), in place. */
  observe(q: Float64Array, v: Float64Array): void {
    const { offset, speed, flank, half } = this;
    for (let i = 0; i < half.length; i++) {
      q[i] += offset[i];
      if (flank[i] === 0 && half[i] > 0) v[i] = speed[i];
    }
  }

  /** Torques of the motors to those at the joints, which move at v, for a step of `dt` (s). */
  transmit(motor: Float64Array, v: Float64Array, dt: number, joint: Float64Array): void {
    const { offset, speed, flank, half, rotor, damping } = this;
    for (let i = 0; i < half.length; i++) {
      joint[i] = motor[i];
      if (half[i] === 0) continue;
      if (flank[i] * motor[i] < 0) {
        flank[i] = 0;
        speed[i] = v[i];
      } else if (flank[i] === 0 && Math.abs(offset[i]) === half[i] && offset[i] * (speed[i] - v[i]) >= 0) {
        flank[i] = Math.sign(offset[i]);
        joint[i] += (rotor[i] * (speed[i] - v[i])) / dt;
      }
      if (flank[i] !== 0) continue;
      speed[i] += (dt * motor[i]) / (rotor[i] + dt * damping[i]);
      joint[i] = 0;
    }
  }
}
