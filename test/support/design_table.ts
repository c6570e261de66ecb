import { setTimeout as sleep } from 'node:timers/promises';
import type { RosPeer } from './ros_peer.ts';

type Quality = 'reliable' | 'latched' | 'sensor';

interface TopicRow {
  readonly name: string;
  readonly type: string;
  readonly quality: Quality;
  /** Node of a pick-and-place cell at its end. */
  readonly by: string;
  readonly side: 'publishers' | 'subscriptions';
}

const row =
  (side: TopicRow['side']) =>
  (name: string, type: string, by: string, quality: Quality = 'reliable'): TopicRow => ({
    name,
    type,
    by,
    quality,
    side,
  });
const from = row('publishers');
const to = row('subscriptions');

/** The ROS 2 interface that a cell promises, written apart from what the stack declares. */
const TOPIC_ROWS: readonly TopicRow[] = [
  from('/clock', 'rosgraph_msgs/msg/Clock', '/sim'),
  from('/joint_states', 'sensor_msgs/msg/JointState', '/control'),
  from('/camera/color/image_raw', 'sensor_msgs/msg/Image', '/sim', 'sensor'),
  from('/camera/color/camera_info', 'sensor_msgs/msg/CameraInfo', '/sim', 'sensor'),
  from('/camera/depth/image_rect_raw', 'sensor_msgs/msg/Image', '/sim', 'sensor'),
  from('/ft_sensor/wrench', 'geometry_msgs/msg/WrenchStamped', '/sim', 'sensor'),
  from('/tf', 'tf2_msgs/msg/TFMessage', '/robot_state_publisher'),
  from('/tf_static', 'tf2_msgs/msg/TFMessage', '/robot_state_publisher', 'latched'),
  from('/robot_description', 'std_msgs/msg/String', '/robot_state_publisher', 'latched'),
  from('/perception/detections', 'vision_msgs/msg/Detection3DArray', '/perception'),
  from('/planning/markers', 'visualization_msgs/msg/MarkerArray', '/planning'),
  from('/safety/state', 'surepick_msgs/msg/SafetyState', '/safety', 'latched'),
  from('/servo/status', 'surepick_msgs/msg/ServoStatus', '/control', 'latched'),
  ...['sim', 'control', 'perception', 'planning', 'safety'].map((node) =>
    from('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray', `/${node}`),
  ),
  to('/servo/delta_twist_cmds', 'geometry_msgs/msg/TwistStamped', '/control'),
  to('/servo/delta_joint_cmds', 'control_msgs/msg/JointJog', '/control'),
  to('/servo/pose_target_cmds', 'geometry_msgs/msg/PoseStamped', '/control'),
  to('/policy/joint_targets', 'sensor_msgs/msg/JointState', '/control'),
  to('/servo/operator_jog', 'surepick_msgs/msg/OperatorJog', '/control'),
  to('/safety/external', 'surepick_msgs/msg/ExternalInputs', '/safety'),
];

const SERVICE_ROWS: Readonly<Record<string, string>> = {
  '/safety/stop': 'std_srvs/srv/Trigger',
  '/safety/reset': 'std_srvs/srv/Trigger',
  '/safety/set_mode': 'surepick_msgs/srv/SetMode',
  '/arm_controller/follow_joint_trajectory/_action/send_goal': 'control_msgs/action/FollowJointTrajectory_SendGoal',
  '/gripper_controller/gripper_cmd/_action/send_goal': 'control_msgs/action/GripperCommand_SendGoal',
  '/pick_place/_action/send_goal': 'surepick_msgs/action/PickPlace_SendGoal',
  ...Object.fromEntries(
    ['sim', 'control', 'perception', 'planning', 'safety', 'robot_state_publisher', 'recorder'].flatMap((node) => [
      [`/${node}/change_state`, 'lifecycle_msgs/srv/ChangeState'],
      [`/${node}/get_parameters`, 'rcl_interfaces/srv/GetParameters'],
    ]),
  ),
};

/** What `peer` misses of a launched pick-and-place cell; discovery is given some seconds. */
export async function missingOf(peer: RosPeer): Promise<string[]> {
  let missing: string[] = [];
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(200)) {
    missing = [];
    for (const { name, type, by, quality, side } of TOPIC_ROWS) {
      const wanted = { node: by, type, ...qualities[quality] };
      const found: unknown[] = (await peer.endpoints(name))[side];
      const same = found.some((endpoint) => JSON.stringify(endpoint) === JSON.stringify(wanted));
      if (!same) missing.push(`${name}: ${JSON.stringify(wanted)} not among ${side} ${JSON.stringify(found)}`);
    }
    const { services } = await peer.graph();
    for (const [name, type] of Object.entries(SERVICE_ROWS))
      if (services[name]?.[0] !== type) missing.push(`${name}: ${services[name]}, not ${type}`);
    if (missing.length === 0) return [];
  }
  return missing;
}

const qualities = {
  reliable: { reliability: 'reliable', durability: 'volatile' },
  latched: { reliability: 'reliable', durability: 'transient_local' },
  sensor: { reliability: 'best_effort', durability: 'volatile' },
} as const;
