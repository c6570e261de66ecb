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
/** Of MoveIt Servo under any name, FZI's Cartesian controllers, franka's impedance examples, twist controllers. */
const TOOL_COMMANDS =
  /\/((delta_twist|pose_target)_cmds|target_(frame|twist|wrench)|equilibrium_pose|\w*twist_controller\/commands)$/;
const TOOL_TYPES = /^geometry_msgs\/msg\/(Pose|Twist|Wrench)(Stamped)?$/;
/** Of franka, Robotiq, OnRobot, Schunk: whose joints are fingers. */
const GRIPPER = /gripper|robotiq|onrobot|schunk|finger|(^|[/_])hand($|[/_])/i;
const GRIPPER_ROLES: Readonly<Record<string, SignalRole>> = {
  'sensor_msgs/msg/JointState': 'gripper_state',
  'control_msgs/msg/JointTrajectoryControllerState': 'gripper_command',
  'control_msgs/msg/ParallelGripperCommand': 'gripper_command',
  'trajectory_msgs/msg/JointTrajectory': 'gripper_command',
  'std_msgs/msg/Float64MultiArray': 'gripper_command',
};
/** Joint states that nobody measured: what was asked of a driver, or a preview. */
const NOT_MEASURED = /(desired|command|target|goal|ghost|planned)/i;

/**
 * What a topic is, from its ROS type and its name as drivers (ur_robot_driver, franka_ros2), ros2_control and image_transport
 * choose them. A role is one of a type's meanings: whoever reads `joint_command` finds JointTrajectoryControllerState, and
 * `joint_state` a JointState of an arm.
 */
export function roleOf(topic: string, type: string): TopicRole {
  return { role: partOf(topic, type), camera: isOfCamera(type) ? cameraOf(topic) : '' };
}

function partOf(topic: string, type: string): SignalRole {
  if (TOOL_COMMANDS.test(topic) && TOOL_TYPES.test(type)) return 'tool_command';
  const of_gripper = GRIPPER.test(topic) ? GRIPPER_ROLES[type] : undefined;
  if (of_gripper !== undefined) return of_gripper;
  if (type === 'sensor_msgs/msg/JointState' && NOT_MEASURED.test(topic)) return 'other';
  const known = BY_TYPE[type];
  if (known !== undefined) return known;
  if (!isOfCamera(type)) return 'other';
  if (type === 'sensor_msgs/msg/CameraInfo') return 'camera_info';
  return /depth/i.test(topic) ? 'depth' : 'colour';
}

const isOfCamera = (type: string): boolean => /^sensor_msgs\/msg\/((Compressed)?Image|CameraInfo)$/.test(type);

/** Name of the camera that a topic belongs to: `/wrist_camera/color/image_raw/compressed` is of `wrist_camera`. */
export function cameraOf(topic: string): string {
  const parts = topic.split('/').filter((part) => part !== '');
  const own = parts.filter((part) => !CARRIED.test(part));
  return own.join('_') || parts.join('_');
}
