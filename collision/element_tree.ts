import type { TriangleMesh } from '../contracts/index.ts';

const LEAF = 6;

/**
 * Many small things as one obstacle, points or triangles with a ball about each, in a tree of boxes whose leaves hold a
 * few of them each. Immutable; its frame is that of the points. Made by `pointTree` and `triangleTree`.
 */
export interface ElementTree {
  readonly type: 'elements';
  readonly elements: 'points' | 'triangles';
  /** Numbers an element: 3 or 9, x y z each (m), in the order of the leaves. */
  readonly stride: number;
  readonly data: Float64Array;
  readonly count: number;
  /** Ball about every point or triangle (m). */
  readonly radius_m: number;
  /** True if triangles close a volume and what is inside it is in contact. */
  readonly solid: boolean;
  /** Boxes of the nodes without the balls: centre and half extents, 6 each. Node 0 is the root. */
  readonly box: Float64Array;
  /** Of a leaf its first element; of other nodes minus the second child (the first follows its parent). */
  readonly link: Int32Array;
  /** Elements of a leaf; 0 for other nodes. */
  readonly leaf: Uint8Array;
}

/** A tree of points (x y z each, m), each a ball. RangeError if there are none or a number is not finite. */
export function pointTree(points: Float64Array, radius_m: number): ElementTree {
  return build(points, 'points', radius_m, false);
}

/**
 * A tree of a mesh's triangles. RangeError if there are none or a number is not finite.
 * @param solid  its inside counts, too: only for a mesh that is closed
 */
export function triangleTree(mesh: TriangleMesh, solid: boolean, radius_m = 0): ElementTree {
  const { vertices, triangles } = mesh;
  const data = new Float64Array(3 * triangles.length);
  for (let k = 0; k < triangles.length; k++) {
    for (let c = 0; c < 3; c++) data[3 * k + c] = vertices[3 * triangles[k] + c];
  }
  return build(data, 'triangles', radius_m, solid);
}

function build(source: Float64Array, elements: 'points' | 'triangles', radius_m: number, solid: boolean): ElementTree {
  const stride = elements === 'points' ? 3 : 9;
  const count = Math.floor(source.length / stride);
  if (count === 0) throw new RangeError(`no ${elements}`);
  for (let k = 0; k < stride * count; k++) {
    if (!Number.isFinite(source[k]))
      throw new RangeError(`${elements.slice(0, -1)} ${Math.floor(k / stride)} is not finite`);
  }
  const builder = new Builder(source, stride, count);
  return { type: 'elements', elements, stride, count, radius_m, solid, ...builder.result() };
}

class Builder {
  private readonly source: Float64Array;
  private readonly stride: number;
  private readonly order: Int32Array;
  private readonly middle: Float64Array;
  private readonly box: number[] = [];
  private readonly link: number[] = [];
  private readonly leaf: number[] = [];

  constructor(source: Float64Array, stride: number, count: number) {
    this.source = source;
    this.stride = stride;
    this.order = Int32Array.from({ length: count }, (_, i) => i);
    this.middle = new Float64Array(3 * count);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < 3; k++) {
        let low = Infinity;
        let high = -Infinity;
        for (let c = k; c < stride; c += 3) {
          low = Math.min(low, source[stride * i + c]);
          high = Math.max(high, source[stride * i + c]);
        }
        this.middle[3 * i + k] = (low + high) / 2;
      }
    }
    this.node(0, count);
  }

  result(): Pick<ElementTree, 'data' | 'box' | 'link' | 'leaf'> {
    const { source, stride, order } = this;
    const data = new Float64Array(stride * order.length);
    for (let i = 0; i < order.length; i++) {
      for (let k = 0; k < stride; k++) data[stride * i + k] = source[stride * order[i] + k];
    }
    return {
      data,
      box: Float64Array.from(this.box),
      link: Int32Array.from(this.link),
      leaf: Uint8Array.from(this.leaf),
    };
  }

  private node(from: number, to: number): void {
    const { source, stride, order } = this;
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (let i = from; i < to; i++) {
      for (let c = 0; c < stride; c++) {
        const x = source[stride * order[i] + c];
        if (x < low[c % 3]) low[c % 3] = x;
        if (x > high[c % 3]) high[c % 3] = x;
      }
    }
    const at = this.link.length;
    for (let k = 0; k < 3; k++) this.box.push((low[k] + high[k]) / 2);
    for (let k = 0; k < 3; k++) this.box.push((high[k] - low[k]) / 2);
    if (to - from <= LEAF) {
      this.link.push(from);
      this.leaf.push(to - from);
      return;
    }
    this.link.push(0);
    this.leaf.push(0);
    const sizes = low.map((value, k) => high[k] - value);
    const half = (from + to) >> 1;
    this.select(from, to - 1, half, sizes.indexOf(Math.max(...sizes)));
    this.node(from, half);
    this.link[at] = -this.link.length;
    this.node(half, to);
  }

  /** Quickselect: orders so that none before `nth` has its middle farther along the axis than it, and none after nearer. */
  private select(from: number, to: number, nth: number, axis: number): void {
    const { order, middle } = this;
    let left = from;
    let right = to;
    while (left < right) {
      const pivot = middle[3 * order[(left + right) >> 1] + axis];
      let i = left;
      let j = right;
      while (i <= j) {
        while (middle[3 * order[i] + axis] < pivot) i++;
        while (middle[3 * order[j] + axis] > pivot) j--;
        if (i > j) break;
        const kept = order[i];
        order[i++] = order[j];
        order[j--] = kept;
      }
      if (nth <= j) right = j;
      else if (nth >= i) left = i;
      else return;
    }
  }
}
