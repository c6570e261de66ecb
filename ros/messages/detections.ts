import { z } from 'zod';
import {
  COLOURS,
  type Colour,
  confidence,
  type Detection,
  type Detections,
  OBJECT_CLASSES,
  type ObjectClass,
  PICTURE_FAULTS,
  type Shape,
  VERDICTS,
  type Vector3,
} from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { fieldError, finite, floats, header, parseFields, pose, rosHeader, rosPose, rosXyz, xyz } from './fields.ts';

const TYPE = 'vision_msgs/msg/Detection3DArray';
const SOURCE_TYPE = 'surepick_msgs/msg/DetectionSource';

const NO_CONFIDENCE = { verdict: '', reason: '', visible: 0, possible: [] } as const;

const array = z.object({
  header,
  detections: z.array(
    z.object({
      results: z
        .array(
          z.object({
            hypothesis: z.object({ class_id: z.string(), score: z.number().min(0).max(1) }),
            pose: z.object({ pose, covariance: floats }),
          }),
        )
        .min(1, 'must have a hypothesis'),
      bbox: z.object({ center: pose, size: xyz }),
      id: z.string(),
    }),
  ),
});
type Seen = z.infer<typeof array>['detections'][number];

const source = z.object({
  header,
  request_id: z.string(),
  source: z.enum(['onnx', 'classical', 'state']),
  degraded_reason: z.string(),
  model: z.string(),
  // Recordings from before these fields existed lack them.
  judged: z.boolean().default(false),
  faults: z.array(z.enum(PICTURE_FAULTS)).default([]),
  regions: z.array(
    z.object({
      id: z.string(),
      shape: z.enum(['box', 'cylinder', 'sphere']),
      colour: z.string(),
      left: finite,
      top: finite,
      width: finite,
      height: finite,
      pixels: z.number().int().nonnegative(),
      verdict: z.enum(['', ...VERDICTS]).default(''),
      reason: z.string().default(''),
      visible: confidence.shape.visible.default(0),
      possible: confidence.shape.possible.default([]),
    }),
  ),
});
type Region = z.infer<typeof source>['regions'][number];

/** vision_msgs/msg/Detection3DArray; class_id reads "colour class". What it cannot say is in the DetectionSource. */
export function detectionsToRos({ stamp_ns, frame_id, detections }: Detections): object {
  const head = rosHeader(stamp_ns, frame_id);
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
      bbox: { center: rosPose(detection.pose), size: rosXyz(boundingSize(detection.shape)) },
      id: String(detection.id),
    })),
  };
}

/** surepick_msgs/msg/DetectionSource. */
export function detectionSourceToRos(message: Detections): object {
  return {
    header: rosHeader(message.stamp_ns, message.frame_id),
    request_id: message.request_id,
    source: message.source,
    degraded_reason: message.degraded_reason,
    model: message.model,
    judged: message.faults !== undefined,
    faults: [...(message.faults ?? [])],
    regions: message.detections.map(regionToRos),
  };
}

/**
 * The best hypothesis of each detection. Its class_id must read "colour class", e.g. "red box". Without a DetectionSource,
 * as from a foreign detector: made by a network, of no known request and image region, the shape that of its class in the
 * bounding box (a cylinder upright in it), and numbered in order where ids are not numbers.
 */
export function detectionsFromRos(fields: RosFields, companion?: RosFields): Detections {
  const { header, detections } = parseFields(array, fields, TYPE);
  const told = companion === undefined ? undefined : parseFields(source, companion, SOURCE_TYPE);
  if (told !== undefined && told.regions.length !== detections.length) {
    const expected = `must be one a detection, ${detections.length}`;
    throw fieldError(SOURCE_TYPE, ['regions', 'length'], told.regions.length, expected);
  }
  const numbered = detections.every(({ id }) => /^\d{1,15}$/.test(id));
  return {
    stamp_ns: header.stamp,
    frame_id: header.frame_id,
    request_id: told?.request_id ?? '',
    source: told?.source ?? 'onnx',
    degraded_reason: told?.degraded_reason ?? '',
    model: told?.model ?? 'unknown',
    ...(told?.judged ? { faults: told.faults } : {}),
    detections: detections.map((seen, i) => detection(seen, i, numbered ? Number(seen.id) : i, told?.regions[i])),
  };
}

function detection(seen: Seen, index: number, id: number, region: Region | undefined): Detection {
  const best = seen.results.reduce((a, b) => (b.hypothesis.score > a.hypothesis.score ? b : a));
  const { class_id, score } = best.hypothesis;
  const named = classOf(class_id);
  if (named === null) {
    const allowed = `must name a colour (${COLOURS.join(', ')}) and a class (${OBJECT_CLASSES.join(', ')})`;
    throw fieldError(TYPE, ['detections', index, 'results', 'class_id'], class_id, allowed);
  }
  const size = seen.bbox.size;
  if (!size.every((edge) => edge > 0)) {
    throw fieldError(TYPE, ['detections', index, 'bbox', 'size'], size.join(' '), 'must be positive');
  }
  if (best.pose.covariance.length !== 36) {
    throw fieldError(
      TYPE,
      ['detections', index, 'results', 'covariance'],
      best.pose.covariance.length,
      'must be 36 numbers',
    );
  }
  return {
    id,
    ...named,
    score,
    pose: best.pose.pose,
    shape: shapeOf(region?.shape ?? named.class, size),
    covariance: [...best.pose.covariance],
    image_box: region === undefined ? [0, 0, 0, 0] : [region.left, region.top, region.width, region.height],
    pixels: region?.pixels ?? 0,
    ...confidenceOf(region),
  };
}

function confidenceOf(region: Region | undefined): Pick<Detection, 'confidence'> {
  if (region === undefined || region.verdict === '') return {};
  const { verdict, reason, visible, possible } = region;
  return { confidence: { verdict, reason, visible, possible } };
}

function classOf(class_id: string): { readonly class: ObjectClass; readonly colour: Colour } | null {
  const words = class_id.toLowerCase().split(/[\s_]+/);
  const name = OBJECT_CLASSES.find((word) => words.includes(word));
  const colour = COLOURS.find((word) => words.includes(word));
  return name === undefined || colour === undefined || words.length !== 2 ? null : { class: name, colour };
}

/** A shape whose bounding box has these edges; a cylinder stands upright in it. */
export function shapeOf(type: Shape['type'], [x, y, z]: Vector3): Shape {
  switch (type) {
    case 'box':
      return { type, size: [x, y, z] };
    case 'cylinder':
      return { type, radius: Math.max(x, y) / 2, length: z };
    case 'sphere':
      return { type, radius: Math.max(x, y, z) / 2 };
  }
}

function regionToRos({ id, shape, colour, image_box, pixels, confidence }: Detection): object {
  const [left, top, width, height] = image_box;
  const { verdict, reason, visible, possible } = confidence ?? NO_CONFIDENCE;
  const sure = { verdict, reason, visible, possible: [...possible] };
  return { id: String(id), shape: shape.type, colour, left, top, width, height, pixels, ...sure };
}

/** Edges of the box about a shape. */
export function boundingSize(shape: Shape): Vector3 {
  switch (shape.type) {
    case 'box':
      return shape.size;
    case 'cylinder':
      return [2 * shape.radius, 2 * shape.radius, shape.length];
    case 'sphere':
      return [2 * shape.radius, 2 * shape.radius, 2 * shape.radius];
  }
}
