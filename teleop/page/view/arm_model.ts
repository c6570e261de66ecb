import {
  BoxGeometry,
  type BufferGeometry,
  Color,
  CylinderGeometry,
  Float32BufferAttribute,
  Group,
  type Material,
  Matrix4,
  Mesh,
  type Object3D,
  SphereGeometry,
} from 'three';
import { mergeGeometries } from 'three/examples/jsm/utils/BufferGeometryUtils.js';
import URDFLoader, { type URDFJoint, type URDFRobot } from 'urdf-loader';
import { plainMaterial, srgb } from './plain_material.ts';
import { parseXml } from './xml_document.ts';

/** Bytes of a mesh named in a robot's description, `package://…` as it stands there. */
export type MeshBytes = (url: string) => Promise<ArrayBuffer>;

/** What a ghost is painted with. */
export interface Ghost {
  readonly colour: number;
  readonly opacity: number;
}

/** A robot of a URDF to be posed: one drawn mesh a link for its primitives, meshes of files as they come. */
export class ArmModel {
  readonly root = new Group();
  private readonly robot: URDFRobot;
  private readonly fingers: readonly URDFJoint[];
  private named: readonly (URDFJoint | null)[] = [];
  private names: readonly string[] = [];

  private constructor(robot: URDFRobot) {
    this.robot = robot;
    this.root.add(robot);
    this.fingers = Object.values(robot.joints).filter((joint) => joint.jointType === 'prismatic');
  }

  /** `changed` is called with each mesh that comes later. @throws Error where the text is no robot description */
  static fromUrdf(text: string, meshes: MeshBytes | null, changed: () => void): ArmModel {
    const loader = new URDFLoader();
    loader.packages = (name) => `package://${name}`;
    loader.loadMeshCb = (url, _manager, material, done) => {
      if (meshes === null) return;
      import('./load_mesh.ts')
        .then(async ({ parseMesh }) => parseMesh(url, await meshes(url), material))
        .then(
          (mesh) => {
            repaint(mesh);
            done(mesh);
            changed();
          },
          (error: unknown) => done(new Group(), error instanceof Error ? error : new Error(String(error))),
        );
    };
    const robot = loader.parse(parseXml(text));
    for (const link of Object.values(robot.links)) mergePrimitives(link);
    return new ArmModel(robot);
  }

  /** The same robot as it is now, transparent and in one colour; shares all geometry. */
  ghost({ colour, opacity }: Ghost): ArmModel {
    const copy = new ArmModel(this.robot.clone(true));
    const material = plainMaterial({ colour, opacity });
    copy.root.traverse((node) => {
      if (node instanceof Mesh) node.material = material;
    });
    return copy;
  }

  /** `values` from `offset` on: one for each name; a width of the gripper moves the fingers that are not named. */
  pose(names: readonly string[], values: ArrayLike<number>, width_m: number): void {
    if (names !== this.names) {
      this.names = names;
      this.named = names.map((name) => this.robot.joints[name] ?? null);
    }
    for (let i = 0; i < this.named.length; i++) {
      if (!Number.isNaN(values[i])) this.named[i]?.setJointValue(values[i]);
    }
    if (Number.isNaN(width_m)) return;
    for (const finger of this.fingers) {
      if (!this.named.includes(finger)) finger.setJointValue(width_m / this.fingers.length);
    }
  }

  /** Origins of the links along the longest chain, x y z each; what is near is measured to the lines between them. */
  chain(out: number[]): void {
    out.length = 0;
    this.root.updateMatrixWorld(true);
    let node: Object3D | undefined = this.robot;
    for (let next: Object3D | undefined = node; next !== undefined; next = deepest(next)) {
      node = next;
      const { elements } = node.matrixWorld;
      out.push(elements[12], elements[13], elements[14]);
    }
  }

  dispose(): void {
    this.root.traverse((node) => {
      if (!(node instanceof Mesh)) return;
      node.geometry.dispose();
      for (const material of [node.material].flat() as Material[]) material.dispose();
    });
  }
}

/** As the loader makes them, but with no more corners than the eye asks for: without a graphics card each one counts. */
function primitiveOf(geometry: BufferGeometry): BufferGeometry | null {
  if (geometry instanceof CylinderGeometry) return new CylinderGeometry(1, 1, 1, 20);
  if (geometry instanceof SphereGeometry) return new SphereGeometry(1, 20, 14);
  return geometry instanceof BoxGeometry ? geometry.clone() : null;
}

const paint = plainMaterial({ corners: true });

/** In place of a mesh for each primitive of a link one for all, with its colours at the corners. */
function mergePrimitives(link: Object3D): void {
  link.updateWorldMatrix(true, true);
  const back = new Matrix4().copy(link.matrixWorld).invert();
  const parts: BufferGeometry[] = [];
  for (const visual of link.children.filter((child) => 'isURDFVisual' in child)) {
    for (const mesh of visual.children.filter((child) => child instanceof Mesh)) {
      const part = primitiveOf(mesh.geometry);
      if (part === null) continue;
      part.applyMatrix4(new Matrix4().multiplyMatrices(back, mesh.matrixWorld));
      part.deleteAttribute('uv');
      part.setAttribute('color', new Float32BufferAttribute(cornerColours(part, mesh.material), 3));
      parts.push(part);
      visual.remove(mesh);
      mesh.geometry.dispose();
    }
  }
  if (parts.length > 0) link.add(new Mesh(mergeGeometries(parts), paint));
  for (const part of parts) part.dispose();
}

function cornerColours(geometry: BufferGeometry, material: unknown): number[] {
  const colour = srgb(colourOf(material));
  return Array.from({ length: geometry.attributes.position.count }, () => colour).flat();
}

function colourOf(material: unknown): Color {
  const has = typeof material === 'object' && material !== null && 'color' in material;
  return has && material.color instanceof Color ? material.color : new Color(0xcccccc);
}

/** A mesh of a file in the paint of all others, each part in its own colour. */
function repaint(mesh: Object3D): void {
  mesh.traverse((node) => {
    if (!(node instanceof Mesh)) return;
    node.material = plainMaterial({ colour: colourOf([node.material].flat()[0]), both_sides: true });
  });
}

/** The child link or joint that has the most below it. */
function deepest(node: Object3D): Object3D | undefined {
  let best: Object3D | undefined;
  let most = -1;
  for (const child of node.children) {
    if (!('isURDFJoint' in child || 'isURDFLink' in child)) continue;
    const depth = depthBelow(child);
    if (depth <= most) continue;
    most = depth;
    best = child;
  }
  return best;
}

function depthBelow(node: Object3D): number {
  let most = 0;
  for (const child of node.children) {
    if ('isURDFJoint' in child || 'isURDFLink' in child) most = Math.max(most, 1 + depthBelow(child));
  }
  return most;
}
