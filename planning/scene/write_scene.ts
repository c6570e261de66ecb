import { stringify } from 'yaml';
import type { ElementTree } from '../../collision/index.ts';
import { type ConvexMesh, InputError, type Pose, type Shape } from '../../contracts/index.ts';
import type { PlanningScene } from './planning_scene.ts';

/** shape_msgs/SolidPrimitive's numbers of its types. */
const TYPE = { box: 1, sphere: 2, cylinder: 3 } as const;

/**
 * A planning scene as moveit_msgs/PlanningScene in YAML, for `parsePlanningScene` and for MoveIt's users. Padding is that
 * of the reader and is not written. Throws InputError for point clouds, which the message has no shape for.
 */
export function writePlanningScene(scene: PlanningScene): string {
  const names = [...new Set(scene.allowed.flat())];
  const together = new Set(scene.allowed.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
  const by_name = new Map<string, (readonly [Shape | ConvexMesh | ElementTree, Pose])[]>();
  for (const { name, shape, pose } of scene.obstacles) by_name.set(name, [...(by_name.get(name) ?? []), [shape, pose]]);
  return stringify({
    name: scene.name,
    robot_state: {
      joint_state: { name: Object.keys(scene.joints), position: Object.values(scene.joints) },
      attached_collision_objects: scene.attached.map(({ name, link, shape, T_link_shape, touch_links }) => ({
        link_name: link,
        object: { header: { frame_id: link }, ...objectMessage(name, [[shape, T_link_shape]]) },
        touch_links,
      })),
      is_diff: false,
    },
    allowed_collision_matrix: {
      entry_names: names,
      entry_values: names.map((a) => ({ enabled: names.map((b) => together.has(`${a} ${b}`)) })),
      default_entry_names: scene.always_allowed,
      default_entry_values: scene.always_allowed.map(() => true),
    },
    link_padding: Object.entries(scene.link_padding).map(([link_name, padding]) => ({ link_name, padding })),
    world: {
      collision_objects: [...by_name].map(([name, shapes]) => ({
        header: { frame_id: 'world' },
        ...objectMessage(name, shapes),
      })),
    },
    is_diff: false,
  });
}

function objectMessage(id: string, shapes: readonly (readonly [Shape | ConvexMesh | ElementTree, Pose])[]): object {
  const primitives: object[] = [];
  const primitive_poses: object[] = [];
  const meshes: object[] = [];
  const mesh_poses: object[] = [];
  for (const [shape, pose] of shapes) {
    if (shape.type === 'mesh' || shape.type === 'elements') {
      meshes.push(meshMessage(id, shape));
      mesh_poses.push(poseMessage(pose));
    } else {
      primitives.push({ type: TYPE[shape.type], dimensions: dimensionsOf(shape) });
      primitive_poses.push(poseMessage(pose));
    }
  }
  return { id, primitives, primitive_poses, meshes, mesh_poses, operation: 0 };
}

function dimensionsOf(shape: Shape): readonly number[] {
  switch (shape.type) {
    case 'box':
      return shape.size;
    case 'sphere':
      return [shape.radius];
    case 'cylinder':
      return [shape.length, shape.radius];
  }
}

function meshMessage(id: string, shape: ConvexMesh | ElementTree): object {
  if (shape.type === 'elements' && shape.elements === 'points') {
    throw new InputError(`obstacle ${id} is a point cloud`, 'a scene has primitives, meshes and planes');
  }
  const points = shape.type === 'mesh' ? shape.vertices : shape.data;
  const count = points.length / 3;
  const corners = shape.type === 'mesh' ? shape.triangles : Array.from({ length: count }, (_, k) => k);
  return {
    vertices: Array.from({ length: count }, (_, v) => vector([points[3 * v], points[3 * v + 1], points[3 * v + 2]])),
    triangles: Array.from({ length: corners.length / 3 }, (_, t) => ({
      vertex_indices: [corners[3 * t], corners[3 * t + 1], corners[3 * t + 2]],
    })),
  };
}

function poseMessage({ position, orientation: [x, y, z, w] }: Pose): object {
  return { position: vector(position), orientation: { x, y, z, w } };
}

function vector([x, y, z]: readonly [number, number, number]): object {
  return { x, y, z };
}
