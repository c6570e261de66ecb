import { CAMERAS, hardwareTopics, InputError, TOPICS, type Topic } from '../contracts/index.ts';
import type { RosFields, RosLookups, TopicMapping } from './mapping.ts';
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

const { trajectory, commands } = hardwareTopics('');
const TOPIC_ENTRIES = new Entries()
  .one(TOPICS.joint_states, ros.jointStateToRos, ros.jointStateFromRos)
  .one(TOPICS.wrench, ros.wrenchToRos, ros.wrenchFromRos)
  .many(TOPICS.tf, ros.transformsToRos, ros.transformsFromRos)
  .many(TOPICS.latency, ros.latencyToRos, ros.latencyFromRos)
  .one(TOPICS.safety_state, ros.safetyStateToRos, ros.safetyStateFromRos)
  .one(TOPICS.servo_twist, ros.twistToRos, ros.twistFromRos)
  .one(TOPICS.servo_pose, ros.poseToRos, ros.poseFromRos)
  .one(TOPICS.servo_status, ros.servoStatusToRos, ros.servoStatusFromRos)
  .one(TOPICS.clock, ros.clockToRos, ros.clockFromRos)
  .one(TOPICS.robot_description, ros.stringToRos, ros.stringFromRos)
  .one(TOPICS.heartbeats, ros.heartbeatToRos, ros.heartbeatFromRos)
  .one(TOPICS.external_inputs, ros.externalInputsToRos, ros.externalInputsFromRos)
  .one(TOPICS.diagnostics, ros.diagnosticsToRos, ros.diagnosticsFromRos)
  .many(TOPICS.markers, ros.markersToRos, ros.markersFromRos)
  .one(trajectory, ros.trajectoryCommandToRos, ros.trajectoryCommandFromRos)
  .one(commands, ros.forwardCommandToRos, ros.forwardCommandFromRos)
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
