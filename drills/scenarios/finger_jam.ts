import type { GripperModel, Robot } from '../../robots/index.ts';
import type { PhysicsEngine } from '../../sim/index.ts';

/** Of what is jammed, N/m and N s/m: stiff beside the drive of the fingers. */
const STIFFNESS_N_M = 20_000;
const DAMPING_N_S_M = 40;

/** Something between the fingers: pushes both apart where they come nearer to each other than it is wide. */
export class FingerJam {
  private readonly engine: PhysicsEngine;
  private readonly gripper: GripperModel;
  private readonly fingers: readonly number[];
  private readonly half_m: number;
  private readonly centres: readonly Float64Array[];
  private readonly wrench = new Float64Array(6);

  constructor(engine: PhysicsEngine, robot: Robot, width_m: number) {
    if (robot.gripper === null) throw new Error('only fingers can be jammed');
    this.engine = engine;
    this.gripper = robot.gripper;
    const { coordinate } = robot.model;
    this.fingers = [...coordinate.keys()].filter((body) => coordinate[body] === robot.gripper?.coordinate);
    this.half_m = width_m / 2;
    this.centres = this.fingers.map(() => new Float64Array(12));
  }

  step(): void {
    const { engine, gripper, fingers, centres, half_m, wrench } = this;
    const near_m = half_m - engine.q[gripper.coordinate];
    if (near_m <= 0) return;
    const force_N = Math.max(0, STIFFNESS_N_M * near_m - DAMPING_N_S_M * engine.v[gripper.coordinate]);
    fingers.forEach((finger, i) => void engine.bodyPose(finger, centres[i]));
    const [a, b] = centres;
    const apart = [9, 10, 11].map((k) => a[k] - b[k]);
    const length = Math.hypot(...apart);
    fingers.forEach((finger, i) => {
      const sign = i === 0 ? 1 : -1;
      for (let k = 0; k < 3; k++) wrench[k] = (sign * force_N * apart[k]) / length;
      engine.pushBody(finger, wrench);
    });
  }
}
