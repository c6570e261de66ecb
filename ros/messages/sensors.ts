import { z } from 'zod';
import type { CameraInfo, JointState, Pose, Wrench } from '../../contracts/index.ts';
import type { RosFields, RosLookups } from '../mapping.ts';
import { fieldError, floats, header, parseFields, rosHeader, rosXyz, xyz } from './fields.ts';

const jointState = z.object({
  header,
  name: z.array(z.string()),
  position: floats,
  velocity: floats,
  effort: floats,
});

/** sensor_msgs/msg/JointState. */
export function jointStateToRos({ stamp_ns, names, position, velocity, effort }: JointState): object {
  return { header: rosHeader(stamp_ns), name: names, position, velocity, effort };
}

/** Values that the publisher leaves out are NaN, as a joint_state_broadcaster says it. */
export function jointStateFromRos(fields: RosFields): JointState {
  const type = 'sensor_msgs/msg/JointState';
  const { header, name, ...values } = parseFields(jointState, fields, type);
  const whole = (key: keyof typeof values) => {
    const given = values[key];
    if (given.length === name.length) return given;
    if (given.length === 0) return new Float64Array(name.length).fill(Number.NaN);
    throw fieldError(type, [key], values[key], `has ${given.length} values for ${name.length} names`);
  };
  return {
    stamp_ns: header.stamp,
    names: name,
    position: whole('position'),
    velocity: whole('velocity'),
    effort: whole('effort'),
  };
}

const wrench = z.object({ header, wrench: z.object({ force: xyz, torque: xyz }) });

/** geometry_msgs/msg/WrenchStamped. */
export function wrenchToRos({ stamp_ns, frame_id, force, torque }: Wrench): object {
  return { header: rosHeader(stamp_ns, frame_id), wrench: { force: rosXyz(force), torque: rosXyz(torque) } };
}

export function wrenchFromRos(fields: RosFields): Wrench {
  const { header, wrench: w } = parseFields(wrench, fields, 'geometry_msgs/msg/WrenchStamped');
  return { stamp_ns: header.stamp, frame_id: header.frame_id, force: w.force, torque: w.torque };
}

const size = z.number().int().positive();
const cameraInfo = z.object({
  header,
  width: size,
  height: size,
  distortion_model: z.string(),
  d: floats,
  k: floats.refine(
    (k) => k.length === 9 && k.every(Number.isFinite) && k[0] > 0 && k[4] > 0,
    'must be 9 numbers of a calibrated camera',
  ),
});

/** sensor_msgs/msg/CameraInfo of a pinhole camera: R is the identity and P = [K 0]. */
export function cameraInfoToRos({ stamp_ns, frame_id, width, height, K, D, distortion_model }: CameraInfo): object {
  return {
    header: rosHeader(stamp_ns, frame_id),
    width,
    height,
    distortion_model,
    d: [...D],
    k: [...K],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [K[0], K[1], K[2], 0, K[3], K[4], K[5], 0, K[6], K[7], K[8], 0],
  };
}

/**
 * Where the camera stands is not in the message but in TF. `name` is the camera's own. No distortion at all counts as
 * plumb_bob with zeros; a model of more than five coefficients is refused unless the rest are zero.
 */
export function cameraInfoFromRos(fields: RosFields, { transform }: RosLookups, name: string): CameraInfo {
  const type = 'sensor_msgs/msg/CameraInfo';
  const { header, width, height, distortion_model, d, k } = parseFields(cameraInfo, fields, type);
  const plain = d.every((value) => value === 0);
  if (!plain && (distortion_model !== 'plumb_bob' || d.length !== 5 || !d.every(Number.isFinite))) {
    throw fieldError(type, ['distortion_model'], distortion_model, 'must be plumb_bob with 5 coefficients, or none');
  }
  const pose = transform('world', header.frame_id, header.stamp);
  if (pose === null) {
    throw fieldError(
      type,
      ['header', 'frame_id'],
      header.frame_id,
      `has no transform from world at ${header.stamp} ns`,
    );
  }
  return {
    stamp_ns: header.stamp,
    frame_id: header.frame_id,
    name,
    width,
    height,
    K: [...k],
    D: plain ? [0, 0, 0, 0, 0] : [...d],
    distortion_model: 'plumb_bob',
    T_world_camera_optical: matrix(pose),
  };
}

/** Row-major 4×4 of a pose. */
function matrix({ position: [px, py, pz], orientation: [x, y, z, w] }: Pose): number[] {
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), px],
    ...[2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), py],
    ...[2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y), pz],
    ...[0, 0, 0, 1],
  ];
}
