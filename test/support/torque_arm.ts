import type { RobotState } from '../../control/index.ts';
import { forwardDynamics, forwardKinematics, kineticEnergy, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';

const LOCKED = 1e12;

/** A frictionless arm in free space driven by joint torques, its fingers locked; stepped by semi-implicit Euler. */
export class TorqueArm {
  readonly state: RobotState;
  /** Joint torques of external forces, nq, Nm; the owner sets them. */
  readonly external: Float64Array;
  readonly tau: Float64Array;
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly locked: Float64Array;
  private readonly sum: Float64Array;
  private readonly qdd: Float64Array;

  constructor(
    robot: Robot,
    q: ArrayLike<number> = robot.home_q,
    v: ArrayLike<number> = new Float64Array(robot.model.nq),
  ) {
    const { nq } = robot.model;
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.state = {
      position: Float64Array.from(q),
      velocity: Float64Array.from(v),
      effort: new Float64Array(nq),
      wrench: new Float64Array(6),
    };
    this.external = new Float64Array(nq);
    this.tau = new Float64Array(robot.arm_joints);
    this.sum = new Float64Array(nq);
    this.qdd = new Float64Array(nq);
    this.locked = Float64Array.from({ length: nq }, (_, i) => (i < robot.arm_joints ? 0 : LOCKED));
  }

  /** Accelerations under the present torques, nq. */
  accelerations(): Float64Array {
    const { robot, data, state, sum, qdd, tau, external } = this;
    for (let i = 0; i < sum.length; i++) sum[i] = (i < tau.length ? tau[i] : 0) + external[i];
    forwardKinematics(robot.model, data, state.position);
    forwardDynamics(robot.model, data, state.velocity, sum, qdd, this.locked);
    return qdd;
  }

  step(dt_s: number): void {
    const { state, tau } = this;
    const qdd = this.accelerations();
    for (let i = 0; i < qdd.length; i++) {
      state.velocity[i] += dt_s * qdd[i];
      state.position[i] += dt_s * state.velocity[i];
      state.effort[i] = i < tau.length ? tau[i] : 0;
    }
  }

  kineticEnergy(): number {
    forwardKinematics(this.robot.model, this.data, this.state.position);
    return kineticEnergy(this.robot.model, this.data, this.state.velocity);
  }
}
