import { forwardKinematics, frameIndex, frameJacobian, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { Envelope } from '../envelope.ts';
import { StoppingTail } from '../stopping_tail.ts';
import { startPositions } from './extreme.ts';
import type { Findings } from './report.ts';

const SAMPLES = 200;
/** Parts of a joint's speed that are tried. */
const SPEEDS = 64;

/**
 * What the tool's acceleration limit leaves of its speed. A joint stops at its own acceleration limit, whatever the tool
 * then does; the gate lets in only states whose stop keeps the tool's limit. So the limit does not make an envelope
 * infeasible, it makes speeds useless: returns the greatest tool speed (m/s) one joint alone can give it and stop again,
 * null without a limit. With r the distance of the tool to the joint's axis and x the greatest deceleration of the stop from
 * v, the tool is stopped with √((r x)² + (r v²)²) at most.
 */
export function checkToolMotion(envelope: Envelope, robot: Robot, hz: number, { warnings }: Findings): number | null {
  const { speed_m_per_s, acceleration_m_per_s2: limit, reduced_speed_m_per_s, frame } = envelope.tool;
  if (speed_m_per_s !== null && speed_m_per_s < reduced_speed_m_per_s) {
    const reason = 'above the tool speed of every mode, so it reduces nothing';
    warnings.push({
      place: 'tool.reduced_speed_m_per_s',
      value: reduced_speed_m_per_s,
      bound: 'at most',
      limit: speed_m_per_s,
      reason,
    });
  }
  if (limit === null) return null;
  const { reach, together } = distances(envelope, robot, frame);
  let greatest = 0;
  envelope.joints.forEach((joint, i) => {
    const tail = new StoppingTail(joint.acceleration_rad_per_s2, joint.jerk_rad_per_s3, 1 / hz);
    for (let k = 1; k <= SPEEDS; k++) {
      const v = (joint.velocity_rad_per_s * k) / SPEEDS;
      tail.velocity = v;
      tail.acceleration = 0;
      tail.solve();
      tail.findPeakAcceleration();
      greatest = Math.max(greatest, v * Math.min(reach[i], limit / Math.hypot(tail.peak_acceleration, v * v)));
    }
  });
  if (speed_m_per_s !== null && greatest < speed_m_per_s) {
    warnings.push({
      place: 'tool.speed_m_per_s',
      value: speed_m_per_s,
      bound: 'at most',
      limit: greatest,
      reason: 'no single joint can stop from it within tool.acceleration_m_per_s2',
    });
  }
  if (together > limit) {
    warnings.push({
      place: 'tool.acceleration_m_per_s2',
      value: limit,
      bound: 'at least',
      limit: together,
      reason:
        'joints that stop together decelerate the tool by more, so motions of several joints are refused even when slow',
    });
  }
  return greatest;
}

/** Greatest distance of the tool to each joint's axis, and greatest tool deceleration by all joints, of random positions. */
function distances({ joints }: Envelope, robot: Robot, frame: string): { reach: Float64Array; together: number } {
  const { model } = robot;
  const data = new RobotData(model);
  const J = new Float64Array(6 * model.nq);
  const reach = new Float64Array(joints.length);
  let together = 0;
  const lower = joints.map((joint) => joint.position_lower_rad);
  const upper = joints.map((joint) => joint.position_upper_rad);
  for (const q of startPositions(robot.home_q, lower, upper, SAMPLES)) {
    forwardKinematics(model, data, q);
    frameJacobian(model, data, frameIndex(model, frame), J);
    const sum = [0, 0, 0];
    joints.forEach(({ acceleration_rad_per_s2 }, i) => {
      const column = [0, 1, 2].map((row) => J[row * model.nq + i]);
      reach[i] = Math.max(reach[i], Math.hypot(...column));
      // The sign that makes the sum longer.
      const dot = column[0] * sum[0] + column[1] * sum[1] + column[2] * sum[2];
      for (let row = 0; row < 3; row++) sum[row] += (dot < 0 ? -1 : 1) * acceleration_rad_per_s2 * column[row];
    });
    together = Math.max(together, Math.hypot(...sum));
  }
  return { reach, together };
}
