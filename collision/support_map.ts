/**
 * Farthest vertex of a convex polytope along a direction, by a table over directions: the faces of a cube are cut into
 * cells, and each cell lists the vertices that are farthest along some direction in it. A vertex is left out only where
 * one other is farther along all four corners of the cell, hence (both being linear) along every direction of it, so the
 * answer is that of looking at all vertices. A hull of 150 vertices has 3 to 6 in a cell.
 */
export class SupportMap {
  readonly vertices: Float64Array;
  /** Where the list of each cell begins in `items`, and one entry more. */
  private readonly first: Int32Array;
  /** Offsets into `vertices`. */
  private readonly items: Int32Array;

  /** @param vertices  x y z each (m) */
  constructor(vertices: Float64Array) {
    this.vertices = vertices;
    const lists: number[][] = [];
    for (let cell = 0; cell < CELLS; cell++) lists.push(candidates(vertices, cell));
    this.first = new Int32Array(CELLS + 1);
    for (let cell = 0; cell < CELLS; cell++) this.first[cell + 1] = this.first[cell] + lists[cell].length;
    this.items = Int32Array.from(lists.flat());
  }

  /** Where in `vertices` the vertex farthest along a direction (its 3 numbers from `at` on) begins; the first of several. */
  farthest(direction: Float64Array, at: number): number {
    const { vertices, items, first } = this;
    const x = direction[at];
    const y = direction[at + 1];
    const z = direction[at + 2];
    const cell = cellOf(x, y, z);
    const end = first[cell + 1];
    let k = first[cell];
    let best = items[k];
    let most = vertices[best] * x + vertices[best + 1] * y + vertices[best + 2] * z;
    for (k++; k < end; k++) {
      const i = items[k];
      const along = vertices[i] * x + vertices[i + 1] * y + vertices[i + 2] * z;
      if (along > most) {
        most = along;
        best = i;
      }
    }
    return best;
  }
}

const made = new WeakMap<Float64Array, SupportMap>();

/** The map of a hull's vertices, made once; null for so few that looking at all is as quick. */
export function supportMapOf(vertices: Float64Array): SupportMap | null {
  if (vertices.length < 3 * FEW) return null;
  let map = made.get(vertices);
  if (map === undefined) {
    map = new SupportMap(vertices);
    made.set(vertices, map);
  }
  return map;
}

const FEW = 16;
/** Cells along an edge of the cube. */
const EDGE = 8;
const HALF_EDGE = EDGE / 2;
const CELLS = 6 * EDGE * EDGE;
/** Cells are taken this much larger (of the cube's half edge), against rounding at their borders. */
const OVERLAP = 1e-9;

function cellOf(x: number, y: number, z: number): number {
  const ax = x < 0 ? -x : x;
  const ay = y < 0 ? -y : y;
  const az = z < 0 ? -z : z;
  let face = 0;
  let u = y;
  let v = z;
  let most = ax;
  let along = x;
  if (ay > most) {
    face = 2;
    u = z;
    v = x;
    most = ay;
    along = y;
  }
  if (az > most) {
    face = 4;
    u = x;
    v = y;
    most = az;
    along = z;
  }
  if (most === 0) return 0;
  const scale = HALF_EDGE / most;
  let i = (u * scale + HALF_EDGE) | 0;
  let j = (v * scale + HALF_EDGE) | 0;
  if (i >= EDGE) i = EDGE - 1;
  if (j >= EDGE) j = EDGE - 1;
  return ((along < 0 ? face + 1 : face) * EDGE + i) * EDGE + j;
}

/** Offsets of the vertices that may be farthest along a direction of the cell, in their order. */
function candidates(vertices: Float64Array, cell: number): number[] {
  const corners = cornersOf(cell);
  const count = vertices.length / 3;
  const heights = new Float64Array(4 * count);
  const best = [0, 0, 0, 0, 0];
  const most = [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity];
  for (let v = 0; v < count; v++) {
    let sum = 0;
    for (let c = 0; c < 4; c++) {
      const [x, y, z] = corners[c];
      const h = vertices[3 * v] * x + vertices[3 * v + 1] * y + vertices[3 * v + 2] * z;
      heights[4 * v + c] = h;
      sum += h;
      if (h > most[c]) {
        most[c] = h;
        best[c] = v;
      }
    }
    if (sum > most[4]) {
      most[4] = sum;
      best[4] = v;
    }
  }
  const below = (v: number, u: number): boolean => {
    for (let c = 0; c < 4; c++) if (heights[4 * v + c] >= heights[4 * u + c]) return false;
    return true;
  };
  const left: number[] = [];
  for (let v = 0; v < count; v++) if (!best.some((u) => below(v, u))) left.push(v);
  return left.filter((v) => !left.some((u) => below(v, u))).map((v) => 3 * v);
}

/** The four corners of a cell, with what rounding may add, as directions. */
function cornersOf(cell: number): readonly (readonly [number, number, number])[] {
  const j = cell % EDGE;
  const i = ((cell - j) / EDGE) % EDGE;
  const face = (cell - j - EDGE * i) / (EDGE * EDGE);
  const along = face % 2 === 0 ? 1 : -1;
  const axis = face >> 1;
  return [0, 1, 2, 3].map((corner) => {
    const u = (i + (corner & 1)) / HALF_EDGE - 1 + ((corner & 1) === 0 ? -OVERLAP : OVERLAP);
    const v = (j + (corner >> 1)) / HALF_EDGE - 1 + (corner >> 1 === 0 ? -OVERLAP : OVERLAP);
    if (axis === 0) return [along, u, v];
    return axis === 1 ? [v, along, u] : [u, v, along];
  });
}
