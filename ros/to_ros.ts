import { endianness } from 'node:os';
import type {
  CameraInfo,
  DepthImage,
  Detection,
  Detections,
  JointState,
  Pose,
  SafetyState,
  Shape,
  StageLatency,
  Transforms,
  Vector3,
  Wrench,
} from '../contracts/index.ts';
import { SAFETY_MODES } from '../contracts/index.ts';

/** builtin_interfaces/Time. */
export interface RosTime {
  readonly sec: number;
  readonly nanosec: number;
}

const NS_PER_S = 1_000_000_000n;
const BIG_ENDIAN = endianness() === 'BE' ? 1 : 0;

export function toRosTime(stamp_ns: bigint): RosTime {
  return { sec: Number(stamp_ns / NS_PER_S), nanosec: Number(stamp_ns % NS_PER_S) };
}

export function fromRosTime({ sec, nanosec }: RosTime): bigint {
  return BigInt(sec) * NS_PER_S + BigInt(nanosec);
}

const header = (stamp_ns: bigint, frame_id: string) => ({ stamp: toRosTime(stamp_ns), frame_id });
const xyz = ([x, y, z]: Vector3) => ({ x, y, z });
const rosPose = ({ position, orientation: [x, y, z, w] }: Pose) => ({
  position: xyz(position),
  orientation: { x, y, z, w },
});

/** sensor_msgs/msg/JointState. */
export function jointStateToRos({ stamp_ns, names, position, velocity, effort }: JointState): object {
  return { header: header(stamp_ns, ''), name: names, position, velocity, effort };
}

/** geometry_msgs/msg/WrenchStamped. */
export function wrenchToRos({ stamp_ns, frame_id, force, torque }: Wrench): object {
  return { header: header(stamp_ns, frame_id), wrench: { force: xyz(force), torque: xyz(torque) } };
}

/** tf2_msgs/msg/TFMessage. */
export function transformsToRos({ stamp_ns, transforms }: Transforms): object {
  return {
    transforms: transforms.map(({ parent, child, pose }) => {
      const { position, orientation } = rosPose(pose);
      return {
        header: header(stamp_ns, parent),
        child_frame_id: child,
        transform: { translation: position, rotation: orientation },
      };
    }),
  };
}

/** sensor_msgs/msg/CameraInfo of an undistorted pinhole camera: R is the identity and P = [K 0]. */
export function cameraInfoToRos({ stamp_ns, frame_id, width, height, K, D, distortion_model }: CameraInfo): object {
  return {
    header: header(stamp_ns, frame_id),
    width,
    height,
    distortion_model,
    d: [...D],
    k: [...K],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [K[0], K[1], K[2], 0, K[3], K[4], K[5], 0, K[6], K[7], K[8], 0],
  };
}

/**
 * sensor_msgs/msg/Image of encoding 16UC1: depth in whole millimetres (REP 118), 0 for none, at most 65.535 m. A third
 * of the bytes of 32FC1 once compressed.
 */
export function depthToRos({ stamp_ns, frame_id, width, height, data }: DepthImage): object {
  const millimetres = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const scaled = 1000 * data[i] + 0.5;
    millimetres[i] = data[i] > 0 ? (scaled < 65_535 ? scaled : 65_535) : 0;
  }
  return {
    header: header(stamp_ns, frame_id),
    height,
    width,
    encoding: '16UC1',
    is_bigendian: BIG_ENDIAN,
    step: 2 * width,
    data: new Uint8Array(millimetres.buffer),
  };
}

/** sensor_msgs/msg/CompressedImage around an encoded picture. */
export function compressedImageToRos(stamp_ns: bigint, frame_id: string, format: string, data: Uint8Array): object {
  return { header: header(stamp_ns, frame_id), format, data };
}

/** vision_msgs/msg/Detection3DArray; class_id reads "colour class". What it cannot say is in the DetectionSource. */
export function detectionsToRos({ stamp_ns, frame_id, detections }: Detections): object {
  const head = header(stamp_ns, frame_id);
  return {
    header: head,
    detections: detections.map((detection) => ({
      header: head,
      results: [
        {
          hypothesis: { class_id: `${detection.colour} ${detection.class}`, score: detection.score },
          pose: { pose: rosPose(detection.pose), covariance: [...detection.covariance] },
        },
      ],
      bbox: { center: rosPose(detection.pose), size: xyz(boundingSize(detection.shape)) },
      id: String(detection.id),
    })),
  };
}

/** surepick_msgs/msg/DetectionSource. */
export function detectionSourceToRos(message: Detections): object {
  return {
    header: header(message.stamp_ns, message.frame_id),
    request_id: message.request_id,
    source: message.source,
    degraded_reason: message.degraded_reason,
    model: message.model,
    regions: message.detections.map(regionToRos),
  };
}

function regionToRos({ id, shape, colour, image_box: [left, top, width, height], pixels }: Detection): object {
  return { id: String(id), shape: shape.type, colour, left, top, width, height, pixels };
}

function boundingSize(shape: Shape): Vector3 {
  switch (shape.type) {
    case 'box':
      return shape.size;
    case 'cylinder':
      return [2 * shape.radius, 2 * shape.radius, shape.length];
    case 'sphere':
      return [2 * shape.radius, 2 * shape.radius, 2 * shape.radius];
  }
}

/** surepick_msgs/msg/SafetyState. */
export function safetyStateToRos({ stamp_ns, mode, passed, limited, stopped, ...rest }: SafetyState): object {
  return {
    ...rest,
    stamp: toRosTime(stamp_ns),
    mode: SAFETY_MODES.indexOf(mode),
    passed: BigInt(passed),
    limited: BigInt(limited),
    stopped: BigInt(stopped),
  };
}

/** diagnostic_msgs/msg/DiagnosticArray with one status a stage; WARN once it has dropped frames. */
export function latencyToRos({ stamp_ns, stage, request_id, ...values }: StageLatency): object {
  return {
    header: header(stamp_ns, ''),
    status: [
      {
        level: values.dropped > 0 ? 1 : 0,
        name: stage,
        message: values.dropped > 0 ? `dropped ${values.dropped}` : 'ok',
        hardware_id: 'surepick',
        values: Object.entries({ request_id, ...values }).map(([key, value]) => ({ key, value: String(value) })),
      },
    ],
  };
}
