import type { ArmGuards } from '../arm_guards.ts';
import type { JointGuard } from '../joint_guard.ts';
import { reasonBit } from '../reasons.ts';
import { PAIR_ROWS } from './near_pairs.ts';
import { QuadraticProgram } from './quadratic_program.ts';
import { TailSensitivity } from './tail_sensitivity.ts';

/** Programs solved for one cycle before something else is tried. */
const TRIES = 2;
/** Reasons of guards whose barriers the program knows. */
const PAIRS = reasonBit('self_collision') | reasonBit('obstacle') | reasonBit('separation');

/**
 * The smallest change to proposals that guards refuse: the accelerations nearest to theirs, each measured by its joint's
 * limit, of which control barriers say that they and the stop from them stay clear. What comes out is a proposal that has
 * passed all guards over its whole stop. Allocates nothing after construction.
 */
export class BarrierFilter {
  /** Since the start: cycles in which a change was found, and in which none was. */
  changed = 0;
  failed = 0;
  private readonly joints: readonly JointGuard[];
  private readonly guards: ArmGuards;
  private readonly program: QuadraticProgram;
  private readonly sensitivity: TailSensitivity;

  constructor(joints: readonly JointGuard[], guards: ArmGuards, hz: number) {
    this.joints = joints;
    this.guards = guards;
    this.program = new QuadraticProgram(joints.length, PAIR_ROWS);
    this.sensitivity = new TailSensitivity(joints, hz);
  }

  /**
   * Changes the joints' proposals, which a guard has just refused for `reason` and `keepWanted` has kept, to ones that all
   * guards allow.
   * False if none were found; the proposals are then of no use.
   */
  change(reason: number): boolean {
    if (this.search(reason)) {
      this.changed++;
      return true;
    }
    this.failed++;
    return false;
  }

  private search(reason: number): boolean {
    const { joints, guards, program, sensitivity } = this;
    const { near } = guards;
    if ((reason & PAIRS) === 0) return false;
    for (let i = 0; i < joints.length; i++) if (joints[i].outside) return false;
    for (let i = 0; i < joints.length; i++) {
      const joint = joints[i];
      const { acceleration } = joint.bounds;
      program.wanted[i] = joint.next_a;
      program.weight[i] = 1 / (acceleration * acceleration);
      joint.findRange(program.lower, program.upper, i);
      joint.restoreTail();
    }
    for (let tries = 0; tries < TRIES; tries++) {
      near.note();
      program.rows = 0;
      sensitivity.begin();
      near.addRows(program, sensitivity, tries);
      if (program.rows === 0 || program.solve() !== 'solved') return false;
      for (let i = 0; i < joints.length; i++) if (!joints[i].proposeWithin(program.solution, i)) return false;
      const refusal = guards.refusal();
      if (refusal === 0) return true;
      if ((refusal & PAIRS) === 0) return false;
    }
    return false;
  }
}
