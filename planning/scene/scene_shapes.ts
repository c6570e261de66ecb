import type { Obstacle } from '../../collision/index.ts';
import { meshObstacle } from '../../collision/index.ts';
import { type ConvexMesh, InputError, type Pose, type Shape, type TriangleMesh } from '../../contracts/index.ts';
import { composePoses } from '../../dynamics/index.ts';
import { convexHull } from '../../robots/index.ts';

/** Planes are slabs of this size and thickness (m) under their surface. */
const SLAB = { side: 20, thickness: 0.1 };
const CONE_SIDES = 48;
const MAX_SIZE_M = 1e4;

/** A shape as scenes give it, its pose in the frame of its object. */
export type SceneShape =
  | { readonly type: 'box' | 'sphere' | 'cylinder' | 'cone' | 'plane'; readonly dimensions: readonly number[] }
  | { readonly type: 'mesh'; readonly mesh: TriangleMesh };

/** How many numbers a shape has, and what they are. */
const DIMENSIONS = {
  box: ['x', 'y', 'z'],
  sphere: ['radius'],
  cylinder: ['radius', 'length'],
  cone: ['radius', 'length'],
  plane: ['a', 'b', 'c', 'd'],
} as const;

/**
 * An obstacle of a scene's shape. A cone (tip along +z, its middle at the origin) is the hull of a pyramid about it; a plane
 * a x + b y + c z + d = 0 is a slab below it. Throws InputError, naming `place`, for what has no volume.
 */
export function sceneObstacle(name: string, shape: SceneShape, pose: Pose, padding_m: number, place: string): Obstacle {
  if (shape.type === 'mesh') return meshObstacle(name, shape.mesh, { pose, padding_m });
  const { type, dimensions } = shape;
  const names = DIMENSIONS[type];
  if (dimensions.length !== names.length) {
    throw new InputError(`${place}: ${type} of ${dimensions.length} numbers`, `give ${names.join(' ')}`);
  }
  const wrong = dimensions.findIndex((x) => !(Math.abs(x) <= MAX_SIZE_M && (type === 'plane' || x > 0)));
  if (wrong >= 0) {
    throw new InputError(
      `${place}: ${type} ${names[wrong]} ${dimensions[wrong]}`,
      type === 'plane' ? 'must be a finite number' : `must be above 0 and at most ${MAX_SIZE_M} m`,
    );
  }
  if (type === 'plane') return { name, padding_m, ...slab(dimensions, pose, place) };
  return { name, shape: solid(type, dimensions), pose, padding_m };
}

function solid(type: 'box' | 'sphere' | 'cylinder' | 'cone', [x, y, z]: readonly number[]): Shape | ConvexMesh {
  switch (type) {
    case 'box':
      return { type, size: [x, y, z] };
    case 'sphere':
      return { type, radius: x };
    case 'cylinder':
      return { type, radius: x, length: y };
    case 'cone': {
      const outer = x / Math.cos(Math.PI / CONE_SIDES);
      const rim = Array.from({ length: CONE_SIDES }, (_, k) => {
        const turn = (2 * Math.PI * k) / CONE_SIDES;
        return [outer * Math.cos(turn), outer * Math.sin(turn), -y / 2];
      });
      return convexHull(Float64Array.from([0, 0, y / 2, ...rim.flat()]), {
        max_vertices: CONE_SIDES + 2,
        tolerance_m: 0,
      });
    }
  }
}

function slab([a, b, c, d]: readonly number[], pose: Pose, place: string): { shape: Shape; pose: Pose } {
  const length = Math.hypot(a, b, c);
  if (length === 0) throw new InputError(`${place}: plane 0 0 0 ${d}`, 'its normal must not be zero');
  const n = [a / length, b / length, c / length];
  const below = -d / length - SLAB.thickness / 2;
  // the shortest turn from z to n
  const w = 1 + n[2];
  const turn = w < 1e-9 ? [1, 0, 0, 0] : [-n[1], n[0], 0, w];
  const norm = Math.hypot(...turn);
  const T_object_slab: Pose = {
    position: [n[0] * below, n[1] * below, n[2] * below],
    orientation: [turn[0] / norm, turn[1] / norm, 0, turn[3] / norm],
  };
  return {
    shape: { type: 'box', size: [SLAB.side, SLAB.side, SLAB.thickness] },
    pose: composePoses(pose, T_object_slab),
  };
}

/** A pose of seven numbers x y z qx qy qz qw, its quaternion made a unit. Throws InputError, naming `place`. */
export function scenePose(numbers: readonly number[], place: string): Pose {
  const [x, y, z, qx, qy, qz, qw] = numbers;
  const length = Math.hypot(qx, qy, qz, qw);
  if (numbers.length !== 7 || !numbers.every(Number.isFinite)) {
    throw new InputError(`${place}: pose ${numbers.join(' ')}`, 'seven finite numbers x y z qx qy qz qw');
  }
  if (!(length > 1e-6)) throw new InputError(`${place}: quaternion 0 0 0 0`, 'must not be zero');
  return { position: [x, y, z], orientation: [qx / length, qy / length, qz / length, qw / length] };
}
