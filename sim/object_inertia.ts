import type { Vector3 } from '../contracts/index.ts';
import type { Matrix3 } from '../dynamics/index.ts';
import { massProperties } from '../robots/index.ts';
import type { SceneObject } from './scene.ts';

/** Where an object's mass lies, in its shape's frame; the same for every engine. */
export interface ObjectInertia {
  /** Centre of mass (m). */
  readonly com: Vector3;
  /** About the centre of mass, shape axes: xx yy zz xy xz yz (kg m²). */
  readonly inertia: readonly number[];
  /** Principal moments about the centre of mass (kg m²), and their axes as columns of a rotation. */
  readonly moments: Vector3;
  readonly axes: Matrix3;
}

const SWEEPS = 12;

/**
 * The object's own centre of mass and inertia where it states them; else those of a homogeneous solid of its shape. A
 * stated centre of mass alone moves the solid's inertia there unchanged.
 */
export function objectInertia(object: SceneObject): ObjectInertia {
  const solid = solidOf(object);
  const inertia = object.inertia_kg_m2 ?? solid.inertia;
  return { com: object.com_m ?? solid.com, inertia, ...principalAxes(inertia) };
}

function solidOf({ shape, mass_kg: m }: SceneObject): { readonly com: Vector3; readonly inertia: readonly number[] } {
  const com: Vector3 = [0, 0, 0];
  switch (shape.type) {
    case 'box': {
      const [x, y, z] = shape.size;
      return {
        com,
        inertia: [(m * (y * y + z * z)) / 12, (m * (x * x + z * z)) / 12, (m * (x * x + y * y)) / 12, 0, 0, 0],
      };
    }
    case 'cylinder': {
      const across = (m * (3 * shape.radius ** 2 + shape.length ** 2)) / 12;
      return { com, inertia: [across, across, (m * shape.radius ** 2) / 2, 0, 0, 0] };
    }
    case 'sphere': {
      const i = (2 * m * shape.radius ** 2) / 5;
      return { com, inertia: [i, i, i, 0, 0, 0] };
    }
    case 'mesh': {
      const solid = massProperties(shape);
      return { com: solid.com, inertia: solid.inertia.map((x) => m * x) };
    }
  }
}

/**
 * Eigenvalues and eigenvectors of a symmetric 3×3 tensor by Jacobi's rotations (Golub and Van Loan, Matrix
 * Computations, 8.5). A diagonal tensor keeps its axes.
 */
export function principalAxes(tensor: readonly number[]): { readonly moments: Vector3; readonly axes: Matrix3 } {
  const [xx, yy, zz, xy, xz, yz] = tensor;
  const a = [xx, xy, xz, xy, yy, yz, xz, yz, zz];
  const v = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const least = 1e-15 * Math.max(Math.abs(xx), Math.abs(yy), Math.abs(zz));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [i, j] of PLANES) {
      const off = a[3 * i + j];
      if (Math.abs(off) <= least) continue;
      const theta = (a[4 * j] - a[4 * i]) / (2 * off);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) {
        const p = a[3 * k + i];
        const q = a[3 * k + j];
        a[3 * k + i] = c * p - s * q;
        a[3 * k + j] = s * p + c * q;
      }
      for (let k = 0; k < 3; k++) {
        const p = a[3 * i + k];
        const q = a[3 * j + k];
        a[3 * i + k] = c * p - s * q;
        a[3 * j + k] = s * p + c * q;
        const x = v[3 * k + i];
        const y = v[3 * k + j];
        v[3 * k + i] = c * x - s * y;
        v[3 * k + j] = s * x + c * y;
      }
    }
  }
  return {
    moments: [a[0], a[4], a[8]],
    axes: [v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8]],
  };
}

const PLANES = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;
