import { createRng, type Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { ArmGuards } from '../../safety/arm_guards.ts';
import { type Envelope, envelopeForRobot } from '../../safety/envelope.ts';
import { GuardedMotion } from '../../safety/guarded_motion.ts';
import { JointGuard } from '../../safety/joint_guard.ts';
import { hardBounds, jointBounds } from '../../safety/joint_limits.ts';
import type { Obstacle } from '../../safety/obstacle.ts';
import { randomObstacle } from './tail_oracle.ts';

const HZ = 500;
/** Obstacles are no farther from the arm at home, as its own links are (m). */
const NEAR_M = 0.15;

/** An arm's motion, with the guards of an envelope or without any. */
class Twin {
  readonly joints: readonly JointGuard[];
  readonly guards: ArmGuards | null;
  readonly motion: GuardedMotion;

  constructor(robot: Robot, envelope: Envelope, guarded: boolean, adapt: boolean) {
    this.joints = envelope.joints.map(
      (joint, i) => new JointGuard(jointBounds(envelope, i, joint.jerk_rad_per_s3), HZ, hardBounds(robot, i)),
    );
    this.joints.forEach((joint, i) => {
      joint.reset(robot.home_q[i]);
    });
    this.guards = guarded ? new ArmGuards(robot, envelope, this.joints, HZ) : null;
    this.motion = new GuardedMotion(this.joints, HZ, this.guards);
    this.motion.adapt = adapt;
  }

  /** Goes on from where another is. */
  copy(other: Twin): void {
    this.joints.forEach((joint, i) => {
      const { p, v, a } = other.joints[i];
      joint.p = p;
      joint.v = v;
      joint.a = a;
    });
  }
}

export interface TwinResult {
  /** Cycles in which a guard refused what was wanted, and those in which the change was greater than the blend's. */
  refused: number;
  worse: number;
  /** Sums over the refused cycles of the distance of what was sent from what was wanted, relative to the joints' limits. */
  changed: number;
  blended: number;
  found: number;
}

/**
 * Random velocities among random obstacles; in every cycle the smallest change and the blend with the stop start from the
 * same state, and both are compared with what the joints would do without guards.
 */
export function compareWithBlend(robot: Robot, seed: number, cycles: number, obstacles: number): TwinResult {
  const rng = createRng(seed, 'twins');
  const envelope = envelopeForRobot(robot);
  const adapting = new Twin(robot, envelope, true, true);
  const blending = new Twin(robot, envelope, true, false);
  const free = new Twin(robot, envelope, false, false);
  const set = freeObstacles(rng, robot, adapting, obstacles);
  const result = { refused: 0, worse: 0, changed: 0, blended: 0, found: 0 };
  const command = new Float64Array(robot.arm_joints);
  const now = new Float64Array(1);
  for (const { guards } of [adapting, blending]) guards?.setObstacles(set, 0);
  for (let k = 0; k < cycles; k++) {
    now[0] = k / HZ;
    blending.copy(adapting);
    free.copy(adapting);
    if (k % 60 === 0) {
      for (let i = 0; i < command.length; i++) {
        const back = robot.home_q[i] - adapting.joints[i].p;
        command[i] = envelope.joints[i].velocity_rad_per_s * Math.max(-1, Math.min(1, 0.7 * rng.normal() + back));
      }
    }
    for (const twin of [adapting, blending, free]) {
      twin.guards?.prepare(now, false);
      twin.motion.followVelocity(command);
    }
    const changed = distance(adapting, free);
    const blended = distance(blending, free);
    if (changed !== 0 || blended !== 0) {
      result.refused++;
      result.changed += changed;
      result.blended += blended;
      if (changed > 1.01 * blended) result.worse++;
    }
    adapting.motion.commit();
  }
  result.found = adapting.motion.filter?.changed ?? 0;
  return result;
}

function distance(one: Twin, other: Twin): number {
  let sum = 0;
  one.joints.forEach((joint, i) => {
    sum += ((joint.next_a - other.joints[i].next_a) / joint.bounds.acceleration) ** 2;
  });
  return Math.sqrt(sum);
}

function freeObstacles(rng: Rng, robot: Robot, { guards }: Twin, count: number): Obstacle[] {
  const set: Obstacle[] = [];
  if (guards === null) return set;
  for (let tries = 0; set.length < count && tries < 100 * count; tries++) {
    const obstacle = randomObstacle(rng, `obstacle ${set.length}`);
    guards.setObstacles([obstacle], 0);
    const clearance = guards.clearanceOf(robot.home_q);
    if (clearance >= 0 && clearance < NEAR_M) set.push(obstacle);
  }
  return set;
}
