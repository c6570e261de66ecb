import type { Pose, Quaternion, Vector3 } from '../../contracts/index.ts';

export const IDENTITY: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };

/** Between two poses, `share` of the way from the first: straight, and by the great arc. */
export function between(a: Pose, b: Pose, share: number): Pose {
  const position: Vector3 = [
    a.position[0] + share * (b.position[0] - a.position[0]),
    a.position[1] + share * (b.position[1] - a.position[1]),
    a.position[2] + share * (b.position[2] - a.position[2]),
  ];
  return { position, orientation: slerp(a.orientation, b.orientation, share) };
}

/** Shoemake 1985, the shorter way round. */
function slerp(a: Quaternion, b: Quaternion, share: number): Quaternion {
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const sign = dot < 0 ? -1 : 1;
  const angle_rad = Math.acos(Math.min(1, Math.abs(dot)));
  // Below this sin(x) / x is 1 to the last digit.
  const near = angle_rad < 1e-8;
  const from = near ? 1 - share : Math.sin((1 - share) * angle_rad) / Math.sin(angle_rad);
  const to = sign * (near ? share : Math.sin(share * angle_rad) / Math.sin(angle_rad));
  return upright([from * a[0] + to * b[0], from * a[1] + to * b[1], from * a[2] + to * b[2], from * a[3] + to * b[3]]);
}

/** T_ac = T_ab T_bc. */
export function compose(ab: Pose, bc: Pose): Pose {
  const [x, y, z] = rotate(ab.orientation, bc.position);
  return {
    position: [ab.position[0] + x, ab.position[1] + y, ab.position[2] + z],
    orientation: upright(multiply(ab.orientation, bc.orientation)),
  };
}

/** T_ba of T_ab. */
export function invert({ position, orientation: [x, y, z, w] }: Pose): Pose {
  const back: Quaternion = [-x, -y, -z, w];
  const [px, py, pz] = rotate(back, position);
  return { position: [-px, -py, -pz], orientation: back };
}

function multiply([ax, ay, az, aw]: Quaternion, [bx, by, bz, bw]: Quaternion): Quaternion {
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

/** Turns a vector: v + 2 w (u × v) + 2 u × (u × v). */
function rotate([x, y, z, w]: Quaternion, [vx, vy, vz]: Vector3): Vector3 {
  const tx = 2 * (y * vz - z * vy);
  const ty = 2 * (z * vx - x * vz);
  const tz = 2 * (x * vy - y * vx);
  return [vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx];
}

/** Of unit length, with w ≥ 0. */
function upright([x, y, z, w]: Quaternion): Quaternion {
  const scale = (w < 0 ? -1 : 1) / Math.hypot(x, y, z, w);
  return [scale * x, scale * y, scale * z, scale * w];
}
