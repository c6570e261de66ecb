import type { SignalRole } from '../dataset/schema.ts';

/** A topic of a recording and what it is to a learner. */
export interface TopicRole {
  readonly role: SignalRole;
  /** Camera of a picture; else empty. */
  readonly camera: string;
}

const BY_TYPE: Readonly<Record<string, SignalRole>> = {
  'sensor_msgs/msg/JointState': 'joint_state',
  'control_msgs/msg/JointTrajectoryControllerState': 'joint_command',
  'geometry_msgs/msg/WrenchStamped': 'wrench',
  'control_msgs/msg/GripperCommand': 'gripper_command',
  'vision_msgs/msg/Detection3DArray': 'detections',
  'surepick_msgs/msg/SafetyState': 'safety',
  'rcl_interfaces/msg/Log': 'notes',
};
/** Parts of a topic's name that say what it carries, not whose it is. */
const CARRIED = /^(color|colour|rgb|depth|image.*|compressed.*|camera_info|aligned_depth_to_color|ffmpeg|theora)$/;
const COMMANDS = /^\/servo\/(delta_twist|pose_target)_cmds$/;

/** What a topic is, from its ROS type and its name as drivers and image_transport choose them. */
export function roleOf(topic: string, type: string): TopicRole {
  if (COMMANDS.test(topic)) return { role: 'tool_command', camera: '' };
  const known = BY_TYPE[type];
  if (known !== undefined) return { role: known, camera: '' };
  const picture = /^sensor_msgs\/msg\/(Compressed)?Image$/.test(type);
  if (picture) return { role: /depth/i.test(topic) ? 'depth' : 'colour', camera: cameraOf(topic) };
  if (type === 'sensor_msgs/msg/CameraInfo') return { role: 'camera_info', camera: cameraOf(topic) };
  return { role: 'other', camera: '' };
}

/** Name of the camera that a topic belongs to: `/wrist_camera/color/image_raw/compressed` is of `wrist_camera`. */
export function cameraOf(topic: string): string {
  const parts = topic.split('/').filter((part) => part !== '');
  const own = parts.filter((part) => !CARRIED.test(part));
  return own.join('_') || parts.join('_');
}
