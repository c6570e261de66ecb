import { BOX, type ConvexSet, CYLINDER, HULL } from './convex.ts';

const scratch = new Float64Array(3);

/**
 * The point of a body's core (its ball left out) farthest along `sign` (1 or −1) times a direction (3): written to `out`
 * from `at` on, frame world (m). Directions come in arrays, so that no number is boxed.
 */
export function supportPoint(
  set: ConvexSet,
  index: number,
  direction: Float64Array,
  sign: number,
  out: Float64Array,
  at: number,
): void {
  const { pose, half, kind } = set;
  const x = sign * direction[0];
  const y = sign * direction[1];
  const z = sign * direction[2];
  const o = 12 * index;
  const ux = pose[o] * x + pose[o + 3] * y + pose[o + 6] * z;
  const uy = pose[o + 1] * x + pose[o + 4] * y + pose[o + 7] * z;
  const uz = pose[o + 2] * x + pose[o + 5] * y + pose[o + 8] * z;
  const h = 3 * index;
  let sx = 0;
  let sy = 0;
  let sz = 0;
  switch (kind[index]) {
    case BOX:
      sx = ux > 0 ? half[h] : -half[h];
      sy = uy > 0 ? half[h + 1] : -half[h + 1];
      sz = uz > 0 ? half[h + 2] : -half[h + 2];
      break;
    case CYLINDER: {
      const r = Math.sqrt(ux * ux + uy * uy);
      if (r > 1e-12) {
        sx = (half[h] * ux) / r;
        sy = (half[h] * uy) / r;
      }
      sz = uz > 0 ? half[h + 2] : -half[h + 2];
      break;
    }
    case HULL: {
      const vertices = set.vertices[index];
      const map = set.maps[index];
      if (map !== null) {
        scratch[0] = ux;
        scratch[1] = uy;
        scratch[2] = uz;
        const k = map.farthest(scratch, 0);
        sx = vertices[k];
        sy = vertices[k + 1];
        sz = vertices[k + 2];
        break;
      }
      let most = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < vertices.length; k += 3) {
        const along = vertices[k] * ux + vertices[k + 1] * uy + vertices[k + 2] * uz;
        if (along > most) {
          most = along;
          sx = vertices[k];
          sy = vertices[k + 1];
          sz = vertices[k + 2];
        }
      }
      break;
    }
    default:
      break;
  }
  out[at] = pose[o] * sx + pose[o + 1] * sy + pose[o + 2] * sz + pose[o + 9];
  out[at + 1] = pose[o + 3] * sx + pose[o + 4] * sy + pose[o + 5] * sz + pose[o + 10];
  out[at + 2] = pose[o + 6] * sx + pose[o + 7] * sy + pose[o + 8] * sz + pose[o + 11];
}
