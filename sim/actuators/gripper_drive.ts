import type { GripperModel } from '../../robots/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import { clamp } from './torque_limits.ts';

const REFERENCE = 0;
const TARGET = 1;
const FORCE = 2;

/** Drive of a parallel gripper: runs to its width at limited speed and with limited force. */
export class GripperDrive {
  private readonly gripper: GripperModel;
  private readonly engine: PhysicsEngine;
  private readonly stiffness: number;
  private readonly damping: number;
  /** Finger coordinate: reference, target (m); force limit of both fingers together (N). */
  private readonly finger = new Float64Array(3);

  /** @param stiffness,damping  of the finger coordinate, N/m and N s/m */
  constructor(gripper: GripperModel, engine: PhysicsEngine, stiffness: number, damping: number) {
    this.gripper = gripper;
    this.engine = engine;
    this.stiffness = stiffness;
    this.damping = damping;
  }

  get memory(): readonly Float64Array[] {
    return [this.finger];
  }

  /** Holds the fingers where the engine has them. */
  reset(): void {
    const { finger, gripper } = this;
    finger[REFERENCE] = this.engine.q[gripper.coordinate];
    finger[TARGET] = finger[REFERENCE];
    finger[FORCE] = 2 * gripper.max_force_N;
  }

  /** Distance between the fingers, m, and force of each, N, from received[at ..]. */
  command(received: Float64Array, at: number): void {
    const { max_width_m, max_force_N } = this.gripper;
    this.finger[TARGET] = 0.5 * clamp(received[at], 0, max_width_m);
    this.finger[FORCE] = 2 * clamp(received[at + 1], 0, max_force_N);
  }

  /** Sets force, damping and stiffness of the finger coordinate for the next step of the engine. */
  actuate(): void {
    const { engine, finger, gripper, stiffness: k } = this;
    const c = gripper.coordinate;
    const travel = gripper.max_speed_m_s * engine.dt_s;
    const reach = finger[FORCE] / k;
    const wanted = finger[REFERENCE] + clamp(finger[TARGET] - finger[REFERENCE], -travel, travel);
    // Bounded to where it asks for the force limit, so that nothing winds up while the fingers are held.
    finger[REFERENCE] = clamp(wanted, engine.q[c] - reach, engine.q[c] + reach);
    engine.tau[c] = k * (finger[REFERENCE] - engine.q[c]);
    engine.implicit_damping[c] = this.damping;
    engine.implicit_stiffness[c] = finger[REFERENCE] === wanted ? k : 0;
  }
}
