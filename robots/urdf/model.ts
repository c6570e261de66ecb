import type { Shape, TriangleMesh, Vector3 } from '../../contracts/index.ts';
import {
  type BodyShape,
  type FrameModel,
  IDENTITY3,
  type Matrix3,
  matrixFromRpy,
  type RobotModel,
  rotate,
} from '../../dynamics/index.ts';
import type { UrdfDocument, UrdfGeometry, UrdfOrigin } from './document.ts';
import { MassSum } from './mass_sum.ts';
import type { MeshShapes } from './mesh_shapes.ts';
import type { UrdfTree } from './tree.ts';

/** Of what has no colour. */
const GREY = [0.7, 0.7, 0.7, 1] as const;

/** A link's place: the body that carries it and T_body_link. */
interface Placement {
  readonly body: number;
  readonly R: Matrix3;
  readonly p: Vector3;
}

/**
 * Merges fixed links into the bodies that carry them and lays the robot out in flat arrays. Collision meshes become convex
 * hulls, visual ones triangles, or nothing unless `visual_meshes`.
 */
export function buildModel(
  document: UrdfDocument,
  tree: UrdfTree,
  meshes: MeshShapes,
  visual_meshes: boolean,
): RobotModel {
  const moving = tree.ordered.filter(({ type }) => type !== 'fixed');
  const nb = moving.length;
  const nq = tree.independent.length;
  const parent = new Int32Array(nb);
  const tree_R = new Float64Array(9 * nb);
  const tree_p = new Float64Array(3 * nb);
  const placements = new Map<string, Placement>([[tree.root, { body: -1, R: IDENTITY3, p: [0, 0, 0] }]]);
  let body = 0;
  for (const joint of tree.ordered) {
    const carrier = compose(placements.get(joint.parent)!, joint.origin);
    if (joint.type === 'fixed') {
      placements.set(joint.child, carrier);
      continue;
    }
    parent[body] = carrier.body;
    tree_R.set(carrier.R, 9 * body);
    tree_p.set(carrier.p, 3 * body);
    placements.set(joint.child, { body, R: IDENTITY3, p: [0, 0, 0] });
    body++;
  }

  const sums = Array.from({ length: nb }, () => new MassSum());
  const frames: FrameModel[] = [];
  const collision: BodyShape[] = [];
  const visual: BodyShape<Shape | TriangleMesh>[] = [];
  for (const link of document.links) {
    const placement = placements.get(link.name)!;
    frames.push({ name: link.name, ...placement });
    if (placement.body >= 0 && link.inertial !== null) {
      const at = compose(placement, link.inertial.origin);
      sums[placement.body].add(link.inertial.mass, at.p, at.R, link.inertial.inertia);
    }
    for (const item of link.collision) {
      const { geometry } = item;
      if (geometry.type !== 'mesh') collision.push(fixed(item, link.name, placement, geometry));
      else {
        const { mesh, centre } = meshes.hull(geometry, link.name);
        collision.push(fixed(item, link.name, placement, mesh, centre));
      }
    }
    for (const item of link.visual) {
      const { geometry } = item;
      if (geometry.type !== 'mesh') visual.push(fixed(item, link.name, placement, geometry));
      else if (visual_meshes) {
        for (const { mesh, centre, rgba } of meshes.surfaces(geometry, link.name)) {
          visual.push(fixed({ ...item, rgba: item.rgba ?? rgba }, link.name, placement, mesh, centre));
        }
      }
    }
  }

  const drive = moving.map(({ name }) => tree.drive.get(name)!);
  const effort_limit = new Float64Array(nq);
  moving.forEach(({ effort }, b) => {
    effort_limit[drive[b].coordinate] += drive[b].multiplier === 0 ? 0 : Math.abs(drive[b].multiplier) * effort;
  });
  return {
    name: document.name,
    root_link: tree.root,
    nb,
    nq,
    joint_names: tree.independent.map(({ name }) => name),
    body_joint_names: moving.map(({ name }) => name),
    parent,
    joint_type: Uint8Array.from(moving, ({ type }) => (type === 'prismatic' ? 1 : 0)),
    axis: Float64Array.from(moving.flatMap(({ axis }) => axis)),
    tree_R,
    tree_p,
    coordinate: Int32Array.from(drive, ({ coordinate }) => coordinate),
    multiplier: Float64Array.from(drive, ({ multiplier }) => multiplier),
    offset: Float64Array.from(drive, ({ offset }) => offset),
    mass: Float64Array.from(sums, ({ mass }) => mass),
    com: Float64Array.from(sums.flatMap((sum) => sum.com())),
    inertia: Float64Array.from(sums.flatMap((sum) => sum.inertiaAboutCom())),
    position_lower: Float64Array.from(tree.independent, ({ lower }) => lower),
    position_upper: Float64Array.from(tree.independent, ({ upper }) => upper),
    velocity_limit: Float64Array.from(tree.independent, ({ velocity }) => velocity),
    effort_limit,
    damping: Float64Array.from(tree.independent, ({ damping }) => damping),
    friction: Float64Array.from(tree.independent, ({ friction }) => friction),
    frames,
    collision,
    visual,
  };
}

function compose(at: Placement, origin: UrdfOrigin): Placement {
  const [x, y, z] = rotate(at.R, origin.xyz);
  return { body: at.body, R: multiply(at.R, matrixFromRpy(origin.rpy)), p: [at.p[0] + x, at.p[1] + y, at.p[2] + z] };
}

function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const entry = (i: number, j: number) => a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
  return [
    entry(0, 0),
    entry(0, 1),
    entry(0, 2),
    entry(1, 0),
    entry(1, 1),
    entry(1, 2),
    entry(2, 0),
    entry(2, 1),
    entry(2, 2),
  ];
}

/** A shape whose frame is at `centre` of the geometry's. */
function fixed<S>(
  { name, origin, rgba }: UrdfGeometry,
  link: string,
  placement: Placement,
  shape: S,
  centre: Vector3 = [0, 0, 0],
): BodyShape<S> {
  const at = compose(placement, origin);
  const [x, y, z] = rotate(at.R, centre);
  const p = [at.p[0] + x, at.p[1] + y, at.p[2] + z];
  return { name, link, body: at.body, R: at.R, p, shape, rgba: rgba ?? GREY };
}
