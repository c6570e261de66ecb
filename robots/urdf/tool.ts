import { InputError } from '../../contracts/index.ts';
import type { UrdfDocument } from './document.ts';
import { buildTree } from './tree.ts';

/** Another tool than the document's own. */
export interface ToolChange {
  /** Fixed joint that carries the tool of the document; with it goes all that hangs on it. */
  readonly mount: string;
  /** What stands in its place, its root link at the joint; null for nothing. */
  readonly tool: UrdfDocument | null;
}

/** The document with its tool changed. Throws InputError where there is no such mount, or names would stand twice. */
export function changeTool(document: UrdfDocument, { mount, tool }: ToolChange, file: string): UrdfDocument {
  const joint = document.joints.find(({ name }) => name === mount);
  if (joint === undefined) throw new InputError(`${file}: tool on joint "${mount}"`, 'the document has no such joint');
  const gone = new Set([joint.child]);
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const { parent, child } of document.joints) if (gone.has(parent)) gone.add(child);
  }
  const links = document.links.filter(({ name }) => !gone.has(name));
  const joints = document.joints.filter(({ child }) => !gone.has(child));
  if (tool === null) return { ...document, links, joints };
  const { root } = buildTree(tool, file);
  const taken = new Set([...links, ...joints].map(({ name }) => name));
  const twice = [...tool.links, ...tool.joints].find(({ name }) => taken.has(name));
  if (twice) throw new InputError(`${file}: "${twice.name}" of the tool`, 'stands in the robot already; rename it');
  return {
    ...document,
    links: [...links, ...tool.links],
    joints: [...joints, { ...joint, child: root }, ...tool.joints],
  };
}
