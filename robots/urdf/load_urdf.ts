import { readFileSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import { parseUrdf, type UrdfDocument } from './document.ts';
import { MeshShapes } from './mesh_shapes.ts';
import { buildModel } from './model.ts';
import { changeTool } from './tool.ts';
import { buildTree, type UrdfTree } from './tree.ts';

export interface UrdfOptions {
  /** Where `package://NAME/…` is looked for first. */
  readonly packageDir?: string;
  /** Moving joints to leave out, with everything that hangs on them. */
  readonly without?: (jointName: string) => boolean;
  /** false: visual meshes must exist but are not read, which takes time and memory. Default true. */
  readonly visualMeshes?: boolean;
  /** Puts another tool where the fixed joint `mount` carries the document's own: the text of a URDF, null for none. */
  readonly tool?: { readonly mount: string; readonly text: string | null };
}

/**
 * Reads a URDF: revolute, continuous, prismatic, fixed and mimic joints in one tree. Links on fixed joints are merged into
 * the body that carries them, their inertia included. Collision meshes become convex hulls, visual ones triangles.
 * Throws InputError, naming file and place, for anything else.
 */
export function loadUrdf(file: string, options: UrdfOptions = {}): RobotModel {
  return readUrdf(file, options).model;
}

/** A robot model and the leaf link at the end of its longest chain of joints (the first in the document of several). */
export interface UrdfRobot {
  readonly model: RobotModel;
  readonly tip_link: string;
  /** What was read, before joints were left out. */
  readonly document: UrdfDocument;
}

/** As loadUrdf, with the tip of the longest chain. */
export function readUrdf(file: string, options: UrdfOptions = {}): UrdfRobot {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unreadable';
    throw new InputError(`robot ${file} cannot be read (${code})`, 'give panda or the path of a URDF file', {
      cause: error,
    });
  }
  return robotFromUrdf(text, file, options);
}

/** As readUrdf, from the text; `file` stands in errors and is where relative meshes are looked for. */
export function robotFromUrdf(text: string, file: string, options: UrdfOptions = {}): UrdfRobot {
  const { tool } = options;
  const written = parseUrdf(text, file);
  const whole = tool
    ? changeTool(written, { mount: tool.mount, tool: tool.text === null ? null : parseUrdf(tool.text, file) }, file)
    : written;
  const wholeTree = buildTree(whole, file);
  const document = options.without === undefined ? whole : prune(whole, options.without);
  const meshes = new MeshShapes(file, options.packageDir ?? null);
  for (const link of document.links) {
    for (const { geometry } of [...link.collision, ...link.visual]) {
      if (geometry.type === 'mesh') meshes.resolve(geometry, link.name);
    }
  }
  const tree = document === whole ? wholeTree : buildTree(document, file);
  return {
    model: buildModel(document, tree, meshes, options.visualMeshes ?? true),
    tip_link: tipLink(document, tree),
    document: whole,
  };
}

function tipLink(document: UrdfDocument, tree: UrdfTree): string {
  const depth = new Map([[tree.root, 0]]);
  for (const joint of tree.ordered) depth.set(joint.child, depth.get(joint.parent)! + 1);
  let tip = tree.root;
  for (const { name } of document.links) if (depth.get(name)! > depth.get(tip)!) tip = name;
  return tip;
}

/** Drops joints with all that hangs on them, and joints that mimic a dropped one. */
function prune(document: UrdfDocument, without: (jointName: string) => boolean): UrdfDocument {
  const goneLinks = new Set<string>();
  const goneJoints = new Set<string>();
  let joints = document.joints;
  for (let before = -1; before !== joints.length; ) {
    before = joints.length;
    joints = joints.filter((joint) => {
      const { name, type, parent, child, mimic } = joint;
      const orphan = goneLinks.has(parent) || (mimic !== null && goneJoints.has(mimic.joint));
      if (!orphan && (type === 'fixed' || !without(name))) return true;
      goneLinks.add(child);
      goneJoints.add(name);
      return false;
    });
  }
  return { ...document, joints, links: document.links.filter(({ name }) => !goneLinks.has(name)) };
}
