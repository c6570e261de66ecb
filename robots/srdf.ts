import { readFileSync } from 'node:fs';
import { InputError } from '../contracts/index.ts';
import type { SemanticModel } from './robot.ts';
import type { UrdfDocument, UrdfJoint } from './urdf/document.ts';
import { childrenOf, parseXml, type XmlElement } from './xml.ts';

/** Reads an SRDF file for the robot of a URDF; as parseSrdf. */
export function readSrdf(file: string, urdf: UrdfDocument): SemanticModel {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unreadable';
    throw new InputError(`SRDF ${file} cannot be read (${code})`, 'give the path of an SRDF file', { cause: error });
  }
  return parseSrdf(text, file, urdf);
}

/**
 * The semantic description of a robot, as MoveIt writes it: collisions left out, groups, named states, end effectors and
 * virtual joints. Elements it does not know are skipped. Throws InputError, naming element and remedy, for text that is not
 * an SRDF, for links, joints and groups that the robot does not have, and for groups that hold themselves.
 */
export function parseSrdf(text: string, file: string, urdf: UrdfDocument): SemanticModel {
  return new SrdfReader(parseXml(text, file, 'an SRDF'), file, urdf).read();
}

class SrdfReader {
  private readonly root: XmlElement;
  private readonly file: string;
  private readonly links: ReadonlySet<string>;
  private readonly joints: ReadonlyMap<string, UrdfJoint>;
  private readonly parent_joint: ReadonlyMap<string, UrdfJoint>;
  private readonly urdf: UrdfDocument;

  constructor(root: XmlElement, file: string, urdf: UrdfDocument) {
    this.root = root;
    this.file = file;
    this.urdf = urdf;
    this.links = new Set(urdf.links.map(({ name }) => name));
    this.joints = new Map(urdf.joints.map((joint) => [joint.name, joint]));
    this.parent_joint = new Map(urdf.joints.map((joint) => [joint.child, joint]));
  }

  read(): SemanticModel {
    const { root, file } = this;
    if (root.name !== 'robot') throw new InputError(`${file}: root element <${root.name}>`, 'an SRDF has <robot>');
    const virtual_joints = this.each('virtual_joint', (element, place) => ({
      name: this.attribute(element, 'name', place),
      type: this.attribute(element, 'type', place),
      parent_frame: this.attribute(element, 'parent_frame', place),
      child_link: this.link(element, 'child_link', place),
    }));
    const virtual = new Set(virtual_joints.map(({ name }) => name));
    const groups = this.groups(virtual);
    const group = (element: XmlElement, name: string, place: string): string => {
      const wanted = this.attribute(element, name, place);
      if (groups.some((known) => known.name === wanted)) return wanted;
      const known = groups.map((one) => one.name).join(', ') || 'none';
      throw new InputError(`${file}: ${place}: ${name} "${wanted}"`, `a group of the file: ${known}`);
    };
    return {
      disabled_pairs: this.disabledPairs(),
      groups,
      states: this.each('group_state', (element, place) => ({
        name: this.attribute(element, 'name', place),
        // Pinocchio's files leave it out: a state of the whole robot
        group: element.attributes.group === undefined ? '' : group(element, 'group', place),
        joints: this.state(element, place, virtual),
      })),
      end_effectors: this.each('end_effector', (element, place) => ({
        name: this.attribute(element, 'name', place),
        parent_link: this.link(element, 'parent_link', place),
        group: group(element, 'group', place),
      })),
      virtual_joints,
    };
  }

  private each<T>(name: string, convert: (element: XmlElement, place: string) => T): T[] {
    return childrenOf(this.root, name).map((element, index) => {
      const label = element.attributes.name === undefined ? `number ${index + 1}` : `"${element.attributes.name}"`;
      return convert(element, `${name} ${label}`);
    });
  }

  private attribute({ attributes }: XmlElement, name: string, place: string): string {
    const value = attributes[name];
    if (value === undefined || value === '') {
      throw new InputError(`${this.file}: ${place} has no ${name}`, `write ${name}="…"`);
    }
    return value;
  }

  private link(element: XmlElement, name: string, place: string): string {
    const link = this.attribute(element, name, place);
    if (this.links.has(link)) return link;
    throw new InputError(
      `${this.file}: ${place}: ${name} "${link}"`,
      `a link of ${this.urdf.name}; give the SRDF of this URDF, or take the line out`,
    );
  }

  private joint(element: XmlElement, place: string): UrdfJoint {
    const name = this.attribute(element, 'name', place);
    const joint = this.joints.get(name);
    if (joint !== undefined) return joint;
    throw new InputError(
      `${this.file}: ${place}: joint "${name}"`,
      `a joint of ${this.urdf.name}; give the SRDF of this URDF, or take the line out`,
    );
  }

  private disabledPairs(): SemanticModel['disabled_pairs'] {
    const pairs = new Map<string, readonly [string, string]>();
    const key = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
    const pairOf = (element: XmlElement, place: string) =>
      [this.link(element, 'link1', place), this.link(element, 'link2', place)] as const;
    for (const link of this.each('disable_default_collisions', (element, place) => this.link(element, 'link', place))) {
      for (const other of this.links) if (other !== link) pairs.set(key(link, other), [link, other]);
    }
    for (const [a, b] of this.each('enable_collisions', pairOf)) pairs.delete(key(a, b));
    for (const [a, b] of this.each('disable_collisions', pairOf)) pairs.set(key(a, b), [a, b]);
    return [...pairs.values()];
  }

  private groups(virtual: ReadonlySet<string>): { readonly name: string; readonly joints: readonly string[] }[] {
    const elements = new Map<string, XmlElement>();
    for (const [name, element] of this.each(
      'group',
      (one, place) => [this.attribute(one, 'name', place), one] as const,
    )) {
      if (elements.has(name))
        throw new InputError(`${this.file}: group "${name}" stands twice`, 'name every group once');
      elements.set(name, element);
    }
    const expand = (name: string, above: readonly string[]): string[] => {
      const place = `group "${name}"`;
      if (above.includes(name)) {
        throw new InputError(
          `${this.file}: ${place} holds itself: ${[...above, name].join(' > ')}`,
          'take one of them out',
        );
      }
      const element = elements.get(name);
      if (element === undefined) {
        throw new InputError(`${this.file}: group "${above.at(-1) ?? ''}" holds ${place}`, 'a group of the file');
      }
      return element.children.flatMap((child) => {
        if (child.name === 'group') return expand(this.attribute(child, 'name', place), [...above, name]);
        if (child.name === 'chain') return this.chain(child, place);
        if (child.name === 'link') {
          return movable(this.parent_joint.get(this.link(child, 'name', place)));
        }
        if (child.name !== 'joint' || virtual.has(child.attributes.name ?? '')) return [];
        return movable(this.joint(child, place));
      });
    };
    return [...elements.keys()].map((name) => ({ name, joints: [...new Set(expand(name, []))] }));
  }

  /** Joints from one link to another, up to where their ways to the root meet and down again. */
  private chain(element: XmlElement, place: string): string[] {
    const above = (link: string): UrdfJoint[] => {
      const way: UrdfJoint[] = [];
      for (let joint = this.parent_joint.get(link); joint !== undefined; joint = this.parent_joint.get(joint.parent)) {
        way.push(joint);
      }
      return way;
    };
    const up = above(this.link(element, 'base_link', place));
    const down = above(this.link(element, 'tip_link', place));
    return [
      ...up.filter((joint) => !down.includes(joint)),
      ...down.filter((joint) => !up.includes(joint)).reverse(),
    ].flatMap(movable);
  }

  private state(element: XmlElement, place: string, virtual: ReadonlySet<string>): Record<string, number> {
    const joints: Record<string, number> = {};
    for (const child of childrenOf(element, 'joint')) {
      // several numbers are the pose of a base that floats
      const floats = /\S\s+\S/.test(child.attributes.value ?? '') && !this.joints.has(child.attributes.name ?? '');
      if (floats || virtual.has(child.attributes.name ?? '')) continue;
      const { name } = this.joint(child, place);
      const text = this.attribute(child, 'value', `${place}: joint "${name}"`);
      const value = Number(text);
      if (!Number.isFinite(value)) {
        throw new InputError(`${this.file}: ${place}: joint "${name}": value "${text}"`, 'one number (rad or m)');
      }
      joints[name] = value;
    }
    return joints;
  }
}

/** The joint's name if it can be set: not a fixed one, nor one that mimics another. */
function movable(joint: UrdfJoint | undefined): string[] {
  return joint === undefined || joint.type === 'fixed' || joint.mimic !== null ? [] : [joint.name];
}

/** The description without links and joints that a robot was loaded without. */
export function restrictSemantic(
  semantic: SemanticModel,
  links: ReadonlySet<string>,
  joints: ReadonlySet<string>,
): SemanticModel {
  return {
    ...semantic,
    disabled_pairs: semantic.disabled_pairs.filter(([a, b]) => links.has(a) && links.has(b)),
    groups: semantic.groups.map((group) => ({ ...group, joints: group.joints.filter((name) => joints.has(name)) })),
    states: semantic.states.map((state) => ({
      ...state,
      joints: Object.fromEntries(Object.entries(state.joints).filter(([name]) => joints.has(name))),
    })),
    end_effectors: semantic.end_effectors.filter(({ parent_link }) => links.has(parent_link)),
  };
}
