import { forwardKinematics, RobotData, type RobotModel, rnea } from '../dynamics/index.ts';

/** Error feedback of a computed-torque servo, per unit of inertia: e¨ + damping·e˙ + stiffness·e = 0. */
export interface ServoGains {
  readonly stiffness_per_s2: number;
  readonly damping_per_s: number;
}

/** Critically damped at 80 rad/s: settles in about 60 ms, well inside what a 2 ms step can damp. */
export const DEFAULT_GAINS: ServoGains = { stiffness_per_s2: 6400, damping_per_s: 160 };

/**
 * Inverse-dynamics (computed-torque) control (Siciliano et al., Robotics, 2009, §8.5.2):
 * tau = RNEA(q, v, a_ref + kp (q_ref − q) + kd (v_ref − v)), gravity and Coriolis forces fed forward.
 *
 * For a plant stepped as v += h·a, q += h·v, errors are taken against the reference of the step's start and `a_ref` is
 * the acceleration that leads to the reference of its end; an exact model then follows without lag.
 */
export class ComputedTorqueServo {
  readonly gains: ServoGains;
  private readonly model: RobotModel;
  private readonly data: RobotData;
  private readonly stiffness: number;
  private readonly damping: number;
  private readonly acceleration: Float64Array;
  private readonly force: Float64Array;

  constructor(model: RobotModel, gains: ServoGains = DEFAULT_GAINS) {
    this.model = model;
    this.data = new RobotData(model);
    this.gains = gains;
    this.stiffness = gains.stiffness_per_s2;
    this.damping = gains.damping_per_s;
    this.acceleration = new Float64Array(model.nq);
    this.force = new Float64Array(model.nq);
  }

  /**
   * Joint forces for the controlled coordinates 0 .. q_ref.length − 1 into `tau` (Nm or N); the others (fingers) are left
   * as they are and taken as unaccelerated.
   *
   * @param q,v  measured state, nq (rad, rad/s)
   * @param q_ref,v_ref,a_ref  reference of the controlled coordinates (rad, rad/s, rad/s²)
   */
  torque(
    q: Float64Array,
    v: Float64Array,
    q_ref: Float64Array,
    v_ref: Float64Array,
    a_ref: Float64Array,
    tau: Float64Array,
  ): void {
    const { acceleration, force, stiffness, damping } = this;
    const controlled = q_ref.length;
    for (let i = 0; i < controlled; i++) {
      acceleration[i] = a_ref[i] + stiffness * (q_ref[i] - q[i]) + damping * (v_ref[i] - v[i]);
    }
    forwardKinematics(this.model, this.data, q);
    rnea(this.model, this.data, v, acceleration, force);
    for (let i = 0; i < controlled; i++) tau[i] = force[i];
  }
}
