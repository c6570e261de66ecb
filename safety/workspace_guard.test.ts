import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../dynamics/index.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { envelopeForRobot } from './envelope.ts';
import { JointGuard } from './joint_guard.ts';
import { WorkspaceGuard } from './workspace_guard.ts';

const ROBOT = plainArm();
const HZ = 500;
const BOX = { lower: [0.2, -0.35, 0.05], upper: [0.75, 0.35, 0.9] };

function makeJoints(): JointGuard[] {
  return envelopeForRobot(ROBOT).joints.map(
    (joint) =>
      new JointGuard(
        {
          position_lower: joint.position_lower_rad,
          position_upper: joint.position_upper_rad,
          velocity: joint.velocity_rad_per_s,
          acceleration: joint.acceleration_rad_per_s2,
          jerk: joint.jerk_rad_per_s3,
        },
        HZ,
      ),
  );
}

/** Least distance of the tool to a face over the proposal and every cycle of the stop from it. */
function slowClearance(joints: readonly JointGuard[], data: RobotData): number {
  const q = ROBOT.home_q.slice();
  const pose = new Float64Array(12);
  const frame = frameIndex(ROBOT.model, 'tool');
  const cycles = Math.max(...joints.map((joint) => joint.tail.cycles));
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k <= cycles; k++) {
    joints.forEach((joint, i) => {
      joint.tail.locate(k);
      q[i] = joint.next_p + joint.tail.displacement;
    });
    forwardKinematics(ROBOT.model, data, q);
    framePose(ROBOT.model, data, frame, pose);
    for (let axis = 0; axis < 3; axis++) {
      least = Math.min(least, pose[9 + axis] - BOX.lower[axis], BOX.upper[axis] - pose[9 + axis]);
    }
  }
  return least;
}

describe('workspace guard', () => {
  it('decides as a check of every pose of the tail does', () => {
    const rng = createRng(31);
    const joints = makeJoints();
    const guard = new WorkspaceGuard(ROBOT.model, 'tool', BOX.lower, BOX.upper, joints);
    const data = new RobotData(ROBOT.model);
    let inside = 0;
    let outside = 0;
    let poses = 0;
    for (let i = 0; i < 4000; i++) {
      joints.forEach((joint, k) => {
        const { bounds } = joint;
        const home = ROBOT.home_q[k];
        joint.next_p = Math.min(Math.max(home + rng.range(-0.5, 0.5), bounds.position_lower), bounds.position_upper);
        joint.next_v = bounds.velocity * rng.range(-1, 1) * (i % 3 === 0 ? 0.1 : 1);
        joint.next_a = bounds.acceleration * rng.range(-1, 1);
        joint.tail.velocity = joint.next_v;
        joint.tail.acceleration = joint.next_a;
        joint.tail.solve();
      });
      const clearance = slowClearance(joints, data);
      const before = guard.poses;
      const allowed = guard.allows();
      poses = Math.max(poses, guard.poses - before);
      expect(allowed, `case ${i}: clearance ${clearance}`).toBe(clearance >= 0);
      if (allowed) inside++;
      else outside++;
    }
    expect(inside).toBeGreaterThan(500);
    expect(outside).toBeGreaterThan(500);
    expect(poses).toBeLessThan(96);
  });

  it('follows a slow motion far from the faces by its bounds alone', () => {
    const joints = makeJoints();
    joints.forEach((joint, i) => {
      joint.reset(ROBOT.home_q[i]);
    });
    const guard = new WorkspaceGuard(ROBOT.model, 'tool', BOX.lower, BOX.upper, joints);
    for (let k = 0; k < 200; k++) {
      for (const joint of joints) joint.proposeTowardsVelocity(Float64Array.of(0.05), 0);
      expect(guard.allows()).toBe(true);
      for (const joint of joints) joint.commit();
    }
    expect(guard.poses).toBeLessThan(10);
  });
});
