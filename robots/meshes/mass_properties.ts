import type { TriangleMesh, Vector3 } from '../../contracts/index.ts';

/** Of a homogeneous solid bounded by closed triangles: its volume, and, per unit of mass, where it lies. */
export interface MassProperties {
  /** m³; negative if the triangles face inwards. */
  readonly volume: number;
  /** Centre of mass, frame of the mesh (m). */
  readonly com: Vector3;
  /** Inertia about the centre of mass for a mass of 1 kg, axes of the mesh: xx yy zz xy xz yz (m²). */
  readonly inertia: readonly number[];
}

/**
 * Volume, centre of mass and inertia by the divergence theorem, summed over the tetrahedra between the triangles and a
 * point (Mirtich, Fast and Accurate Computation of Polyhedral Mass Properties, 1996; Eberly, Polyhedral Mass Properties
 * (Revisited), 2002). The triangles must be closed and face outwards; of an open mesh the result depends on where it lies.
 */
export function massProperties({ vertices: v, triangles }: TriangleMesh): MassProperties {
  // About a vertex, so that a mesh far from its origin loses no digits.
  const o = [v[0], v[1], v[2]];
  let six_volumes = 0;
  const first = [0, 0, 0];
  /** Integrals of xx yy zz xy xz yz over the solid, times 120. */
  const second = [0, 0, 0, 0, 0, 0];
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => {
      const i = 3 * triangles[t + k];
      return [v[i] - o[0], v[i + 1] - o[1], v[i + 2] - o[2]];
    });
    const six =
      a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
    six_volumes += six;
    for (let k = 0; k < 3; k++) first[k] += six * (a[k] + b[k] + c[k]);
    PAIRS.forEach(([i, j], k) => {
      const sum = (a[i] + b[i] + c[i]) * (a[j] + b[j] + c[j]);
      second[k] += six * (a[i] * a[j] + b[i] * b[j] + c[i] * c[j] + sum);
    });
  }
  const com = first.map((x) => x / (4 * six_volumes));
  const spread = PAIRS.map(([i, j], k) => second[k] / (20 * six_volumes) - com[i] * com[j]);
  return {
    volume: six_volumes / 6,
    com: [o[0] + com[0], o[1] + com[1], o[2] + com[2]],
    inertia: [spread[1] + spread[2], spread[0] + spread[2], spread[0] + spread[1], -spread[3], -spread[4], -spread[5]],
  };
}

const PAIRS = [
  [0, 0],
  [1, 1],
  [2, 2],
  [0, 1],
  [0, 2],
  [1, 2],
] as const;
