import type { Pose, Quaternion, Vector3 } from '../contracts/index.ts';

/** Mean of poses that are near each other: positions, and quaternions after they were brought to the same side. */
export function meanPose(poses: readonly Pose[]): Pose {
  const position: [number, number, number] = [0, 0, 0];
  const sum: [number, number, number, number] = [0, 0, 0, 0];
  const [first] = poses;
  for (const pose of poses) {
    const same = dot(pose.orientation, first.orientation) < 0 ? -1 : 1;
    for (let i = 0; i < 3; i++) position[i] += pose.position[i] / poses.length;
    for (let i = 0; i < 4; i++) sum[i] += same * pose.orientation[i];
  }
  const length = (sum[3] < 0 ? -1 : 1) * Math.hypot(...sum);
  const mean: Vector3 = position;
  return { position: mean, orientation: [sum[0] / length, sum[1] / length, sum[2] / length, sum[3] / length] };
}

function dot(a: Quaternion, b: Quaternion): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}
