import type { Action, Backpressure, Qos, Service, Topic } from './bus.ts';
import { correction, escalation, escalationAnswer, escalationEnd } from './escalation.ts';
import * as m from './messages.ts';
import * as policy from './policy.ts';
import * as safety from './safety.ts';
import { jointJog, operatorJog, poseStamped, servoStatus, twistStamped } from './servo.ts';
import * as s from './system.ts';

const LATEST: Backpressure = { kind: 'latest' };
const queue = (depth: number): Backpressure => ({ kind: 'queue', depth });
const SENSOR: Qos = { reliability: 'best_effort', durability: 'volatile', depth: 5 };
const RELIABLE: Qos = { reliability: 'reliable', durability: 'volatile', depth: 10 };
const LATCHED: Qos = { reliability: 'reliable', durability: 'transient_local', depth: 1 };

function topic<T>(
  name: string,
  ros_type: string,
  schema: Topic<T>['schema'],
  qos: Qos,
  backpressure: Backpressure,
  units: string,
): Topic<T> {
  return { name, ros_type, schema, qos, backpressure, units };
}

/** The three topics of one RGB-D camera; frames of equal stamp belong together. */
export interface CameraTopics {
  readonly colour: Topic<m.ColourImage>;
  readonly depth: Topic<m.DepthImage>;
  readonly info: Topic<m.CameraInfo>;
}

/** Topics of a camera under a namespace: `/camera` is the overview, `/wrist_camera` the one on the hand. */
export function cameraTopics(namespace: string): CameraTopics {
  return {
    colour: topic(`${namespace}/color/image_raw`, 'sensor_msgs/msg/Image', m.colourImage, SENSOR, LATEST, 'rgb8'),
    depth: topic(
      `${namespace}/depth/image_rect_raw`,
      'sensor_msgs/msg/Image',
      m.depthImage,
      SENSOR,
      LATEST,
      'm, 32FC1',
    ),
    info: topic(
      `${namespace}/color/camera_info`,
      'sensor_msgs/msg/CameraInfo',
      m.cameraInfo,
      SENSOR,
      LATEST,
      'pixels, m',
    ),
  };
}

export const CAMERAS = { overview: cameraTopics('/camera'), wrist: cameraTopics('/wrist_camera') } as const;
export type CameraName = keyof typeof CAMERAS;

/** Name of the arm's controller: the prefix of its actions and topics. */
export const ARM_CONTROLLER = '/arm_controller';

export const TOPICS = {
  /** `reference` is what the driver was sent last, `feedback` what it measured; all joints, the gripper's too. */
  controller_state: topic(
    `${ARM_CONTROLLER}/controller_state`,
    'control_msgs/msg/JointTrajectoryControllerState',
    s.controllerState,
    SENSOR,
    LATEST,
    'rad, rad/s (m, m/s)',
  ),
  joint_states: topic(
    '/joint_states',
    'sensor_msgs/msg/JointState',
    m.jointState,
    RELIABLE,
    LATEST,
    'rad, rad/s, Nm (m, m/s, N)',
  ),
  wrench: topic('/ft_sensor/wrench', 'geometry_msgs/msg/WrenchStamped', m.wrench, SENSOR, LATEST, 'N, Nm'),
  tf: topic('/tf', 'tf2_msgs/msg/TFMessage', m.transforms, RELIABLE, queue(100), 'm'),
  /** Several nodes publish here: a reader that came late gets what each of them has kept, all at once. */
  tf_static: topic('/tf_static', 'tf2_msgs/msg/TFMessage', m.transforms, { ...LATCHED, depth: 100 }, queue(100), 'm'),
  detections: topic(
    '/perception/detections',
    'vision_msgs/msg/Detection3DArray',
    m.detections,
    RELIABLE,
    queue(10),
    'm, frame world',
  ),
  /** What all cameras together have seen lately: tracked over frames, fused, numbered for good. */
  objects: topic(
    '/perception/objects',
    'vision_msgs/msg/Detection3DArray',
    m.detections,
    RELIABLE,
    queue(10),
    'm, frame world',
  ),
  /** Objects of one picture that a task wants and is not sure of: whoever asks people asks about them. Empty: no longer. */
  doubts: topic(
    '/perception/doubts',
    'vision_msgs/msg/Detection3DArray',
    m.detections,
    RELIABLE,
    queue(10),
    'm, frame world',
  ),
  /** Questions to a person, the answers, and how each question ended. */
  escalations: topic(
    '/perception/escalations',
    'surepick_msgs/msg/Escalation',
    escalation,
    { ...LATCHED, depth: 10 },
    queue(10),
    'pixels',
  ),
  escalation_answers: topic(
    '/perception/escalation_answers',
    'surepick_msgs/msg/EscalationAnswer',
    escalationAnswer,
    RELIABLE,
    queue(10),
    'text',
  ),
  escalation_ends: topic(
    '/perception/escalation_ends',
    'surepick_msgs/msg/EscalationEnd',
    escalationEnd,
    { ...LATCHED, depth: 10 },
    queue(10),
    'text',
  ),
  /** What people say against what was seen. */
  corrections: topic(
    '/perception/corrections',
    'surepick_msgs/msg/Correction',
    correction,
    RELIABLE,
    queue(10),
    'm, frame world; pixels',
  ),
  latency: topic(
    '/diagnostics/latency',
    'diagnostic_msgs/msg/DiagnosticArray',
    m.stageLatency,
    RELIABLE,
    queue(100),
    's',
  ),
  safety_state: topic('/safety/state', 'surepick_msgs/msg/SafetyState', m.safetyState, LATCHED, queue(100), 's'),
  /** Teleoperation; a command is stale after 0.1 s. */
  servo_twist: topic(
    '/servo/delta_twist_cmds',
    'geometry_msgs/msg/TwistStamped',
    twistStamped,
    RELIABLE,
    LATEST,
    'm/s, rad/s, axes of frame_id, about the tool frame',
  ),
  /** Joint by joint; stale after 0.1 s. */
  servo_jog: topic('/servo/delta_joint_cmds', 'control_msgs/msg/JointJog', jointJog, RELIABLE, LATEST, 'rad/s'),
  /** Pose of the tool in the root frame, or as a camera saw it at the stamp; stale after 0.1 s, or 0.3 s from a camera. */
  servo_pose: topic(
    '/servo/pose_target_cmds',
    'geometry_msgs/msg/PoseStamped',
    poseStamped,
    RELIABLE,
    LATEST,
    'm, frame frame_id',
  ),
  /** What an operator holds down on a web page; stale after 0.1 s, and refused by epoch, sequence and what was seen. */
  operator_jog: topic(
    '/servo/operator_jog',
    'surepick_msgs/msg/OperatorJog',
    operatorJog,
    RELIABLE,
    LATEST,
    'm/s, rad/s, axes of frame_id, about the tool frame',
  ),
  /** Simulated time; only in simulation. */
  clock: topic('/clock', 'rosgraph_msgs/msg/Clock', s.clockMessage, RELIABLE, LATEST, 'ns'),
  robot_description: topic('/robot_description', 'std_msgs/msg/String', s.text, LATCHED, LATEST, 'URDF'),
  /** Of nodes that no common parent watches; 50 Hz. */
  heartbeats: topic('/heartbeats', 'surepick_msgs/msg/Heartbeat', s.heartbeat, SENSOR, queue(100), 's'),
  external_inputs: topic(
    '/safety/external',
    'surepick_msgs/msg/ExternalInputs',
    s.externalInputs,
    RELIABLE,
    queue(10),
    'logic, true: stop',
  ),
  /** People and other moving bodies, from whatever tracks them; frame the arm's root link. */
  bodies: topic('/safety/bodies', 'surepick_msgs/msg/BodyTracks', safety.bodyTracks, RELIABLE, LATEST, 'm, m/s'),
  policy_status: topic(
    '/policy/status',
    'surepick_msgs/msg/PolicyStatus',
    safety.policyStatus,
    RELIABLE,
    queue(10),
    'score',
  ),
  /** Learned policies that can be run here, and the one that runs. */
  offered_policies: topic(
    '/policy/offered',
    'surepick_msgs/msg/OfferedPolicies',
    policy.offeredPolicies,
    LATCHED,
    LATEST,
    'text',
  ),
  /**
   * Where a learned policy in another process than the controller's sends the arm: joints, and a finger by half of the distance
   * between them, with the force of each as its effort; stale after 0.2 s.
   */
  policy_targets: topic(
    '/policy/joint_targets',
    'sensor_msgs/msg/JointState',
    m.jointState,
    RELIABLE,
    LATEST,
    'rad (m, N)',
  ),
  policy_run: topic('/policy/progress', 'surepick_msgs/msg/PolicyRun', policy.policyRun, RELIABLE, queue(10), 's'),
  /** As a joint_state_broadcaster of ros2_control sends it; temperatures, where the arm reports them. */
  dynamic_joint_states: topic(
    '/dynamic_joint_states',
    'control_msgs/msg/DynamicJointState',
    safety.dynamicJointStates,
    RELIABLE,
    LATEST,
    'by interface',
  ),
  audit_checkpoint: topic(
    '/safety/checkpoint',
    'surepick_msgs/msg/AuditCheckpoint',
    safety.auditCheckpoint,
    RELIABLE,
    queue(100),
    'entries',
  ),
  gate_journal: topic(
    '/safety/gate_journal',
    'surepick_msgs/msg/GateJournal',
    safety.gateJournal,
    RELIABLE,
    queue(100),
    'cycles',
  ),
  diagnostics: topic(
    '/diagnostics',
    'diagnostic_msgs/msg/DiagnosticArray',
    s.diagnostics,
    RELIABLE,
    queue(100),
    'text',
  ),
  markers: topic(
    '/planning/markers',
    'visualization_msgs/msg/MarkerArray',
    s.markers,
    RELIABLE,
    queue(10),
    'm, frame frame_id',
  ),
  servo_status: topic('/servo/status', 'surepick_msgs/msg/ServoStatus', servoStatus, LATCHED, LATEST, 'share of speed'),
} as const;

/** Topics of a ros2_control controller named `controller`, e.g. `/joint_trajectory_controller`. */
export function hardwareTopics(controller: string) {
  return {
    trajectory: topic(
      `${controller}/joint_trajectory`,
      'trajectory_msgs/msg/JointTrajectory',
      s.trajectoryCommand,
      RELIABLE,
      LATEST,
      's, rad, rad/s, rad/s²',
    ),
    commands: topic(
      `${controller}/commands`,
      'std_msgs/msg/Float64MultiArray',
      s.forwardCommand,
      RELIABLE,
      LATEST,
      'rad',
    ),
    state: topic(
      `${controller}/controller_state`,
      'control_msgs/msg/JointTrajectoryControllerState',
      s.controllerState,
      SENSOR,
      LATEST,
      'rad, rad/s',
    ),
  };
}

export const SERVICES = {
  safety_stop: {
    name: '/safety/stop',
    request: m.emptyRequest,
    response: m.triggerResponse,
    ros_type: 'std_srvs/srv/Trigger',
  },
  safety_set_mode: {
    name: '/safety/set_mode',
    request: m.setModeRequest,
    response: m.triggerResponse,
    ros_type: 'surepick_msgs/srv/SetMode',
  },
  set_speed: {
    name: '/arm_controller/set_speed',
    request: m.setSpeedRequest,
    response: m.triggerResponse,
    ros_type: 'surepick_msgs/srv/SetSpeed',
  },
  safety_reset: {
    name: '/safety/reset',
    request: m.emptyRequest,
    response: m.triggerResponse,
    ros_type: 'std_srvs/srv/Trigger',
  },
} as const satisfies Record<string, Service<never, never> | Service<object, unknown>>;

export const ACTIONS = {
  follow_joint_trajectory: {
    name: '/arm_controller/follow_joint_trajectory',
    goal: m.trajectoryGoal,
    feedback: m.trajectoryFeedback,
    result: m.trajectoryResult,
    ros_type: 'control_msgs/action/FollowJointTrajectory',
  },
  gripper: {
    name: '/gripper_controller/gripper_cmd',
    goal: m.gripperGoal,
    feedback: m.gripperFeedback,
    result: m.gripperResult,
    ros_type: 'control_msgs/action/GripperCommand',
  },
  pick_place: {
    name: '/pick_place',
    goal: m.pickPlaceGoal,
    feedback: m.pickPlaceFeedback,
    result: m.pickPlaceResult,
    ros_type: 'surepick_msgs/action/PickPlace',
  },
  /** Any task of a cell; /pick_place is the one of its kinds that has an action of its own. */
  task: {
    name: '/task',
    goal: m.taskGoal,
    feedback: m.pickPlaceFeedback,
    result: m.pickPlaceResult,
    ros_type: 'surepick_msgs/action/Task',
  },
  /** The way a /pick_place goal would take now, without moving. */
  preview_pick: {
    name: '/pick_place/preview',
    goal: m.pickPlaceGoal,
    feedback: m.emptyRequest,
    result: m.previewPickResult,
    ros_type: 'surepick_msgs/action/PreviewPick',
  },
  /** Brings the arm home or away from what it is near, at a reduced pace. */
  go: {
    name: '/arm/go',
    goal: m.goGoal,
    feedback: m.emptyRequest,
    result: m.goResult,
    ros_type: 'surepick_msgs/action/Go',
  },
  /** Lets a learned policy do its task with one object. */
  run_policy: {
    name: '/policy/run',
    goal: policy.runPolicyGoal,
    feedback: policy.runPolicyFeedback,
    result: policy.runPolicyResult,
    ros_type: 'surepick_msgs/action/RunPolicy',
  },
  detect_inside: {
    name: '/perception/detect_inside',
    goal: m.detectInsideGoal,
    feedback: m.emptyRequest,
    result: m.detectInsideResult,
    ros_type: 'surepick_msgs/action/DetectInside',
  },
  inspect_surface: {
    name: '/perception/inspect_surface',
    goal: m.inspectSurfaceGoal,
    feedback: m.emptyRequest,
    result: m.inspectSurfaceResult,
    ros_type: 'surepick_msgs/action/InspectSurface',
  },
} as const satisfies Record<string, Action<never, never, never> | object>;
