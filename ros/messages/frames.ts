import { z } from 'zod';
import type { Markers, PoseStamped, Transforms, TwistStamped } from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import {
  fieldError,
  finite,
  header,
  parseFields,
  pose,
  quaternion,
  rosHeader,
  rosPose,
  rosXyz,
  xyz,
} from './fields.ts';

const transforms = z.object({
  transforms: z.array(
    z.object({
      header,
      child_frame_id: z.string(),
      transform: z.object({ translation: xyz, rotation: quaternion }),
    }),
  ),
});

/** tf2_msgs/msg/TFMessage. */
export function transformsToRos({ stamp_ns, transforms }: Transforms): object {
  return {
    transforms: transforms.map(({ parent, child, pose }) => {
      const { position, orientation } = rosPose(pose);
      return {
        header: rosHeader(stamp_ns, parent),
        child_frame_id: child,
        transform: { translation: position, rotation: orientation },
      };
    }),
  };
}

/** One message a stamp, in the order of their first transforms. */
export function transformsFromRos(fields: RosFields): readonly Transforms[] {
  const byStamp = new Map<bigint, Transforms['transforms'][number][]>();
  for (const { header, child_frame_id, transform } of parseFields(transforms, fields, 'tf2_msgs/msg/TFMessage')
    .transforms) {
    const edges = byStamp.get(header.stamp) ?? [];
    if (edges.length === 0) byStamp.set(header.stamp, edges);
    edges.push({
      parent: header.frame_id,
      child: child_frame_id,
      pose: { position: transform.translation, orientation: transform.rotation },
    });
  }
  return [...byStamp].map(([stamp_ns, edges]) => ({ stamp_ns, transforms: edges }));
}

const twistStamped = z.object({ header, twist: z.object({ linear: xyz, angular: xyz }) });

/** geometry_msgs/msg/TwistStamped. */
export function twistToRos({ stamp_ns, frame_id, linear, angular }: TwistStamped): object {
  return { header: rosHeader(stamp_ns, frame_id), twist: { linear: rosXyz(linear), angular: rosXyz(angular) } };
}

export function twistFromRos(fields: RosFields): TwistStamped {
  const { header, twist } = parseFields(twistStamped, fields, 'geometry_msgs/msg/TwistStamped');
  return { stamp_ns: header.stamp, frame_id: header.frame_id, ...twist };
}

export const poseStamped = z.object({ header, pose });

/** geometry_msgs/msg/PoseStamped. */
export function poseToRos({ stamp_ns, frame_id, pose }: PoseStamped): object {
  return { header: rosHeader(stamp_ns, frame_id), pose: rosPose(pose) };
}

export function poseFromRos(fields: RosFields): PoseStamped {
  const { header, pose } = parseFields(poseStamped, fields, 'geometry_msgs/msg/PoseStamped');
  return { stamp_ns: header.stamp, frame_id: header.frame_id, pose };
}

const CUBE = 1;
const LINE_STRIP = 4;
const SPHERE_LIST = 7;
const DELETE_ALL = 3;
const KINDS = { cube: CUBE, line_strip: LINE_STRIP, sphere_list: SPHERE_LIST, delete_all: 0 } as const;

const markers = z.object({
  markers: z.array(
    z.object({
      header,
      ns: z.string(),
      id: z.number().int(),
      type: z.number(),
      action: z.number(),
      pose: z.object({ position: xyz, orientation: z.unknown() }),
      scale: xyz,
      color: z.object({ r: finite, g: finite, b: finite, a: finite }),
      points: z.array(xyz),
    }),
  ),
});

/** visualization_msgs/msg/MarkerArray. */
export function markersToRos({ stamp_ns, markers }: Markers): object {
  return {
    markers: markers.map(({ namespace, id, frame_id, kind, pose, scale, colour: [r, g, b, a], points }) => ({
      ...{ header: rosHeader(stamp_ns, frame_id), ns: namespace, id, type: KINDS[kind] },
      ...{ action: kind === 'delete_all' ? DELETE_ALL : 0, pose: rosPose(pose), scale: rosXyz(scale) },
      ...{ color: { r, g, b, a }, points: points.map(rosXyz) },
    })),
  };
}

/** Boxes, lines, lists of spheres and the deletion of all; another type is refused. Markers of one stamp come together. */
export function markersFromRos(fields: RosFields): readonly Markers[] {
  const type = 'visualization_msgs/msg/MarkerArray';
  const byStamp = new Map<bigint, Markers['markers'][number][]>();
  for (const [i, marker] of parseFields(markers, fields, type).markers.entries()) {
    const { header, ns, id, color, scale, points } = marker;
    const kind = kindOf(marker.type, marker.action);
    if (kind === null)
      throw fieldError(type, ['markers', i, 'type'], marker.type, `must be ${CUBE}, ${LINE_STRIP} or ${SPHERE_LIST}`);
    const group = byStamp.get(header.stamp) ?? [];
    if (group.length === 0) byStamp.set(header.stamp, group);
    group.push({
      ...{ namespace: ns, id, frame_id: header.frame_id, kind, scale, points },
      pose: { position: marker.pose.position, orientation: markerOrientation(marker.pose.orientation, type, i) },
      colour: [color.r, color.g, color.b, color.a],
    });
  }
  return [...byStamp].map(([stamp_ns, group]) => ({ stamp_ns, markers: group }));
}

function kindOf(type: number, action: number): Markers['markers'][number]['kind'] | null {
  if (action === DELETE_ALL) return 'delete_all';
  if (type === CUBE) return 'cube';
  if (type === LINE_STRIP) return 'line_strip';
  return type === SPHERE_LIST ? 'sphere_list' : null;
}

const NO_ROTATION = z.object({ x: z.literal(0), y: z.literal(0), z: z.literal(0), w: z.literal(0) });

/** RViz takes an orientation of zeros for none at all. */
function markerOrientation(value: unknown, type: string, index: number) {
  if (NO_ROTATION.safeParse(value).success) return [0, 0, 0, 1] as const;
  return parseFields(quaternion, value, `${type}.markers[${index}].pose.orientation`);
}
