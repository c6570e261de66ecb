import type { Pose, Vector3 } from '../../contracts/index.ts';
import { composePoses, matrixFromQuaternion, matrixFromRpy, quaternionFromMatrix } from '../../dynamics/index.ts';
import { childOf, childrenOf, MassSum, resolveMesh, type XmlElement } from '../../robots/index.ts';
import type { SceneObject } from '../scene.ts';
import { type BodyInertia, buildObject, type Part } from './build_object.ts';
import { Reader } from './reader.ts';
import { capsule, ellipsoid, meshSolid, primitive, type Solid } from './solid.ts';

const IDENTITY: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };
const GREY: Vector3 = [0.7, 0.7, 0.7];

type Placed = Pick<Part, 'solid' | 'T_body_solid'>;

/**
 * Objects of an SDF file: each of its models is one, with one link of stated mass and one collision geometry. Whatever else
 * stands in the file is refused by name.
 */
export function objectsFromSdf(root: XmlElement, file: string, package_dir: string | null): SceneObject[] {
  const read = new Reader(file);
  read.only(root, 'sdf', ['version', 'xmlns:xacro'], ['model']);
  const models = childrenOf(root, 'model');
  if (models.length === 0) read.fail('sdf', 'no <model>', 'there must be one at least');
  return models.map((model) => new SdfModel(model, read, package_dir).object());
}

class SdfModel {
  private readonly model: XmlElement;
  private readonly read: Reader;
  private readonly package_dir: string | null;
  private readonly name: string;

  constructor(model: XmlElement, read: Reader, package_dir: string | null) {
    this.model = model;
    this.read = read;
    this.package_dir = package_dir;
    this.name = model.attributes.name ?? 'model';
  }

  object(): SceneObject {
    const { read, model, name } = this;
    const place = `model "${name}"`;
    read.only(model, place, ['name'], ['pose', 'link', 'static']);
    if (/^(true|1)$/.test((childOf(model, 'static')?.text ?? '').trim())) {
      read.fail(place, '<static> true', 'an object moves; furniture is a fixture of the scene');
    }
    const links = childrenOf(model, 'link');
    if (links.length !== 1) read.fail(place, `${links.length} links`, 'an object has one');
    const [link] = links;
    const at = `${place} link "${link.attributes.name ?? ''}"`;
    read.only(link, at, ['name'], ['pose', 'inertial', 'collision', 'visual']);
    const collisions = childrenOf(link, 'collision');
    if (collisions.length !== 1)
      read.fail(at, `${collisions.length} collisions`, 'an object has one; make it one mesh');
    const visuals = childrenOf(link, 'visual');
    return buildObject({
      name,
      T_world_body: composePoses(this.pose(model, place), this.pose(link, at)),
      inertia: this.inertial(link, at),
      collision: this.placed(collisions[0], `${at} collision`, ['surface']),
      visual: visuals.map((visual) => this.placed(visual, `${at} visual`, ['material'])),
      friction: this.friction(collisions[0], `${at} collision`),
      rgb: visuals.length === 0 ? GREY : this.rgb(visuals[0], `${at} visual`),
    });
  }

  private placed(element: XmlElement, place: string, extra: readonly string[]): Placed {
    this.read.only(element, place, ['name'], ['pose', 'geometry', ...extra]);
    return { solid: this.geometry(element, place), T_body_solid: this.pose(element, place) };
  }

  private geometry(element: XmlElement, place: string): Solid {
    const { read } = this;
    const geometry = childOf(element, 'geometry');
    const shape = geometry?.children[0];
    if (geometry === undefined || shape === undefined || geometry.children.length !== 1) {
      return read.fail(place, '<geometry>', 'must hold one shape');
    }
    const at = `${place} ${shape.name}`;
    const children = CHILDREN[shape.name];
    if (children === undefined)
      return read.fail(place, `<${shape.name}>`, `must be one of ${Object.keys(CHILDREN).join(', ')}`);
    read.only(shape, at, [], children);
    const text = (name: string) => childOf(shape, name)?.text ?? read.fail(at, `<${name}>`, 'is missing');
    const size = (name: string) => read.positive(read.number(text(name), at, name), at, name);
    const sizes = (name: string): Vector3 => {
      const values = read.vector(text(name), at, name);
      for (const value of values) read.positive(value, at, name);
      return values;
    };
    switch (shape.name) {
      case 'box':
        return primitive({ type: 'box', size: sizes('size') });
      case 'sphere':
        return primitive({ type: 'sphere', radius: size('radius') });
      case 'cylinder':
        return primitive({ type: 'cylinder', radius: size('radius'), length: size('length') });
      case 'capsule':
        return capsule(size('radius'), size('length'));
      case 'ellipsoid':
        return ellipsoid(sizes('radii'));
      default: {
        const scale = childOf(shape, 'scale');
        const file = resolveMesh(text('uri').trim(), read.file, this.package_dir, at);
        return meshSolid(file, scale === undefined ? [1, 1, 1] : read.vector(scale.text, at, 'scale'));
      }
    }
  }

  private inertial(link: XmlElement, place: string): BodyInertia {
    const { read } = this;
    const element =
      childOf(link, 'inertial') ?? read.fail(place, '<inertial>', 'is missing; give its mass and inertia');
    const at = `${place} inertial`;
    read.only(element, at, [], ['pose', 'mass', 'inertia']);
    const mass = childOf(element, 'mass') ?? read.fail(at, '<mass>', 'is missing');
    const tensor = childOf(element, 'inertia') ?? read.fail(at, '<inertia>', 'is missing');
    const keys = ['ixx', 'iyy', 'izz', 'ixy', 'ixz', 'iyz'];
    read.only(tensor, `${at} inertia`, [], keys);
    const inertia = keys.map((key, i) => {
      const entry = childOf(tensor, key);
      if (entry === undefined) return i < 3 ? read.fail(`${at} inertia`, `<${key}>`, 'is missing') : 0;
      const value = read.number(entry.text, `${at} inertia`, key);
      return i < 3 ? read.positive(value, `${at} inertia`, key) : value;
    });
    const mass_kg = read.positive(read.number(mass.text, at, 'mass'), at, 'mass');
    const T = this.pose(element, at);
    const sum = new MassSum();
    sum.add(mass_kg, T.position, matrixFromQuaternion(T.orientation), inertia);
    return { mass_kg, com: sum.com(), inertia: sum.inertiaAboutCom() };
  }

  /** Coulomb's coefficient: 1 unless the surface says another. */
  private friction(collision: XmlElement, place: string): number {
    const { read } = this;
    const path = ['surface', 'friction', 'ode'];
    let element: XmlElement | undefined = collision;
    path.forEach((name, i) => {
      element = element && childOf(element, name);
      if (element !== undefined) read.only(element, `${place} ${name}`, [], i < 2 ? [path[i + 1]] : ['mu', 'mu2']);
    });
    const [mu, mu2] = ['mu', 'mu2'].map((name) => {
      const child = element && childOf(element, name);
      return child === undefined ? undefined : read.number(child.text, place, name);
    });
    const value = mu ?? mu2 ?? 1;
    if (mu2 !== undefined && mu2 !== value) read.fail(place, `mu ${value} and mu2 ${mu2}`, 'must be the same');
    if (!(value >= 0)) read.fail(place, `mu ${value}`, 'must not be negative');
    return value;
  }

  private rgb(visual: XmlElement, place: string): Vector3 {
    const material = childOf(visual, 'material');
    if (material === undefined) return GREY;
    this.read.only(material, `${place} material`, [], ['ambient', 'diffuse', 'specular', 'emissive']);
    const diffuse = childOf(material, 'diffuse') ?? childOf(material, 'ambient');
    if (diffuse === undefined) return GREY;
    const [r, g, b] = this.read.list(diffuse.text, place, 'diffuse', 3, 4);
    return [r, g, b];
  }

  private pose(element: XmlElement, place: string): Pose {
    const pose = childOf(element, 'pose');
    if (pose === undefined) return IDENTITY;
    const { read } = this;
    read.only(pose, `${place} pose`, ['degrees', 'relative_to'], []);
    if ((pose.attributes.relative_to ?? '') !== '') {
      read.fail(
        `${place} pose`,
        `relative_to="${pose.attributes.relative_to}"`,
        'give poses in the frame they stand in',
      );
    }
    const [x, y, z, roll, pitch, yaw] = read.list(pose.text, place, 'pose', 6);
    const unit = pose.attributes.degrees === 'true' ? Math.PI / 180 : 1;
    const orientation = quaternionFromMatrix(matrixFromRpy([roll * unit, pitch * unit, yaw * unit]));
    return { position: [x, y, z], orientation };
  }
}

/** Shapes, and what each is given by. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  box: ['size'],
  sphere: ['radius'],
  cylinder: ['radius', 'length'],
  capsule: ['radius', 'length'],
  ellipsoid: ['radii'],
  mesh: ['uri', 'scale'],
};
