import type { ElementTree } from './element_tree.ts';

/** Direction of the ray that tells inside from outside: along no edge that people make. */
const RAY = Float64Array.of(0.836_516_303_737_807_9, 0.482_962_913_144_534_1, 0.258_819_045_102_520_7);

/**
 * True if a point (3, frame of the tree, m) is inside the closed mesh of a tree: a ray from it crosses an odd number of
 * triangles. `stack` is scratch of 128. Allocates nothing.
 */
export function isInside(tree: ElementTree, from: Float64Array, stack: Int32Array): boolean {
  const { box, link, leaf, data } = tree;
  let crossings = 0;
  let top = 0;
  stack[top++] = 0;
  while (top > 0) {
    const node = stack[--top];
    if (!rayMeetsBox(from, box, 6 * node)) continue;
    if (leaf[node] === 0) {
      stack[top++] = -link[node];
      stack[top++] = node + 1;
      continue;
    }
    for (let k = link[node]; k < link[node] + leaf[node]; k++) if (rayMeetsTriangle(from, data, 9 * k)) crossings++;
  }
  return crossings % 2 === 1;
}

function rayMeetsBox(from: Float64Array, box: Float64Array, at: number): boolean {
  let enter = 0;
  let leave = Infinity;
  for (let k = 0; k < 3; k++) {
    const middle = (box[at + k] - from[k]) / RAY[k];
    const half = box[at + 3 + k] / RAY[k] + 1e-12;
    enter = Math.max(enter, middle - half);
    leave = Math.min(leave, middle + half);
  }
  return enter <= leave;
}

/** After Möller and Trumbore, Fast, minimum storage ray/triangle intersection (1997). */
function rayMeetsTriangle(from: Float64Array, data: Float64Array, at: number): boolean {
  const ux = data[at + 3] - data[at];
  const uy = data[at + 4] - data[at + 1];
  const uz = data[at + 5] - data[at + 2];
  const wx = data[at + 6] - data[at];
  const wy = data[at + 7] - data[at + 1];
  const wz = data[at + 8] - data[at + 2];
  const px = RAY[1] * wz - RAY[2] * wy;
  const py = RAY[2] * wx - RAY[0] * wz;
  const pz = RAY[0] * wy - RAY[1] * wx;
  const det = ux * px + uy * py + uz * pz;
  if (det === 0) return false;
  const tx = from[0] - data[at];
  const ty = from[1] - data[at + 1];
  const tz = from[2] - data[at + 2];
  const u = (tx * px + ty * py + tz * pz) / det;
  if (u < 0 || u > 1) return false;
  const qx = ty * uz - tz * uy;
  const qy = tz * ux - tx * uz;
  const qz = tx * uy - ty * ux;
  const v = (RAY[0] * qx + RAY[1] * qy + RAY[2] * qz) / det;
  if (v < 0 || u + v > 1) return false;
  return wx * qx + wy * qy + wz * qz > 0 === det > 0;
}
