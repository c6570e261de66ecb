import {
  ACTIONS,
  type Action,
  CAMERAS,
  hardwareTopics,
  InputError,
  type Service,
  TOPICS,
  type Topic,
} from '../contracts/index.ts';
import type { ActionMapping, RosFields, RosLookups, ServiceMapping, TopicMapping } from './mapping.ts';
import * as ros from './messages/index.ts';

type FromRos<T> = (
  fields: RosFields,
  lookups: RosLookups,
  companion: RosFields | undefined,
  topic: string,
) => readonly T[];

interface Entry<T> {
  readonly topic: Topic<T>;
  readonly toRos: (message: T) => object;
  readonly fromRos: FromRos<T>;
  readonly companion?: TopicMapping<T>['companion'];
}

/** Entries by the schema that both sides of a topic share. */
class Entries {
  private readonly bySchema = new Map<unknown, unknown>();

  one<T>(topic: Topic<T>, toRos: (message: T) => object, fromRos: (fields: RosFields) => T): this {
    return this.add({ topic, toRos, fromRos: (fields) => [fromRos(fields)] });
  }

  many<T>(topic: Topic<T>, toRos: (message: T) => object, fromRos: (fields: RosFields) => readonly T[]): this {
    return this.add({ topic, toRos, fromRos });
  }

  add<T>(entry: Entry<T>): this {
    this.bySchema.set(entry.topic.schema, entry);
    return this;
  }

  find<T>(topic: Topic<T>): Entry<T> | undefined {
    // What stands under a schema was added with it, by `add`.
    const entry = this.bySchema.get(topic.schema) as Entry<T> | undefined;
    return entry?.topic.ros_type === topic.ros_type ? entry : undefined;
  }
}

const { trajectory, commands, state } = hardwareTopics('');
const TOPIC_ENTRIES = new Entries()
  .one(TOPICS.joint_states, ros.jointStateToRos, ros.jointStateFromRos)
  .one(TOPICS.wrench, ros.wrenchToRos, ros.wrenchFromRos)
  .many(TOPICS.tf, ros.transformsToRos, ros.transformsFromRos)
  .many(TOPICS.latency, ros.latencyToRos, ros.latencyFromRos)
  .one(TOPICS.safety_state, ros.safetyStateToRos, ros.safetyStateFromRos)
  .one(TOPICS.servo_twist, ros.twistToRos, ros.twistFromRos)
  .one(TOPICS.servo_jog, ros.jointJogToRos, ros.jointJogFromRos)
  .one(TOPICS.servo_pose, ros.poseToRos, ros.poseFromRos)
  .one(TOPICS.operator_jog, ros.operatorJogToRos, ros.operatorJogFromRos)
  .one(TOPICS.servo_status, ros.servoStatusToRos, ros.servoStatusFromRos)
  .one(TOPICS.clock, ros.clockToRos, ros.clockFromRos)
  .one(TOPICS.robot_description, ros.stringToRos, ros.stringFromRos)
  .one(TOPICS.heartbeats, ros.heartbeatToRos, ros.heartbeatFromRos)
  .one(TOPICS.external_inputs, ros.externalInputsToRos, ros.externalInputsFromRos)
  .one(TOPICS.bodies, ros.bodyTracksToRos, ros.bodyTracksFromRos)
  .one(TOPICS.policy_status, ros.policyStatusToRos, ros.policyStatusFromRos)
  .one(TOPICS.offered_policies, ros.offeredPoliciesToRos, ros.offeredPoliciesFromRos)
  .one(TOPICS.policy_run, ros.policyRunToRos, ros.policyRunFromRos)
  .one(TOPICS.dynamic_joint_states, ros.dynamicJointStatesToRos, ros.dynamicJointStatesFromRos)
  .one(TOPICS.audit_checkpoint, ros.auditCheckpointToRos, ros.auditCheckpointFromRos)
  .one(TOPICS.escalations, ros.escalationToRos, ros.escalationFromRos)
  .one(TOPICS.escalation_answers, ros.escalationAnswerToRos, ros.escalationAnswerFromRos)
  .one(TOPICS.escalation_ends, ros.escalationEndToRos, ros.escalationEndFromRos)
  .one(TOPICS.corrections, ros.correctionToRos, ros.correctionFromRos)
  .one(TOPICS.gate_journal, ros.gateJournalToRos, ros.gateJournalFromRos)
  .one(TOPICS.diagnostics, ros.diagnosticsToRos, ros.diagnosticsFromRos)
  .many(TOPICS.markers, ros.markersToRos, ros.markersFromRos)
  .one(trajectory, ros.trajectoryCommandToRos, ros.trajectoryCommandFromRos)
  .one(commands, ros.forwardCommandToRos, ros.forwardCommandFromRos)
  .one(state, ros.controllerStateToRos, ros.controllerStateFromRos)
  .one(CAMERAS.overview.colour, ros.colourToRos, ros.colourFromRos)
  .one(CAMERAS.overview.depth, ros.depthToRos, ros.depthFromRos)
  .add({
    topic: CAMERAS.overview.info,
    toRos: ros.cameraInfoToRos,
    fromRos: (fields, lookups, _, topic) => [ros.cameraInfoFromRos(fields, lookups, cameraName(topic))],
  })
  .add({
    topic: TOPICS.detections,
    toRos: ros.detectionsToRos,
    fromRos: (fields, _, companion) => [ros.detectionsFromRos(fields, companion)],
    companion: { suffix: '/source', ros_type: 'surepick_msgs/msg/DetectionSource', toRos: ros.detectionSourceToRos },
  });

/** `overview` and `wrist` by their own topics, another camera by the namespace of its. */
function cameraName(topic: string): string {
  const own = Object.entries(CAMERAS).find(([, { info }]) => info.name === topic);
  return own?.[0] ?? topic.split('/').find((part) => part !== '') ?? topic;
}

/** How the messages of a topic look in ROS. Throws an InputError for a topic that has no ROS form. */
export function topicMapping<T>(topic: Topic<T>): TopicMapping<T> {
  const entry = TOPIC_ENTRIES.find(topic);
  if (entry === undefined) throw new InputError(`topic ${topic.name} of ${topic.ros_type}`, 'has no ROS form');
  const { toRos, fromRos, companion } = entry;
  return {
    ros_type: topic.ros_type,
    ...(companion === undefined ? {} : { companion }),
    toRos,
    fromRos: (fields, lookups, source) => fromRos(fields, lookups, source, topic.name),
  };
}

const SERVICE_MAPPINGS: ReadonlyMap<string, unknown> = new Map(
  [...Object.values(ros.ARM_MAPPINGS), ...Object.values(ros.SIMULATION_MAPPINGS)].map((each) => [each.ros_type, each]),
);

/** How a service's requests and responses look in ROS. Throws an InputError for a type that has no ROS form. */
export function serviceMapping<Req, Res>(service: Service<Req, Res>): ServiceMapping<Req, Res> {
  const mapping = SERVICE_MAPPINGS.get(service.ros_type);
  if (mapping === undefined) throw new InputError(`service ${service.name} of ${service.ros_type}`, 'has no ROS form');
  // A service's ROS type says what its messages are: contracts declare each type with one pair of schemas.
  return mapping as ServiceMapping<Req, Res>;
}

const nothing = { toRos: () => ({}), fromRos: () => ({}) };
const ACTION_MAPPINGS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  action(ACTIONS.follow_joint_trajectory, {
    goal: { toRos: ros.followGoalToRos, fromRos: ros.followGoalFromRos },
    feedback: { toRos: ros.followFeedbackToRos, fromRos: ros.followFeedbackFromRos },
    result: { toRos: ros.followResultToRos, fromRos: ros.followResultFromRos },
  }),
  action(ACTIONS.gripper, {
    goal: { toRos: ros.gripperGoalToRos, fromRos: ros.gripperGoalFromRos },
    feedback: { toRos: ros.gripperFeedbackToRos, fromRos: ros.gripperFeedbackFromRos },
    result: { toRos: ros.gripperResultToRos, fromRos: ros.gripperResultFromRos },
  }),
  action(ACTIONS.pick_place, {
    goal: { toRos: ros.pickPlaceGoalToRos, fromRos: ros.pickPlaceGoalFromRos },
    feedback: { toRos: ros.taskFeedbackToRos, fromRos: ros.taskFeedbackFromRos },
    result: { toRos: ros.taskResultToRos, fromRos: ros.taskResultFromRos },
  }),
  action(ACTIONS.task, {
    goal: { toRos: ros.taskGoalToRos, fromRos: ros.taskGoalFromRos },
    feedback: { toRos: ros.taskFeedbackToRos, fromRos: ros.taskFeedbackFromRos },
    result: { toRos: ros.taskResultToRos, fromRos: ros.taskResultFromRos },
  }),
  action(ACTIONS.preview_pick, {
    goal: { toRos: ros.pickPlaceGoalToRos, fromRos: ros.pickPlaceGoalFromRos },
    feedback: nothing,
    result: { toRos: ros.previewPickResultToRos, fromRos: ros.previewPickResultFromRos },
  }),
  action(ACTIONS.go, {
    goal: { toRos: ros.goGoalToRos, fromRos: ros.goGoalFromRos },
    feedback: nothing,
    result: { toRos: ros.goResultToRos, fromRos: ros.goResultFromRos },
  }),
  action(ACTIONS.run_policy, {
    goal: { toRos: ros.runPolicyGoalToRos, fromRos: ros.runPolicyGoalFromRos },
    feedback: { toRos: ros.runPolicyFeedbackToRos, fromRos: ros.runPolicyFeedbackFromRos },
    result: { toRos: ros.runPolicyResultToRos, fromRos: ros.runPolicyResultFromRos },
  }),
  action(ACTIONS.detect_inside, {
    goal: { toRos: ros.detectInsideGoalToRos, fromRos: ros.detectInsideGoalFromRos },
    feedback: nothing,
    result: { toRos: ros.detectInsideResultToRos, fromRos: ros.detectInsideResultFromRos },
  }),
  action(ACTIONS.inspect_surface, {
    goal: { toRos: ros.inspectSurfaceGoalToRos, fromRos: ros.inspectSurfaceGoalFromRos },
    feedback: nothing,
    result: { toRos: ros.inspectSurfaceResultToRos, fromRos: ros.inspectSurfaceResultFromRos },
  }),
]);

function action<G, F, R>(
  { ros_type }: Action<G, F, R>,
  forms: Omit<ActionMapping<G, F, R>, 'ros_type'>,
): [string, ActionMapping<G, F, R>] {
  return [ros_type, { ros_type, ...forms }];
}

/** How an action's goals, feedback and results look in ROS. Throws an InputError for a type that has no ROS form. */
export function actionMapping<G, F, R>(action: Action<G, F, R>): ActionMapping<G, F, R> {
  const mapping = ACTION_MAPPINGS.get(action.ros_type);
  if (mapping === undefined) throw new InputError(`action ${action.name} of ${action.ros_type}`, 'has no ROS form');
  // As for services: one type, one set of schemas.
  return mapping as ActionMapping<G, F, R>;
}
