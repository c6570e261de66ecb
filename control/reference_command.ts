import type { Robot } from '../robots/index.ts';
import type { CommandRequest } from '../safety/index.ts';
import { ComputedTorqueServo, type ServoGains } from './computed_torque.ts';
import type { JointMotion } from './motion_path.ts';

/** Softer than a drive's own: through the gate torques change only so fast, and stiff feedback at its rate limit swings. */
const TORQUE_GAINS: ServoGains = { stiffness_per_s2: 900, damping_per_s: 60 };
/** Position feedback of the velocity interface, 1/s. */
const POSITION_GAIN_PER_S = 8;

/**
 * Writes where the joints are to be at the end of a cycle as a command of the arm's interface. `position`: as it is, and the
 * gate adds velocity and acceleration by differences. `velocity`: the velocity that leads there, and feedback of position.
 * `torque`: computed torque with the acceleration that leads there (ComputedTorqueServo).
 */
export class ReferenceCommand {
  private readonly kind: 'position' | 'velocity' | 'torque';
  private readonly hz: number;
  private readonly servo: ComputedTorqueServo | null;
  /** Reference at the end of the last cycle. */
  private readonly q_ref: Float64Array;
  private readonly v_ref: Float64Array;
  private readonly a_ref: Float64Array;

  constructor(robot: Robot, hz: number, kind: 'position' | 'velocity' | 'torque') {
    const n = robot.arm_joints;
    this.kind = kind;
    this.hz = hz;
    this.servo = kind === 'torque' ? new ComputedTorqueServo(robot.model, TORQUE_GAINS) : null;
    this.q_ref = new Float64Array(n);
    this.v_ref = new Float64Array(n);
    this.a_ref = new Float64Array(n);
  }

  restart({ position, velocity }: JointMotion): void {
    for (let i = 0; i < this.q_ref.length; i++) {
      this.q_ref[i] = position[i];
      this.v_ref[i] = velocity[i];
    }
  }

  /** Kind and values of `request` for the joints to be at `wanted` (rad); `q`, `v`: measured. */
  write(wanted: Float64Array, q: Float64Array, v: Float64Array, request: CommandRequest): void {
    const { kind, servo, hz, q_ref, v_ref, a_ref } = this;
    const { values } = request;
    request.kind = kind;
    for (let i = 0; i < q_ref.length; i++) {
      const rate = (wanted[i] - q_ref[i]) * hz;
      a_ref[i] = (rate - v_ref[i]) * hz;
      if (kind === 'position') values[i] = wanted[i];
      else if (kind === 'velocity') values[i] = rate + POSITION_GAIN_PER_S * (q_ref[i] - q[i]);
    }
    servo?.torque(q, v, q_ref, v_ref, a_ref, values);
    for (let i = 0; i < q_ref.length; i++) {
      v_ref[i] = (wanted[i] - q_ref[i]) * hz;
      q_ref[i] = wanted[i];
    }
  }
}
