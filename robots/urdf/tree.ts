import { InputError } from '../../contracts/index.ts';
import type { UrdfDocument, UrdfJoint } from './document.ts';

/** How the links hang together, and which coordinate drives each moving joint. */
export interface UrdfTree {
  readonly root: string;
  /** All joints, each after the joint that carries its parent link, otherwise in document order. */
  readonly ordered: readonly UrdfJoint[];
  /** Moving joints that mimic no other, in document order. */
  readonly independent: readonly UrdfJoint[];
  /** Of every moving joint: its value = multiplier · value of the independent joint + offset. */
  readonly drive: ReadonlyMap<
    string,
    { readonly coordinate: number; readonly multiplier: number; readonly offset: number }
  >;
}

/** Checks that the joints span one tree and resolves mimic joints. Throws InputError naming joint or link. */
export function buildTree(document: UrdfDocument, file: string): UrdfTree {
  const fail = (what: string, allowed: string): never => {
    throw new InputError(`${file}: ${what}`, allowed);
  };
  const { links, joints } = document;
  if (links.length === 0) fail('no <link>', 'a robot has at least one');
  const names = new Set<string>();
  for (const { name } of links) {
    if (names.has(name)) fail(`link "${name}" stands twice`, 'names must differ');
    names.add(name);
  }
  const byName = new Map<string, UrdfJoint>();
  const byChild = new Map<string, UrdfJoint>();
  for (const joint of joints) {
    const place = `joint "${joint.name}"`;
    if (byName.has(joint.name)) fail(`${place} stands twice`, 'names must differ');
    byName.set(joint.name, joint);
    if (!names.has(joint.parent)) fail(`${place}: unknown parent link "${joint.parent}"`, 'declare it as a <link>');
    if (!names.has(joint.child)) fail(`${place}: unknown child link "${joint.child}"`, 'declare it as a <link>');
    const other = byChild.get(joint.child);
    if (other !== undefined) {
      fail(
        `link "${joint.child}" hangs on two joints, "${other.name}" and "${joint.name}"`,
        'a URDF is a tree without loops',
      );
    }
    byChild.set(joint.child, joint);
  }
  const roots = links.filter(({ name }) => !byChild.has(name));
  if (roots.length > 1) {
    fail(`several root links, "${roots[0].name}" and "${roots[1].name}"`, 'all links must hang on one');
  }
  const ordered: UrdfJoint[] = [];
  const placed = new Set<string>();
  for (const joint of joints) {
    const pending: UrdfJoint[] = [];
    for (let at: UrdfJoint | undefined = joint; at !== undefined && !placed.has(at.name); at = byChild.get(at.parent)) {
      pending.push(at);
      if (pending.length > joints.length)
        fail(`joint "${joint.name}" is part of a loop`, 'a URDF is a tree without loops');
    }
    for (const item of pending.reverse()) {
      ordered.push(item);
      placed.add(item.name);
    }
  }
  const independent = joints.filter(({ type, mimic }) => type !== 'fixed' && mimic === null);
  const drive = new Map<string, { coordinate: number; multiplier: number; offset: number }>();
  independent.forEach(({ name }, coordinate) => void drive.set(name, { coordinate, multiplier: 1, offset: 0 }));
  for (const joint of joints) {
    let multiplier = 1;
    let offset = 0;
    let at = joint;
    for (let hops = 0; at.mimic !== null; hops++) {
      const place = `joint "${joint.name}" mimics "${at.mimic.joint}"`;
      if (hops > joints.length) fail(`${place} in a circle`, 'a chain of mimics must end at a joint of its own');
      const leader = byName.get(at.mimic.joint);
      if (leader === undefined)
        throw new InputError(`${file}: ${place}, which is unknown`, 'name a joint of the robot');
      if (leader.type === 'fixed') fail(`${place}, which is fixed`, 'name a moving joint');
      offset += multiplier * at.mimic.offset;
      multiplier *= at.mimic.multiplier;
      at = leader;
    }
    const leader = drive.get(at.name);
    if (joint.mimic !== null && leader !== undefined) {
      drive.set(joint.name, { coordinate: leader.coordinate, multiplier, offset });
    }
  }
  return { root: roots[0].name, ordered, independent, drive };
}
