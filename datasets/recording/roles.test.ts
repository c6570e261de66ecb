import { describe, expect, it } from 'vitest';
import { CAMERAS, TOPICS } from '../../contracts/index.ts';
import { roleOf } from '../index.ts';

const IMAGE = 'sensor_msgs/msg/Image';
const COMPRESSED = 'sensor_msgs/msg/CompressedImage';
const JOINT_STATE = 'sensor_msgs/msg/JointState';
const CONTROLLER_STATE = 'control_msgs/msg/JointTrajectoryControllerState';
const WRENCH = 'geometry_msgs/msg/WrenchStamped';

describe('the role of a topic', () => {
  it.each([
    [TOPICS.joint_states.name, TOPICS.joint_states.ros_type, 'joint_state', ''],
    ['/ur5/joint_states', JOINT_STATE, 'joint_state', ''],
    ['/scaled_joint_trajectory_controller/controller_state', CONTROLLER_STATE, 'joint_command', ''],
    ['/joint_trajectory_controller/state', CONTROLLER_STATE, 'joint_command', ''],
    ['/force_torque_sensor_broadcaster/wrench', WRENCH, 'wrench', ''],
    ['/tcp_pose_broadcaster/pose', 'geometry_msgs/msg/PoseStamped', 'other', ''],
    ['/speed_scaling_state_broadcaster/speed_scaling', 'std_msgs/msg/Float64', 'other', ''],
    ['/scaled_joint_trajectory_controller/joint_trajectory', 'trajectory_msgs/msg/JointTrajectory', 'other', ''],
    ['/twist_controller/commands', 'geometry_msgs/msg/Twist', 'tool_command', ''],
    ['/cartesian_compliance_controller/target_frame', 'geometry_msgs/msg/PoseStamped', 'tool_command', ''],
    ['/cartesian_force_controller/target_wrench', WRENCH, 'tool_command', ''],
    ['/servo_node/delta_twist_cmds', 'geometry_msgs/msg/TwistStamped', 'tool_command', ''],
    ['/franka/joint_states', JOINT_STATE, 'joint_state', ''],
    ['/franka_robot_state_broadcaster/external_wrench_in_base_frame', WRENCH, 'wrench', ''],
    ['/panda_gripper/joint_states', JOINT_STATE, 'gripper_state', ''],
    ['/franka_gripper/joint_states', JOINT_STATE, 'gripper_state', ''],
    ['/panda_hand_controller/controller_state', CONTROLLER_STATE, 'gripper_command', ''],
    ['/robotiq_gripper_controller/joint_trajectory', 'trajectory_msgs/msg/JointTrajectory', 'gripper_command', ''],
    ['/gripper/command', 'control_msgs/msg/GripperCommand', 'gripper_command', ''],
    ['/gripper_controller/commands', 'std_msgs/msg/Float64MultiArray', 'gripper_command', ''],
    ['/handheld/joint_states', JOINT_STATE, 'joint_state', ''],
    ['/joint_states_desired', JOINT_STATE, 'other', ''],
    ['/gripper_camera/color/image_raw', IMAGE, 'colour', 'gripper_camera'],
    [TOPICS.controller_state.name, TOPICS.controller_state.ros_type, 'joint_command', ''],
    [TOPICS.wrench.name, TOPICS.wrench.ros_type, 'wrench', ''],
    [TOPICS.servo_twist.name, TOPICS.servo_twist.ros_type, 'tool_command', ''],
    ['/base/cmd_vel', 'geometry_msgs/msg/TwistStamped', 'other', ''],
    [CAMERAS.overview.colour.name, IMAGE, 'colour', 'camera'],
    [`${CAMERAS.wrist.colour.name}/compressed`, COMPRESSED, 'colour', 'wrist_camera'],
    [`${CAMERAS.wrist.depth.name}/compressedDepth`, COMPRESSED, 'depth', 'wrist_camera'],
    [CAMERAS.overview.info.name, CAMERAS.overview.info.ros_type, 'camera_info', 'camera'],
    ['/front/rgb/image_rect', IMAGE, 'colour', 'front'],
    ['/robot1/left/aligned_depth_to_color/image_raw', IMAGE, 'depth', 'robot1_left'],
    ['/image_raw', IMAGE, 'colour', 'image_raw'],
  ])('%s of %s is %s of camera "%s"', (topic, type, role, camera) => {
    expect(roleOf(topic, type)).toEqual({ role, camera });
  });
});
