import {
  AxesHelper,
  BackSide,
  BoxGeometry,
  BufferGeometry,
  CapsuleGeometry,
  CylinderGeometry,
  EdgesGeometry,
  Float32BufferAttribute,
  GridHelper,
  Group,
  Line,
  LineBasicMaterial,
  LineDashedMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  type Object3D,
  PlaneGeometry,
  SphereGeometry,
} from 'three';
import type { Colour, Pose, Shape } from '../../../contracts/index.ts';
import type { SceneMessage, SeenObject, Welcome } from '../../protocol/messages.ts';
import { plainMaterial } from './plain_material.ts';

/** Paints of objects on the page, sRGB. */
export const OBJECT_RGB: Readonly<Record<Colour, number>> = {
  red: 0xd23b3b,
  orange: 0xe8842a,
  yellow: 0xe3c62f,
  green: 0x3c9a4b,
  blue: 0x3566c9,
  purple: 0x8446ae,
};
const SELECTED = 0x00d0ff;
const PATH = 0x1f6feb;
const WORKSPACE = 0x2f8f5b;
const KEEP_OUT = 0xc0392b;
const PERSON = 0xf0a030;
/** How much the outline stands out around the selected object. */
const OUTLINE_M = 0.006;

export function placeAt(node: Object3D, pose: Pose): void {
  node.position.set(...pose.position);
  node.quaternion.set(...pose.orientation);
}

/** The table's top at z = 0 with a line every 0.1 m. */
export function buildGround(): Group {
  const ground = new Group();
  const top = new Mesh(new PlaneGeometry(2.4, 2.4), plainMaterial({ colour: 0xaab3bb }));
  top.position.z = -0.003;
  const lines = new GridHelper(2.4, 24, 0x7d8791, 0x9da5ad);
  lines.rotation.x = Math.PI / 2;
  lines.position.z = -0.001;
  ground.add(top, lines);
  return ground;
}

export function buildAxes(size_m: number): AxesHelper {
  const axes = new AxesHelper(size_m);
  for (const material of [axes.material].flat()) material.depthTest = false;
  axes.renderOrder = 2;
  return axes;
}

export function buildZones(zones: Welcome['zones']): Group {
  const group = new Group();
  for (const { kind, pose, size } of zones) {
    const box = new BoxGeometry(...size);
    const color = kind === 'workspace' ? WORKSPACE : KEEP_OUT;
    const edges = new LineSegments(new EdgesGeometry(box), new LineBasicMaterial({ color }));
    placeAt(edges, pose);
    group.add(edges);
    if (kind === 'workspace') {
      box.dispose();
      continue;
    }
    const volume = new Mesh(box, new MeshBasicMaterial({ color, transparent: true, opacity: 0.15, depthWrite: false }));
    placeAt(volume, pose);
    group.add(volume);
  }
  return group;
}

export function buildShape(shape: Shape, grow_m = 0): BufferGeometry {
  if (shape.type === 'box')
    return new BoxGeometry(...(shape.size.map((side) => side + 2 * grow_m) as [number, number, number]));
  if (shape.type === 'sphere') return new SphereGeometry(shape.radius + grow_m, 20, 14);
  const cylinder = new CylinderGeometry(shape.radius + grow_m, shape.radius + grow_m, shape.length + 2 * grow_m, 24);
  return cylinder.rotateX(Math.PI / 2);
}

/** Objects, named by their ids in `userData.id`; those in doubt are see-through. */
export function buildObjects(objects: readonly SeenObject[]): Group {
  const group = new Group();
  for (const object of objects) {
    const doubt = object.verdict !== 'accept' && object.verdict !== '';
    const material = plainMaterial({ colour: OBJECT_RGB[object.colour], opacity: doubt ? 0.55 : 1 });
    const mesh = new Mesh(buildShape(object.shape), material);
    placeAt(mesh, object.pose);
    mesh.userData.id = object.id;
    group.add(mesh);
  }
  return group;
}

/** A rim around an object: its shape a little larger, seen from within. */
export function buildOutline(object: SeenObject): Mesh {
  const outline = new Mesh(
    buildShape(object.shape, OUTLINE_M),
    new MeshBasicMaterial({ color: SELECTED, side: BackSide }),
  );
  placeAt(outline, object.pose);
  return outline;
}

export function buildPath(points: SceneMessage['path']): Line {
  const geometry = new BufferGeometry().setAttribute('position', new Float32BufferAttribute(points.flat(), 3));
  return new Line(geometry, new LineBasicMaterial({ color: PATH }));
}

/** A capsule's axis is z; three's is y. */
export function buildBodies(bodies: SceneMessage['bodies']): Group {
  const group = new Group();
  for (const { radius_m, length_m, pose } of bodies) {
    const capsule = new CapsuleGeometry(radius_m, length_m, 6, 16).rotateX(Math.PI / 2);
    const material = plainMaterial({ colour: PERSON, opacity: 0.6 });
    const mesh = new Mesh(capsule, material);
    placeAt(mesh, pose);
    group.add(mesh);
  }
  return group;
}

export function buildSeparation(): Line {
  const geometry = new BufferGeometry().setAttribute('position', new Float32BufferAttribute(new Float32Array(6), 3));
  const line = new Line(geometry, new LineDashedMaterial({ color: KEEP_OUT, dashSize: 0.04, gapSize: 0.02 }));
  line.frustumCulled = false;
  return line;
}

/** Frees what a node and all below it hold on the graphics card. */
export function disposeAll(node: Object3D): void {
  node.traverse((child) => {
    if (!(child instanceof Mesh || child instanceof Line)) return;
    child.geometry.dispose();
    for (const material of [child.material].flat()) material.dispose();
  });
  node.removeFromParent();
}
