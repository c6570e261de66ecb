import { type Bus, CAMERAS, type CameraTopics, type Subscription, TOPICS, type Topic } from '../contracts/index.ts';
import { RosCodec } from './codec.ts';
import { topicMapping } from './mappings.ts';
import * as ros from './messages/index.ts';
import { compressedDepthToRos, JPEG_QUALITY, jpegToRos } from './picture_encoding.ts';

/**
 * What a recording can do without, first to last: pictures, then what is told about the work, then what was seen, and last
 * what the arm did, was told and was allowed.
 */
export const CHANNEL_PRIORITIES = ['picture', 'diagnostic', 'scene', 'state'] as const;
export type ChannelPriority = (typeof CHANNEL_PRIORITIES)[number];

/** One recorded topic: where it goes, as what, and how to listen to it. */
export interface RosSource {
  readonly topic: string;
  readonly codec: RosCodec;
  readonly priority: ChannelPriority;
  /** What recordings say of the channel, e.g. `jpeg_quality`. */
  readonly facts: Readonly<Record<string, string>>;
  /** Calls `take` for every message published, within the handler. */
  attach(bus: Bus, subscriber: string, take: Take): Subscription;
}

/** Bytes of one message; a promise only where a picture has to be compressed. */
export type Encode = () => Uint8Array | Promise<Uint8Array>;
/**
 * @param encode  gives the CDR bytes of the message, at any time later
 * @param held_bytes  of a picture, which is kept until it is encoded; else 0
 */
export type Take = (encode: Encode, held_bytes: number) => void | Promise<void>;

interface RosChannelOptions {
  readonly priority: ChannelPriority;
  /** Default the source's name. */
  readonly topic?: string;
  readonly facts?: Readonly<Record<string, string>>;
}

/** A topic's messages as ROS 2 messages of one type. */
export class RosChannel<T> implements RosSource {
  readonly topic: string;
  readonly source: Topic<T>;
  readonly codec: RosCodec;
  readonly priority: ChannelPriority;
  readonly facts: Readonly<Record<string, string>>;
  private readonly convert: (message: T) => object | Promise<object>;

  constructor(
    source: Topic<T>,
    type: string,
    convert: (message: T) => object | Promise<object>,
    { priority, topic = source.name, facts = {} }: RosChannelOptions,
  ) {
    this.topic = topic;
    this.source = source;
    this.codec = new RosCodec(type);
    this.priority = priority;
    this.facts = facts;
    this.convert = convert;
  }

  encode(message: T): Uint8Array | Promise<Uint8Array> {
    const converted = this.convert(message);
    return converted instanceof Promise
      ? converted.then((fields) => this.codec.encode(fields))
      : this.codec.encode(converted);
  }

  attach(bus: Bus, subscriber: string, take: Take): Subscription {
    return bus.subscribe(this.source, subscriber, (message) => take(() => this.encode(message), heldBytes(message)));
  }
}

function heldBytes(message: unknown): number {
  const data = typeof message === 'object' && message !== null && 'data' in message ? message.data : null;
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}

/** Channels of one camera, named as image_transport has it: JPEG colour, depth as PNG of 16 bits, geometry. */
export function cameraChannels(camera: CameraTopics, jpeg_quality: number = JPEG_QUALITY) {
  const compressed = 'sensor_msgs/msg/CompressedImage';
  return {
    colour: new RosChannel(camera.colour, compressed, (image) => jpegToRos(image, jpeg_quality), {
      ...{ priority: 'picture', topic: `${camera.colour.name}/compressed` },
      facts: { jpeg_quality: String(jpeg_quality) },
    }),
    depth: new RosChannel(camera.depth, compressed, compressedDepthToRos, {
      ...{ priority: 'picture', topic: `${camera.depth.name}/compressedDepth` },
    }),
    info: new RosChannel(camera.info, 'sensor_msgs/msg/CameraInfo', ros.cameraInfoToRos, { priority: 'scene' }),
  };
}

/** A topic as the mappings have it. */
function mapped<T>(topic: Topic<T>, priority: ChannelPriority): RosChannel<T> {
  const { ros_type, toRos } = topicMapping(topic);
  return new RosChannel(topic, ros_type, toRos, { priority });
}

/** Everything that is recorded, by ROS name and type. Schemas are read on the first call. @param jpeg_quality  1 to 100 */
export function createChannels(jpeg_quality: number = JPEG_QUALITY) {
  return {
    overview: cameraChannels(CAMERAS.overview, jpeg_quality),
    wrist: cameraChannels(CAMERAS.wrist, jpeg_quality),
    joint_states: mapped(TOPICS.joint_states, 'state'),
    controller_state: mapped(TOPICS.controller_state, 'state'),
    wrench: mapped(TOPICS.wrench, 'state'),
    tf: mapped(TOPICS.tf, 'scene'),
    tf_static: mapped(TOPICS.tf_static, 'state'),
    detections: mapped(TOPICS.detections, 'scene'),
    detection_source: new RosChannel(TOPICS.detections, 'surepick_msgs/msg/DetectionSource', ros.detectionSourceToRos, {
      priority: 'scene',
      topic: `${TOPICS.detections.name}/source`,
    }),
    objects: mapped(TOPICS.objects, 'scene'),
    object_source: new RosChannel(TOPICS.objects, 'surepick_msgs/msg/DetectionSource', ros.detectionSourceToRos, {
      priority: 'scene',
      topic: `${TOPICS.objects.name}/source`,
    }),
    doubts: mapped(TOPICS.doubts, 'scene'),
    doubt_source: new RosChannel(TOPICS.doubts, 'surepick_msgs/msg/DetectionSource', ros.detectionSourceToRos, {
      priority: 'scene',
      topic: `${TOPICS.doubts.name}/source`,
    }),
    escalations: mapped(TOPICS.escalations, 'state'),
    escalation_answers: mapped(TOPICS.escalation_answers, 'state'),
    escalation_ends: mapped(TOPICS.escalation_ends, 'state'),
    corrections: mapped(TOPICS.corrections, 'state'),
    latency: mapped(TOPICS.latency, 'diagnostic'),
    safety_state: mapped(TOPICS.safety_state, 'state'),
    external_inputs: mapped(TOPICS.external_inputs, 'state'),
    bodies: mapped(TOPICS.bodies, 'state'),
    dynamic_joint_states: mapped(TOPICS.dynamic_joint_states, 'scene'),
    policy_status: mapped(TOPICS.policy_status, 'state'),
    offered_policies: mapped(TOPICS.offered_policies, 'state'),
    policy_run: mapped(TOPICS.policy_run, 'state'),
    policy_targets: mapped(TOPICS.policy_targets, 'state'),
    audit_checkpoint: mapped(TOPICS.audit_checkpoint, 'state'),
    gate_journal: mapped(TOPICS.gate_journal, 'state'),
    diagnostics: mapped(TOPICS.diagnostics, 'diagnostic'),
    markers: mapped(TOPICS.markers, 'diagnostic'),
    robot_description: mapped(TOPICS.robot_description, 'state'),
    servo_twist: mapped(TOPICS.servo_twist, 'state'),
    servo_jog: mapped(TOPICS.servo_jog, 'state'),
    servo_pose: mapped(TOPICS.servo_pose, 'state'),
    operator_jog: mapped(TOPICS.operator_jog, 'state'),
    servo_status: mapped(TOPICS.servo_status, 'state'),
  };
}
