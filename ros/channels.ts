import sharp from 'sharp';
import {
  type Bus,
  CAMERAS,
  type CameraTopics,
  type ColourImage,
  type Subscription,
  TOPICS,
  type Topic,
} from '../contracts/index.ts';
import { RosCodec } from './codec.ts';
import { topicMapping } from './mappings.ts';
import * as ros from './messages/index.ts';

const JPEG_QUALITY = 85;

/** One recorded or bridged topic: where it goes, as what, and how to listen to it. */
export interface RosSource {
  readonly topic: string;
  readonly codec: RosCodec;
  /** Calls `take` for every message published, within the handler; `encode` gives the CDR bytes of that message. */
  attach(bus: Bus, subscriber: string, take: (encode: Encode) => void | Promise<void>): Subscription;
}

/** Bytes of one message; a promise only where a picture has to be compressed. */
export type Encode = () => Uint8Array | Promise<Uint8Array>;

/** A topic's messages as ROS 2 messages of one type. */
export class RosChannel<T> implements RosSource {
  readonly topic: string;
  readonly source: Topic<T>;
  readonly codec: RosCodec;
  private readonly convert: (message: T) => object | Promise<object>;

  constructor(source: Topic<T>, type: string, convert: (message: T) => object | Promise<object>, topic = source.name) {
    this.topic = topic;
    this.source = source;
    this.codec = new RosCodec(type);
    this.convert = convert;
  }

  encode(message: T): Uint8Array | Promise<Uint8Array> {
    const converted = this.convert(message);
    return converted instanceof Promise
      ? converted.then((fields) => this.codec.encode(fields))
      : this.codec.encode(converted);
  }

  attach(bus: Bus, subscriber: string, take: (encode: Encode) => void | Promise<void>): Subscription {
    return bus.subscribe(this.source, subscriber, (message) => take(() => this.encode(message)));
  }
}

async function jpeg({ stamp_ns, frame_id, width, height, data }: ColourImage): Promise<object> {
  const encoded = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
  return ros.compressedImageToRos(stamp_ns, frame_id, 'jpeg', encoded);
}

/** Channels of one camera: JPEG colour beside the raw topic's name as image_transport has it, depth as 16UC1, geometry. */
export function cameraChannels(camera: CameraTopics) {
  return {
    colour: new RosChannel(camera.colour, 'sensor_msgs/msg/CompressedImage', jpeg, `${camera.colour.name}/compressed`),
    depth: new RosChannel(camera.depth, 'sensor_msgs/msg/Image', ros.depthMillimetresToRos),
    info: new RosChannel(camera.info, 'sensor_msgs/msg/CameraInfo', ros.cameraInfoToRos),
  };
}

/** A topic as the mappings have it. */
function mapped<T>(topic: Topic<T>): RosChannel<T> {
  const { ros_type, toRos } = topicMapping(topic);
  return new RosChannel(topic, ros_type, toRos);
}

/** Everything that is recorded, by ROS name and type. Schemas are read on the first call. */
export function createChannels() {
  return {
    overview: cameraChannels(CAMERAS.overview),
    wrist: cameraChannels(CAMERAS.wrist),
    joint_states: mapped(TOPICS.joint_states),
    controller_state: mapped(TOPICS.controller_state),
    wrench: mapped(TOPICS.wrench),
    tf: mapped(TOPICS.tf),
    tf_static: mapped(TOPICS.tf_static),
    detections: mapped(TOPICS.detections),
    detection_source: new RosChannel(
      TOPICS.detections,
      'surepick_msgs/msg/DetectionSource',
      ros.detectionSourceToRos,
      `${TOPICS.detections.name}/source`,
    ),
    latency: mapped(TOPICS.latency),
    safety_state: mapped(TOPICS.safety_state),
    external_inputs: mapped(TOPICS.external_inputs),
    bodies: mapped(TOPICS.bodies),
    dynamic_joint_states: mapped(TOPICS.dynamic_joint_states),
    policy_status: mapped(TOPICS.policy_status),
    audit_checkpoint: mapped(TOPICS.audit_checkpoint),
    gate_journal: mapped(TOPICS.gate_journal),
    diagnostics: mapped(TOPICS.diagnostics),
    markers: mapped(TOPICS.markers),
    robot_description: mapped(TOPICS.robot_description),
    servo_twist: mapped(TOPICS.servo_twist),
    servo_jog: mapped(TOPICS.servo_jog),
    servo_pose: mapped(TOPICS.servo_pose),
    servo_status: mapped(TOPICS.servo_status),
  };
}
