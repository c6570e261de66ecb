import { InputError } from '../../contracts/index.ts';
import { childOf, childrenOf, parseXml, type XmlElement } from '../xml.ts';
import { colourOf } from './dae_colour.ts';
import { geometryParts } from './dae_geometry.ts';
import { IDENTITY4, multiply4, transformOf } from './dae_transform.ts';
import { checkTriangleCount, coordinate, type MeshPart, TriangleGatherer } from './mesh_part.ts';

/** From the file's axes to z up (COLLADA 1.4.1, asset): rows of a rotation. */
const UP: Readonly<Record<string, readonly number[]>> = {
  X_UP: [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1],
  Y_UP: [1, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1],
  Z_UP: IDENTITY4,
};
/** Nodes in nodes deeper than this are taken for a circle. */
const DEEPEST = 64;

/**
 * Triangles of a COLLADA file in metres with z up: every geometry its scene places, moved by the transforms of its nodes,
 * one part for each of its colours; without a scene, all geometries as they are. Throws InputError naming the element.
 */
export function parseDae(text: string, file: string): MeshPart[] {
  const root = parseXml(text, file, 'a COLLADA file');
  if (root.name !== 'COLLADA') throw new InputError(`${file}: <${root.name}>`, 'a COLLADA file is one <COLLADA>');
  return new DaeReader(root, file).parts();
}

class DaeReader {
  private readonly root: XmlElement;
  private readonly file: string;
  private readonly byId = new Map<string, XmlElement>();
  private readonly parsed: MeshPart[] = [];
  private triangles = 0;

  constructor(root: XmlElement, file: string) {
    this.root = root;
    this.file = file;
    this.index(root);
  }

  parts(): MeshPart[] {
    const asset = childOf(this.root, 'asset');
    const meter = Number((asset && childOf(asset, 'unit'))?.attributes.meter ?? 1);
    if (!(meter > 0 && meter < 1e6)) this.fail(`unit meter="${meter}"`, 'must be above 0 and below a million');
    const up = (asset && childOf(asset, 'up_axis'))?.text.trim() || 'Y_UP';
    if (!(up in UP)) this.fail(`up_axis ${up}`, `must be ${Object.keys(UP).join(', ')}`);
    const toMetres = multiply4(UP[up], [meter, 0, 0, 0, 0, meter, 0, 0, 0, 0, meter, 0, 0, 0, 0, 1]);
    const scene = this.scene();
    if (scene === undefined) {
      const library = childOf(this.root, 'library_geometries');
      for (const geometry of library === undefined ? [] : childrenOf(library, 'geometry')) {
        this.place(geometry, toMetres, new Map());
      }
    } else for (const node of childrenOf(scene, 'node')) this.walk(node, toMetres, 0);
    return this.parsed;
  }

  /** The scene the file shows, or its only one. */
  private scene(): XmlElement | undefined {
    const shown = childOf(this.root, 'scene');
    const instance = shown && childOf(shown, 'instance_visual_scene');
    if (instance !== undefined) return this.target(instance, 'url');
    const library = childOf(this.root, 'library_visual_scenes');
    return library && childOf(library, 'visual_scene');
  }

  private walk(node: XmlElement, outer: readonly number[], depth: number): void {
    if (depth > DEEPEST) this.fail(`node ${node.attributes.id ?? ''}`, `nodes stand at most ${DEEPEST} deep`);
    const T = multiply4(outer, transformOf(node, this.file));
    for (const child of node.children) {
      if (child.name === 'node') this.walk(child, T, depth + 1);
      else if (child.name === 'instance_node') this.walk(this.target(child, 'url'), T, depth + 1);
      else if (child.name === 'instance_geometry') this.place(this.target(child, 'url'), T, this.bindings(child));
      else if (child.name === 'instance_controller') {
        this.fail('instance_controller', 'skinned geometry is not read; export the mesh without a skeleton');
      }
    }
  }

  /** Materials by the symbols that a geometry's primitives use for them. */
  private bindings(instance: XmlElement): Map<string, XmlElement> {
    const bound = childOf(instance, 'bind_material');
    const common = bound && childOf(bound, 'technique_common');
    const pairs = common === undefined ? [] : childrenOf(common, 'instance_material');
    return new Map(pairs.map((pair) => [pair.attributes.symbol ?? '', this.target(pair, 'target')]));
  }

  private place(geometry: XmlElement, T: readonly number[], materials: ReadonlyMap<string, XmlElement>): void {
    // A mirror turns triangles inside out.
    const mirrored = determinant(T) < 0;
    for (const { material, points, corners } of geometryParts(geometry, this.file)) {
      this.triangles += corners.length / 3;
      checkTriangleCount(this.triangles, this.file);
      const gatherer = new TriangleGatherer();
      const place = () => `${this.file}: geometry ${geometry.attributes.id ?? ''}`;
      const number = (i: number): number => {
        const [x, y, z] = points.subarray(3 * i, 3 * i + 3);
        const at = (r: number) => coordinate(T[r] * x + T[r + 1] * y + T[r + 2] * z + T[r + 3], place);
        return gatherer.vertex(at(0), at(4), at(8));
      };
      for (let c = 0; c < corners.length; c += 3) {
        const [a, b, d] = [number(corners[c]), number(corners[c + 1]), number(corners[c + 2])];
        if (mirrored) gatherer.triangle(a, d, b);
        else gatherer.triangle(a, b, d);
      }
      const bound = materials.get(material) ?? this.byId.get(material);
      const instance = bound && childOf(bound, 'instance_effect');
      const effect = instance === undefined ? undefined : this.target(instance, 'url');
      this.parsed.push(gatherer.part(effect === undefined ? null : colourOf(effect)));
    }
  }

  private index(element: XmlElement): void {
    const { id } = element.attributes;
    if (id !== undefined) this.byId.set(id, element);
    for (const child of element.children) this.index(child);
  }

  private target(element: XmlElement, attribute: string): XmlElement {
    const url = element.attributes[attribute] ?? '';
    const found = url.startsWith('#') ? this.byId.get(url.slice(1)) : undefined;
    return (
      found ?? this.fail(`${element.name} ${attribute}="${url}"`, 'must be # and the id of an element of the file')
    );
  }

  private fail(what: string, allowed: string): never {
    throw new InputError(`${this.file}: ${what}`, allowed);
  }
}

function determinant(T: readonly number[]): number {
  return T[0] * (T[5] * T[10] - T[6] * T[9]) - T[1] * (T[4] * T[10] - T[6] * T[8]) + T[2] * (T[4] * T[9] - T[5] * T[8]);
}
