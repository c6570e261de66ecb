import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { InputError, type Shape, type Vector3 } from '../../contracts/index.ts';

/** A URDF as it is written, checked element by element; metres, radians, kilograms. */
export interface UrdfDocument {
  readonly name: string;
  readonly links: readonly UrdfLink[];
  readonly joints: readonly UrdfJoint[];
}

export interface UrdfOrigin {
  readonly xyz: Vector3;
  readonly rpy: Vector3;
}

export interface UrdfLink {
  readonly name: string;
  readonly inertial: UrdfInertial | null;
  readonly collision: readonly UrdfGeometry[];
  readonly visual: readonly UrdfGeometry[];
}

export interface UrdfInertial {
  readonly origin: UrdfOrigin;
  readonly mass: number;
  /** About the centre of mass, axes of `origin`: xx yy zz xy xz yz. */
  readonly inertia: readonly number[];
}

export interface UrdfGeometry {
  readonly name: string;
  readonly origin: UrdfOrigin;
  readonly geometry: Shape | UrdfMesh;
  /** Null if the document gives no colour. */
  readonly rgba: readonly [number, number, number, number] | null;
}

/** A mesh by its file; each coordinate is multiplied by `scale`. */
export interface UrdfMesh {
  readonly type: 'mesh';
  readonly filename: string;
  readonly scale: Vector3;
}

export type UrdfJointType = 'revolute' | 'continuous' | 'prismatic' | 'fixed';

export interface UrdfJoint {
  readonly name: string;
  readonly type: UrdfJointType;
  readonly parent: string;
  readonly child: string;
  readonly origin: UrdfOrigin;
  /** Unit vector in the joint frame. */
  readonly axis: Vector3;
  /** ±Infinity for continuous joints. */
  readonly lower: number;
  readonly upper: number;
  readonly velocity: number;
  readonly effort: number;
  readonly damping: number;
  readonly friction: number;
  readonly mimic: { readonly joint: string; readonly multiplier: number; readonly offset: number } | null;
}

const LISTS = new Set(['robot.link', 'robot.joint', 'robot.material', 'robot.link.collision', 'robot.link.visual']);

/** Parses the text of a URDF; `file` names it in errors. Throws InputError for anything it cannot use. */
export function parseUrdf(text: string, file: string): UrdfDocument {
  const validity = XMLValidator.validate(text);
  if (validity !== true) {
    throw new InputError(`${file} line ${validity.err.line}: ${validity.err.msg}`, 'a URDF is well-formed XML');
  }
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    isArray: (_name, path, _leaf, isAttribute) => !isAttribute && LISTS.has(String(path)),
  });
  let tree: unknown;
  try {
    tree = parser.parse(text);
  } catch (error) {
    throw new InputError(`${file}: ${error instanceof Error ? error.message : error}`, 'a URDF is well-formed XML', {
      cause: error,
    });
  }
  const root = isElement(tree) ? tree.robot : undefined;
  if (root === undefined) throw new InputError(`${file} has no <robot> element`, 'a URDF is one <robot>');
  const robot = asElement(root);
  if (robot === null) throw new InputError(`${file}: <robot>`, 'must stand once');
  if (Object.keys(robot).some((key) => key.startsWith('xacro:') && robot[key] !== undefined)) {
    throw new InputError(`${file} is a xacro file`, 'expand it to URDF first (xacro FILE > robot.urdf)');
  }
  const read = new Reader(file);
  const colours = new Map<string, readonly [number, number, number, number]>();
  for (const material of elements(robot.material)) {
    const rgba = read.rgba(material, 'material');
    if (rgba !== null) colours.set(read.text(material, 'name', 'material'), rgba);
  }
  const links = elements(robot.link).map((link) => read.link(link, colours));
  const joints = elements(robot.joint).map((joint) => read.joint(joint));
  return { name: typeof robot['@name'] === 'string' ? robot['@name'] : 'robot', links, joints };
}

type Element = Record<string, unknown>;

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An element without attributes or children is parsed as an empty string; null when it stands several times. */
function asElement(value: unknown): Element | null {
  if (isElement(value)) return value;
  return typeof value === 'string' ? {} : null;
}

function elements(value: unknown): Element[] {
  return Array.isArray(value) ? value.map((item) => asElement(item) ?? {}) : [];
}

/** Reads elements and attributes, naming file and place in every error. */
class Reader {
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  private fail(place: string, what: string, allowed: string): never {
    throw new InputError(`${this.file}: ${place}: ${what}`, allowed);
  }

  private child(parent: Element, tag: string, place: string): Element | null {
    const value = parent[tag];
    if (value === undefined) return null;
    return asElement(value) ?? this.fail(place, `several <${tag}>`, 'one is allowed');
  }

  text(element: Element, name: string, place: string): string {
    const value = element[`@${name}`];
    if (typeof value !== 'string' || value.trim() === '') this.fail(place, `attribute ${name}`, 'is missing');
    return value;
  }

  private number(element: Element, name: string, place: string, fallback?: number): number {
    const text = element[`@${name}`];
    if (text === undefined && fallback !== undefined) return fallback;
    const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) this.fail(place, `${name}="${text ?? ''}"`, 'must be a finite number');
    return value;
  }

  private numbers(element: Element, name: string, count: number, place: string): number[] | null {
    const text = element[`@${name}`];
    if (text === undefined) return null;
    const values = String(text).trim().split(/\s+/).map(Number);
    if (values.length !== count || !values.every(Number.isFinite)) {
      this.fail(place, `${name}="${text}"`, `must be ${count} finite numbers`);
    }
    return values;
  }

  private vector(element: Element, name: string, place: string, fallback: Vector3): Vector3 {
    const values = this.numbers(element, name, 3, place);
    return values === null ? fallback : [values[0], values[1], values[2]];
  }

  private positive(element: Element, name: string, place: string): number {
    const value = this.number(element, name, place);
    if (value <= 0) this.fail(place, `${name}="${value}"`, 'must be above 0');
    return value;
  }

  private origin(parent: Element, place: string): UrdfOrigin {
    const element = this.child(parent, 'origin', place) ?? {};
    return {
      xyz: this.vector(element, 'xyz', `${place} origin`, [0, 0, 0]),
      rpy: this.vector(element, 'rpy', `${place} origin`, [0, 0, 0]),
    };
  }

  rgba(material: Element, place: string): readonly [number, number, number, number] | null {
    const colour = this.child(material, 'color', place);
    const values = colour === null ? null : this.numbers(colour, 'rgba', 4, `${place} color`);
    return values === null ? null : [values[0], values[1], values[2], values[3]];
  }

  link(element: Element, colours: ReadonlyMap<string, readonly [number, number, number, number]>): UrdfLink {
    const name = this.text(element, 'name', 'a link');
    const place = `link "${name}"`;
    const geometry = (kind: 'collision' | 'visual') =>
      elements(element[kind]).map((item, i): UrdfGeometry => {
        const at = `${place} ${kind} ${i}`;
        const material = this.child(item, 'material', at);
        const named = typeof material?.['@name'] === 'string' ? colours.get(material['@name']) : undefined;
        return {
          name: typeof item['@name'] === 'string' ? item['@name'] : `${name}_${kind}_${i}`,
          origin: this.origin(item, at),
          geometry: this.geometry(item, at),
          rgba: (material === null ? null : this.rgba(material, at)) ?? named ?? null,
        };
      });
    return {
      name,
      inertial: this.inertial(element, place),
      collision: geometry('collision'),
      visual: geometry('visual'),
    };
  }

  private geometry(parent: Element, place: string): UrdfGeometry['geometry'] {
    const element = this.child(parent, 'geometry', place) ?? {};
    const box = this.child(element, 'box', place);
    if (box !== null) {
      const size = this.vector(box, 'size', `${place} box`, [0, 0, 0]);
      if (!size.every((edge) => edge > 0))
        this.fail(place, `box size="${size.join(' ')}"`, 'must be three edges above 0');
      return { type: 'box', size };
    }
    const cylinder = this.child(element, 'cylinder', place);
    if (cylinder !== null) {
      const at = `${place} cylinder`;
      return {
        type: 'cylinder',
        radius: this.positive(cylinder, 'radius', at),
        length: this.positive(cylinder, 'length', at),
      };
    }
    const sphere = this.child(element, 'sphere', place);
    if (sphere !== null) return { type: 'sphere', radius: this.positive(sphere, 'radius', `${place} sphere`) };
    const mesh = this.child(element, 'mesh', place);
    if (mesh !== null) {
      const scale = this.vector(mesh, 'scale', `${place} mesh`, [1, 1, 1]);
      if (scale.some((factor) => factor === 0)) this.fail(place, `mesh scale="${scale.join(' ')}"`, 'must not be 0');
      return { type: 'mesh', filename: this.text(mesh, 'filename', `${place} mesh`), scale };
    }
    return this.fail(place, 'geometry', 'must be a box, cylinder, sphere or mesh');
  }

  private inertial(parent: Element, place: string): UrdfInertial | null {
    const at = `${place} inertial`;
    const element = this.child(parent, 'inertial', place);
    if (element === null) return null;
    const mass = this.number(this.child(element, 'mass', at) ?? {}, 'value', `${at} mass`);
    if (mass < 0) this.fail(at, `mass ${mass} kg`, 'must not be negative');
    const tensor = this.child(element, 'inertia', at) ?? {};
    const inertia = ['ixx', 'iyy', 'izz', 'ixy', 'ixz', 'iyz'].map((key) => this.number(tensor, key, `${at} inertia`));
    for (let i = 0; i < 3; i++) {
      if (inertia[i] < 0) this.fail(at, `moment of inertia ${inertia[i]} kg·m²`, 'must not be negative');
    }
    return { origin: this.origin(element, at), mass, inertia };
  }

  joint(element: Element): UrdfJoint {
    const name = this.text(element, 'name', 'a joint');
    const place = `joint "${name}"`;
    const type = this.jointType(element, place);
    const moving = type !== 'fixed';
    const limit = this.child(element, 'limit', place);
    const bounded = type === 'revolute' || type === 'prismatic';
    if (bounded && limit === null) {
      this.fail(place, `${type} without <limit>`, 'give lower, upper, velocity and effort, or make it continuous');
    }
    const at = `${place} limit`;
    const lower = bounded ? this.number(limit ?? {}, 'lower', at, 0) : -Infinity;
    const upper = bounded ? this.number(limit ?? {}, 'upper', at, 0) : Infinity;
    if (lower > upper) this.fail(at, `lower ${lower} above upper ${upper}`, 'lower must not exceed upper');
    const rate = (key: 'velocity' | 'effort') => {
      const value = limit === null || !moving ? Infinity : this.number(limit, key, at);
      if (value < 0) this.fail(at, `${key} ${value}`, 'must not be negative');
      return value;
    };
    const dynamics = this.child(element, 'dynamics', place) ?? {};
    const loss = (key: 'damping' | 'friction') => {
      const value = this.number(dynamics, key, `${place} dynamics`, 0);
      if (value < 0) this.fail(`${place} dynamics`, `${key} ${value}`, 'must not be negative');
      return value;
    };
    const mimic = moving ? this.child(element, 'mimic', place) : null;
    return {
      name,
      type,
      parent: this.text(this.child(element, 'parent', place) ?? {}, 'link', `${place} parent`),
      child: this.text(this.child(element, 'child', place) ?? {}, 'link', `${place} child`),
      origin: this.origin(element, place),
      axis: moving ? this.axis(element, place) : [1, 0, 0],
      lower,
      upper,
      velocity: rate('velocity'),
      effort: rate('effort'),
      damping: loss('damping'),
      friction: loss('friction'),
      mimic:
        mimic === null
          ? null
          : {
              joint: this.text(mimic, 'joint', `${place} mimic`),
              multiplier: this.number(mimic, 'multiplier', `${place} mimic`, 1),
              offset: this.number(mimic, 'offset', `${place} mimic`, 0),
            },
    };
  }

  private jointType(element: Element, place: string): UrdfJointType {
    const type = this.text(element, 'type', place);
    if (type === 'revolute' || type === 'continuous' || type === 'prismatic' || type === 'fixed') return type;
    return this.fail(place, `type "${type}"`, 'supported are revolute, continuous, prismatic and fixed');
  }

  private axis(element: Element, place: string): Vector3 {
    const [x, y, z] = this.vector(this.child(element, 'axis', place) ?? {}, 'xyz', `${place} axis`, [1, 0, 0]);
    const length = Math.hypot(x, y, z);
    if (length < 1e-9) this.fail(place, 'axis of no length', 'must be a direction');
    return [x / length, y / length, z / length];
  }
}
