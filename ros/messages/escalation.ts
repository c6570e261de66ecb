import { z } from 'zod';
import {
  type Correction,
  correction,
  type Escalation,
  type EscalationAnswer,
  type EscalationEnd,
  escalation,
  escalationAnswer,
  escalationEnd,
} from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { detectionSourceToRos, detectionsFromRos, detectionsToRos } from './detections.ts';
import { bytes, fieldError, finite, parseFields, stamp, toRosTime } from './fields.ts';

const { stamp_ns: _s, expires_ns: _e, image_box: _b, image: _i, ...asked } = escalation.shape;
const rosEscalation = z.object({
  ...asked,
  stamp,
  expires: stamp,
  ...{ left: finite, top: finite, width: finite, height: finite },
  image: bytes,
});
const { stamp_ns: _t, ...answered } = escalationAnswer.shape;
const rosAnswer = z.object({ ...answered, stamp });
const { stamp_ns: _u, ...ended } = escalationEnd.shape;
const rosEnd = z.object({ ...ended, stamp });
const { stamp_ns: _v, image_box: _w, seen: _x, ...corrected } = correction.shape;
const fields = z.record(z.string(), z.unknown());
const rosCorrection = z.object({
  ...corrected,
  stamp,
  ...{ left: finite, top: finite, width: finite, height: finite },
  ...{ seen: fields, source: fields },
});

/** surepick_msgs/msg/Escalation. */
export function escalationToRos({ stamp_ns, expires_ns, image_box, options, ...rest }: Escalation): object {
  const [left, top, width, height] = image_box;
  const times = { stamp: toRosTime(stamp_ns), expires: toRosTime(expires_ns) };
  return { ...rest, ...times, options: [...options], left, top, width, height };
}

export function escalationFromRos(fields: RosFields): Escalation {
  const parsed = parseFields(rosEscalation, fields, 'surepick_msgs/msg/Escalation');
  const { stamp: stamp_ns, expires: expires_ns, left, top, width, height, ...rest } = parsed;
  return { ...rest, stamp_ns, expires_ns, image_box: [left, top, width, height] };
}

/** surepick_msgs/msg/EscalationAnswer. */
export function escalationAnswerToRos({ stamp_ns, ...rest }: EscalationAnswer): object {
  return { ...rest, stamp: toRosTime(stamp_ns) };
}

export function escalationAnswerFromRos(fields: RosFields): EscalationAnswer {
  const { stamp: stamp_ns, ...rest } = parseFields(rosAnswer, fields, 'surepick_msgs/msg/EscalationAnswer');
  return { ...rest, stamp_ns };
}

/** surepick_msgs/msg/EscalationEnd. */
export function escalationEndToRos({ stamp_ns, ...rest }: EscalationEnd): object {
  return { ...rest, stamp: toRosTime(stamp_ns) };
}

export function escalationEndFromRos(fields: RosFields): EscalationEnd {
  const { stamp: stamp_ns, ...rest } = parseFields(rosEnd, fields, 'surepick_msgs/msg/EscalationEnd');
  return { ...rest, stamp_ns };
}

/** surepick_msgs/msg/Correction. */
export function correctionToRos({ stamp_ns, seen, image_box, ...rest }: Correction): object {
  const [left, top, width, height] = image_box;
  const object = { seen: detectionsToRos(seen), source: detectionSourceToRos(seen) };
  return { ...rest, ...object, stamp: toRosTime(stamp_ns), left, top, width, height };
}

/** Throws InputError too where it is not of exactly one object. */
export function correctionFromRos(fields: RosFields): Correction {
  const type = 'surepick_msgs/msg/Correction';
  const { stamp: stamp_ns, seen, source, left, top, width, height, ...rest } = parseFields(rosCorrection, fields, type);
  const object = detectionsFromRos(seen, source);
  if (object.detections.length !== 1)
    throw fieldError(type, ['seen', 'detections', 'length'], object.detections.length, 'must be 1');
  return { ...rest, stamp_ns, seen: object, image_box: [left, top, width, height] };
}
