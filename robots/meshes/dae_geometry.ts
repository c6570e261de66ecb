import { InputError } from '../../contracts/index.ts';
import { childOf, childrenOf, type XmlElement } from '../xml.ts';

/** Triangles of one material of a COLLADA geometry: places x y z each, and three of them a triangle. */
export interface DaePrimitive {
  readonly material: string;
  readonly points: Float64Array;
  readonly corners: readonly number[];
}

/** Primitives that have an area; lines have none. */
const LINES = new Set(['lines', 'linestrips']);
const PARTS = new Set(['source', 'vertices', 'extra', 'triangles', 'polylist', 'polygons', 'tristrips', 'trifans']);

/** Triangles of a COLLADA <geometry>; polygons become fans. Throws InputError naming geometry and element. */
export function geometryParts(geometry: XmlElement, file: string): DaePrimitive[] {
  const place = `${file}: geometry ${geometry.attributes.id ?? ''}`;
  const mesh = childOf(geometry, 'mesh');
  if (mesh === undefined) throw new InputError(place, 'must hold a <mesh>; splines and convex_mesh are not read');
  const positions = new Map<string, Float64Array>();
  const pointsOf = (input: XmlElement): Float64Array => {
    const id = (input.attributes.source ?? '').slice(1);
    let points = positions.get(id);
    if (points === undefined) {
      points = positionsOf(mesh, id, place);
      positions.set(id, points);
    }
    return points;
  };
  return mesh.children.flatMap((primitive) => {
    if (LINES.has(primitive.name)) return [];
    if (!PARTS.has(primitive.name)) throw new InputError(`${place}: <${primitive.name}>`, 'is not read');
    if (['source', 'vertices', 'extra'].includes(primitive.name)) return [];
    const inputs = childrenOf(primitive, 'input');
    const vertex = inputs.find(({ attributes }) => attributes.semantic === 'VERTEX');
    if (vertex === undefined) {
      if (inputs.length === 0) return [];
      throw new InputError(`${place}: <${primitive.name}>`, 'must have an <input> of semantic VERTEX');
    }
    const offsets = inputs.map(({ attributes }) => Number(attributes.offset ?? 0));
    const offset = Number(vertex.attributes.offset ?? 0);
    const stride = 1 + Math.max(...offsets);
    if (!(Number.isInteger(stride) && stride > 0 && stride < 64 && Number.isInteger(offset) && offset >= 0)) {
      throw new InputError(`${place}: <${primitive.name}> input offset`, 'must be an integer from 0 to 62');
    }
    const points = pointsOf(vertex);
    const polygons = polygonsOf(primitive, stride, offset, place);
    for (const polygon of polygons) {
      for (const i of polygon) {
        if (!(Number.isInteger(i) && i >= 0 && 3 * i < points.length)) {
          throw new InputError(
            `${place}: <${primitive.name}> vertex ${i}`,
            `must be from 0 to ${points.length / 3 - 1}`,
          );
        }
      }
    }
    const corners = polygons.flatMap((polygon) => trianglesOf(polygon, primitive.name));
    return corners.length === 0 ? [] : [{ material: primitive.attributes.material ?? '', points, corners }];
  });
}

/** Places a <vertices> element names by its POSITION input. */
function positionsOf(mesh: XmlElement, id: string, place: string): Float64Array {
  const vertices = childrenOf(mesh, 'vertices').find(({ attributes }) => attributes.id === id);
  const input = vertices && childrenOf(vertices, 'input').find(({ attributes }) => attributes.semantic === 'POSITION');
  const source = childrenOf(mesh, 'source').find(
    ({ attributes }) => attributes.id === (input?.attributes.source ?? '').slice(1),
  );
  const array = source && childOf(source, 'float_array');
  if (source === undefined || array === undefined) {
    throw new InputError(`${place}: vertices ${id}`, 'must name a <source> of positions with a <float_array>');
  }
  const technique = childOf(source, 'technique_common');
  const accessor = technique && childOf(technique, 'accessor');
  const stride = Number(accessor?.attributes.stride ?? 3);
  const first = Number(accessor?.attributes.offset ?? 0);
  const values = numbersOf(array);
  const stated = Number(array.attributes.count ?? values.length);
  if (values.length !== stated) {
    throw new InputError(`${place}: float_array of ${values.length} numbers`, `says it has ${stated}; is it cut off?`);
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new InputError(`${place}: number ${bad + 1} of its positions`, 'must be finite');
  if (!(Number.isInteger(stride) && stride >= 3 && stride < 64 && Number.isInteger(first) && first >= 0)) {
    throw new InputError(`${place}: accessor stride="${stride}" offset="${first}"`, 'stride must be from 3 to 63');
  }
  const count = Math.max(0, Math.floor((values.length - first) / stride));
  return Float64Array.from({ length: 3 * count }, (_, i) => values[first + stride * Math.floor(i / 3) + (i % 3)]);
}

/** Vertex numbers of every polygon, strip or fan of a primitive. */
function polygonsOf(primitive: XmlElement, stride: number, offset: number, place: string): number[][] {
  const lists = childrenOf(primitive, 'p').map((p) => {
    const all = numbersOf(p);
    if (all.length % stride !== 0) {
      throw new InputError(
        `${place}: <${primitive.name}> with ${all.length} indices`,
        `must be a multiple of ${stride}`,
      );
    }
    return all.filter((_, i) => i % stride === offset);
  });
  if (primitive.name === 'polygons' || primitive.name === 'tristrips' || primitive.name === 'trifans') return lists;
  const list = lists.flat();
  const vcount = childOf(primitive, 'vcount');
  const counts =
    primitive.name === 'polylist' && vcount !== undefined
      ? numbersOf(vcount)
      : Array.from({ length: list.length / 3 }, () => 3);
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum !== list.length || !counts.every((count) => Number.isInteger(count) && count > 0)) {
    throw new InputError(`${place}: <${primitive.name}> with ${list.length} corners`, `its polygons have ${sum}`);
  }
  let from = 0;
  return counts.map((count) => {
    from += count;
    return list.slice(from - count, from);
  });
}

function trianglesOf(corners: readonly number[], kind: string): number[] {
  const triangles: number[] = [];
  for (let k = 0; k + 2 < corners.length; k++) {
    if (kind !== 'tristrips') triangles.push(corners[0], corners[k + 1], corners[k + 2]);
    else if (k % 2 === 0) triangles.push(corners[k], corners[k + 1], corners[k + 2]);
    else triangles.push(corners[k + 1], corners[k], corners[k + 2]);
  }
  return triangles;
}

function numbersOf({ text }: XmlElement): number[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/).map(Number);
}
