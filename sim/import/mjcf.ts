import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Pose, Vector3 } from '../../contracts/index.ts';
import { matrixFromQuaternion } from '../../dynamics/index.ts';
import { childOf, childrenOf, MassSum, type XmlElement } from '../../robots/index.ts';
import type { SceneObject } from '../scene.ts';
import { type BodyInertia, buildObject, type Part, totalInertia } from './build_object.ts';
import { MjcfDefaults } from './mjcf_defaults.ts';
import { type Angles, alongZ, ORIENTATIONS, poseOf } from './mjcf_pose.ts';
import { Reader } from './reader.ts';
import { capsule, ellipsoid, meshSolid, primitive, type Solid } from './solid.ts';

const POSE = ['pos', ...ORIENTATIONS];
const GEOM = [
  ...['name', 'class', 'type', 'size', 'fromto', 'mesh', 'mass', 'density', 'friction', 'rgba', 'material', 'group'],
  ...['contype', 'conaffinity', ...POSE],
];
const DENSITY = 1000;

interface Geom extends Part {
  readonly touches: boolean;
  readonly friction: number;
  readonly rgb: Vector3;
}

/**
 * Objects of a MuJoCo model: the bodies of its world that move freely or have no joint, with one geom that touches; geoms
 * with neither contype nor conaffinity are only seen. Whatever else stands in the file is refused by name.
 */
export function objectsFromMjcf(root: XmlElement, file: string): SceneObject[] {
  return new MjcfReader(root, file).objects();
}

class MjcfReader {
  private readonly root: XmlElement;
  private readonly read: Reader;
  private readonly angles: Angles;
  private readonly mesh_folder: string;
  private readonly defaults: MjcfDefaults;
  private readonly meshes = new Map<string, Solid>();
  private readonly materials = new Map<string, Vector3>();

  constructor(root: XmlElement, file: string) {
    const read = new Reader(file);
    this.root = root;
    this.read = read;
    read.only(root, 'mujoco', ['model'], ['compiler', 'default', 'asset', 'worldbody']);
    const compiler = childOf(root, 'compiler');
    if (compiler !== undefined) {
      read.only(compiler, 'compiler', ['angle', 'eulerseq', 'meshdir', 'assetdir', 'autolimits'], []);
    }
    const { angle = 'degree', eulerseq = 'xyz', meshdir, assetdir } = compiler?.attributes ?? {};
    if (angle !== 'degree' && angle !== 'radian') read.fail('compiler', `angle="${angle}"`, 'must be degree or radian');
    if (!/^[xyz]{3}$/i.test(eulerseq)) read.fail('compiler', `eulerseq="${eulerseq}"`, 'must be three of x, y, z');
    this.angles = { unit: angle === 'degree' ? Math.PI / 180 : 1, sequence: eulerseq };
    this.mesh_folder = join(dirname(resolve(file)), meshdir ?? assetdir ?? '');
    this.defaults = new MjcfDefaults(childrenOf(root, 'default'), read, { geom: GEOM, mesh: ['scale'] });
    for (const asset of childrenOf(root, 'asset')) this.readAssets(asset);
  }

  objects(): SceneObject[] {
    const objects = childrenOf(this.root, 'worldbody').flatMap((world) => {
      this.read.only(world, 'worldbody', [], ['body']);
      return childrenOf(world, 'body').map((body, i) => this.object(body, i));
    });
    if (objects.length === 0) this.read.fail('worldbody', 'no <body>', 'there must be one at least');
    return objects;
  }

  private readAssets(asset: XmlElement): void {
    const { read } = this;
    read.only(asset, 'asset', [], ['mesh', 'material']);
    for (const material of childrenOf(asset, 'material')) {
      const { name = '' } = material.attributes;
      read.only(material, `material "${name}"`, ['name', 'rgba', 'specular', 'shininess', 'reflectance'], []);
      this.materials.set(name, this.rgb(material.attributes.rgba ?? '1 1 1 1', `material "${name}"`));
    }
    for (const mesh of childrenOf(asset, 'mesh')) {
      const attributes = this.defaults.apply(mesh, 'main');
      const { file = '', name = file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '') } = attributes;
      const place = `mesh "${name}"`;
      read.only(mesh, place, ['name', 'class', 'file', 'scale'], []);
      if (file === '') read.fail(place, 'attribute file', 'is missing');
      const scale =
        attributes.scale === undefined ? ([1, 1, 1] as const) : read.vector(attributes.scale, place, 'scale');
      this.meshes.set(name, meshSolid(isAbsolute(file) ? file : join(this.mesh_folder, file), scale));
    }
  }

  private object(body: XmlElement, index: number): SceneObject {
    const { read } = this;
    const { name = `body${index}`, childclass = 'main' } = body.attributes;
    const place = `body "${name}"`;
    read.only(body, place, ['name', 'childclass', ...POSE], ['freejoint', 'joint', 'inertial', 'geom']);
    for (const joint of childrenOf(body, 'joint')) {
      const { type = 'hinge' } = joint.attributes;
      if (type !== 'free') read.fail(place, `joint of type ${type}`, 'an object moves freely: freejoint, or no joint');
    }
    const geoms = childrenOf(body, 'geom').map((geom, i) => this.geom(geom, childclass, `${place} geom ${i}`));
    const touching = geoms.filter(({ touches }) => touches);
    if (touching.length !== 1) {
      read.fail(
        place,
        `${touching.length} geoms that touch`,
        'an object has one; make it one mesh, or let others only be seen',
      );
    }
    const [collision] = touching;
    const stated = childOf(body, 'inertial');
    return buildObject({
      name,
      T_world_body: poseOf(body.attributes, this.angles, read, place),
      inertia: stated === undefined ? totalInertia(geoms) : this.inertial(stated, `${place} inertial`),
      collision,
      visual: geoms.filter(({ touches }) => !touches),
      friction: collision.friction,
      rgb: (geoms.find(({ touches }) => !touches) ?? collision).rgb,
    });
  }

  private geom(element: XmlElement, childclass: string, place: string): Geom {
    const { read } = this;
    read.only(element, place, GEOM, []);
    const attributes = this.defaults.apply(element, childclass);
    const { type = attributes.mesh === undefined ? 'sphere' : 'mesh', fromto, density, mass, friction } = attributes;
    const { solid, T } = this.solid(type, attributes, place);
    const given = poseOf(attributes, this.angles, read, place);
    if (fromto !== undefined && T === null) read.fail(place, `fromto of a ${type}`, 'is read for capsule and cylinder');
    const rho =
      density === undefined ? DENSITY : read.positive(read.number(density, place, 'density'), place, 'density');
    const mass_kg = mass === undefined ? rho * solid.volume_m3 : read.number(mass, place, 'mass');
    if (!(mass_kg >= 0)) read.fail(place, `mass ${mass_kg}`, 'must not be negative');
    const { contype = '1', conaffinity = '1', rgba, material } = attributes;
    const paint = material === undefined ? undefined : this.materials.get(material);
    if (material !== undefined && paint === undefined) read.fail(place, `material ${material}`, 'must be in <asset>');
    const [slide] = friction === undefined ? [1] : read.list(friction, place, 'friction', 1, 3);
    if (!(slide >= 0)) read.fail(place, `friction ${slide}`, 'must not be negative');
    return {
      solid,
      T_body_solid: T ?? given,
      mass_kg,
      touches: read.number(contype, place, 'contype') !== 0 || read.number(conaffinity, place, 'conaffinity') !== 0,
      friction: slide,
      rgb: rgba === undefined ? (paint ?? [0.5, 0.5, 0.5]) : this.rgb(rgba, place),
    };
  }

  /** A geom's solid, and its pose in the body if `fromto` says it. */
  private solid(
    type: string,
    { size, mesh, fromto }: Readonly<Record<string, string>>,
    place: string,
  ): { readonly solid: Solid; readonly T: Pose | null } {
    const { read } = this;
    if (type === 'mesh') {
      const solid = this.meshes.get(mesh ?? '');
      return { solid: solid ?? read.fail(place, `mesh ${mesh ?? ''}`, 'must be in <asset>'), T: null };
    }
    const count = SIZES[type];
    if (count === undefined)
      read.fail(place, `type ${type}`, `must be one of ${[...Object.keys(SIZES), 'mesh'].join(', ')}`);
    const ends =
      fromto === undefined || !(type === 'capsule' || type === 'cylinder')
        ? null
        : read.list(fromto, place, 'fromto', 6);
    const sizes = read.list(size ?? '', place, 'size', ends === null ? count : 1, 3);
    for (const value of sizes.slice(0, ends === null ? count : 1)) read.positive(value, place, 'size');
    const [a, b, c] = sizes;
    if (ends === null) return { solid: solidOf(type, a, 2 * b, [a, b, c]), T: null };
    const axis: Vector3 = [ends[3] - ends[0], ends[4] - ends[1], ends[5] - ends[2]];
    // MuJoCo's z axis of a fromto points from the second end to the first.
    const back: Vector3 = [-axis[0], -axis[1], -axis[2]];
    const position: Vector3 = [(ends[0] + ends[3]) / 2, (ends[1] + ends[4]) / 2, (ends[2] + ends[5]) / 2];
    const T = { position, orientation: alongZ(back, read, place) };
    return { solid: solidOf(type, a, Math.hypot(...axis), [a, a, a]), T };
  }

  private inertial(element: XmlElement, place: string): BodyInertia {
    const { read } = this;
    read.only(element, place, ['mass', 'diaginertia', 'fullinertia', ...POSE], []);
    const { mass = '', diaginertia, fullinertia } = element.attributes;
    const mass_kg = read.positive(read.number(mass, place, 'mass'), place, 'mass');
    const T = poseOf(element.attributes, this.angles, read, place);
    if ((diaginertia === undefined) === (fullinertia === undefined)) {
      read.fail(place, 'inertia', 'give diaginertia or fullinertia');
    }
    const inertia =
      fullinertia === undefined
        ? [...read.vector(diaginertia ?? '', place, 'diaginertia'), 0, 0, 0]
        : read.list(fullinertia, place, 'fullinertia', 6);
    const sum = new MassSum();
    sum.add(mass_kg, T.position, matrixFromQuaternion(T.orientation), inertia);
    return { mass_kg, com: sum.com(), inertia: sum.inertiaAboutCom() };
  }

  private rgb(text: string, place: string): Vector3 {
    const [r, g, b] = this.read.list(text, place, 'rgba', 4);
    return [r, g, b];
  }
}

/** How many sizes a type has. */
const SIZES: Readonly<Record<string, number>> = { box: 3, sphere: 1, cylinder: 2, capsule: 2, ellipsoid: 3 };

function solidOf(type: string, radius: number, length: number, half: Vector3): Solid {
  if (type === 'box') return primitive({ type, size: [2 * half[0], 2 * half[1], 2 * half[2]] });
  if (type === 'sphere') return primitive({ type, radius });
  if (type === 'cylinder') return primitive({ type, radius, length });
  return type === 'capsule' ? capsule(radius, length) : ellipsoid(half);
}
