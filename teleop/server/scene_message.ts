import { type Detections, type Markers, stampToSeconds, type Vector3 } from '../../contracts/index.ts';
import { PICTURE_CAMERAS, type SceneMessage, type SeenObject } from '../protocol/index.ts';
import type { Newest, RobotSide } from './robot_side.ts';

/** Namespace of the markers that are the tool's planned path. */
const PATH = 'path';
/** What was seen longer ago is not shown, ms. */
const STALE_MS = 3000;

/** Sizes of the cameras' pictures, pixels. */
export interface PictureSizes {
  readonly get: (
    camera: (typeof PICTURE_CAMERAS)[number],
  ) => { readonly width: number; readonly height: number } | null;
}

/** What the robot sees and plans now, as pages are shown it. */
export function sceneMessage(side: RobotSide, sizes: PictureSizes): SceneMessage {
  const now_ms = side.now_ms();
  const fresh = <T>(newest: Newest<T> | null | undefined): T | null =>
    newest == null || now_ms - newest.arrived_ms > STALE_MS ? null : newest.message;
  const seen = PICTURE_CAMERAS.map((camera) => ({ camera, detections: fresh(side.detections.get(camera)) }));
  return {
    type: 'scene',
    objects: (fresh(side.objects) ?? seen[0].detections)?.detections.map(shown) ?? [],
    outlines: seen.flatMap(({ camera, detections }) => {
      const size = sizes.get(camera);
      if (detections === null || size === null) return [];
      const boxes = detections.detections.map(({ id, class: name, colour, score, image_box }) => {
        return { id, class: name, colour, score, box: image_box };
      });
      return [{ camera, stamp_ms: 1000 * stampToSeconds(detections.stamp_ns), ...size, boxes }];
    }),
    path: side.markers === null ? [] : pathOf(side.markers.message),
    degraded: [...new Set(seen.flatMap(({ detections }) => (detections === null ? [] : doubtsOf(detections))))].join(
      '; ',
    ),
    bodies: (fresh(side.bodies)?.bodies ?? []).map(({ id, radius_m, length_m, pose }) => {
      return { id, radius_m, length_m, pose };
    }),
  };
}

function shown(detection: Detections['detections'][number]): SeenObject {
  const { id, class: name, colour, score, pose, shape, confidence } = detection;
  const verdict = confidence?.verdict ?? 'accept';
  return { id, class: name, colour, score, pose, shape, verdict, reason: confidence?.reason ?? '' };
}

function pathOf({ markers }: Markers): readonly Vector3[] {
  return markers.flatMap(({ namespace, kind, points }) => (namespace === PATH && kind === 'line_strip' ? points : []));
}

function doubtsOf({ degraded_reason, faults = [], request_id }: Detections): readonly string[] {
  const [camera] = request_id.split('/');
  return [...(degraded_reason === '' ? [] : [degraded_reason]), ...faults.map((fault) => `${camera}: ${fault}`)];
}
