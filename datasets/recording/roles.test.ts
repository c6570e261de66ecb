import { describe, expect, it } from 'vitest';
import { CAMERAS, TOPICS } from '../../contracts/index.ts';
import { roleOf } from '../index.ts';

const IMAGE = 'sensor_msgs/msg/Image';
const COMPRESSED = 'sensor_msgs/msg/CompressedImage';

describe('the role of a topic', () => {
  it.each([
    [TOPICS.joint_states.name, TOPICS.joint_states.ros_type, 'joint_state', ''],
    ['/ur5/joint_states', 'sensor_msgs/msg/JointState', 'joint_state', ''],
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
