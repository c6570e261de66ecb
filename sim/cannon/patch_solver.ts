import { type Body, Solver, type World } from 'cannon-es';
import type { RobotData } from '../../dynamics/index.ts';
import { ArmMotion, type RobotState } from './arm_motion.ts';
import { ConjugateStep } from './conjugate_step.ts';
import type { ContactOptions } from './contact_options.ts';
import type { Contacts } from './contacts.ts';
import { freeMotion } from './free_motion.ts';
import { JointConstraints } from './joint_constraints.ts';
import { MAX_POINTS } from './manifold.ts';
import { Patches } from './patches.ts';
import { Rows } from './rows.ts';

/** Sweeps from this one on are followed by conjugate steps. */
const ACCELERATED = 4;

/**
 * Velocities of the robot and the objects under their forces, contacts, joint friction and stops, for one step.
 *
 * Projected Gauss-Seidel with warm start. A contact point is a spring and damper (softness and bias of its row; Catto,
 * Soft Constraints, 2011), so that the load spreads over a pad. A patch has one friction law at its centre of pressure:
 * two tangents and the torsion about the normal, bounded together by sqrt(t1² + t2² + (τ/r)²) ≤ μ Σ n with the mean
 * lever r. A patch that sticks is pulled back to the anchor where it began to. Rows act on the arm by J M⁻¹ Jᵀ, M with
 * the implicit terms of its actuators on the diagonal; the objects' velocities and the robot's q and v are written.
 */
export class PatchSolver extends Solver {
  readonly rows: Rows;
  readonly contacts: Contacts;
  readonly patches: Patches;
  readonly joints: JointConstraints;
  /** Steps solved; what a pair remembers holds for the next alone. */
  step_number = 0;
  /** Sweeps of the last step. */
  sweeps = 0;
  readonly arm: ArmMotion;
  private readonly robot: RobotState;
  private readonly objects: readonly Body[];
  private readonly options: ContactOptions;
  private readonly conjugate: ConjugateStep;

  constructor(
    data: RobotData,
    robot: RobotState,
    objects: readonly Body[],
    contacts: Contacts,
    options: ContactOptions,
  ) {
    super();
    const { rigid_p } = contacts.colliders;
    this.robot = robot;
    this.objects = objects;
    this.contacts = contacts;
    this.options = options;
    this.rows = new Rows(data, objects.length, contacts.pair_a.length * (MAX_POINTS + 3), rigid_p);
    this.patches = new Patches(contacts, this.rows, options);
    this.arm = new ArmMotion(data, robot);
    this.conjugate = new ConjugateStep(this.rows);
    this.joints = new JointConstraints(data);
  }

  /** Forgets impulses and anchors: the robot or the objects were put elsewhere. */
  reset(): void {
    this.contacts.touched.fill(-2);
    this.contacts.anchored.fill(0);
    this.contacts.patches = 0;
    this.joints.reset();
    this.arm.reset();
  }

  /** Solves one step of `dt` (s); returns the number of sweeps. */
  override solve(dt: number, world: World): number {
    const { contacts, rows, patches, joints, conjugate, options } = this;
    this.step_number++;
    freeMotion(dt, world, this.arm, this.objects, rows);
    joints.prepare(this.robot.q, rows.u, dt);
    let r = 0;
    for (let patch = 0; patch < contacts.patches; patch++) r = patches.build(patch, r, dt, this.step_number);
    let sweep = 0;
    conjugate.reset();
    while (sweep < options.most_iterations) {
      sweep++;
      rows.change[0] = 0;
      if (sweep >= ACCELERATED) conjugate.before(r);
      joints.sweep(rows.u, rows.change);
      for (let patch = 0; patch < contacts.patches; patch++) patches.sweep(patch);
      const change = rows.change[0];
      if (change < options.tolerance_J || (sweep >= options.iterations && change < options.coarse_J)) break;
      if (sweep >= ACCELERATED) conjugate.after(r);
    }
    this.sweeps = sweep;
    patches.remember(this.step_number);
    this.writeVelocities(dt);
    return sweep;
  }

  /** Writes the velocities of the robot and the objects, and the robot's positions after `dt` (s). */
  private writeVelocities(dt: number): void {
    const { objects } = this;
    const { u, nq } = this.rows;
    this.arm.finish(dt, u);
    for (let k = 0; k < objects.length; k++) {
      const body = objects[k];
      const o = nq + 6 * k;
      body.velocity.set(u[o], u[o + 1], u[o + 2]);
      body.angularVelocity.set(u[o + 3], u[o + 4], u[o + 5]);
      // Already in the velocity: cannon's own integration must not add them again.
      body.force.set(0, 0, 0);
      body.torque.set(0, 0, 0);
    }
  }
}
