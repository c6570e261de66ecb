import type { Rng, Shape, TriangleMesh, Vector3 } from '../../contracts/index.ts';
import type { SceneModel, SceneObject } from '../../sim/index.ts';

/** Things that are neither upright boxes nor upright cylinders. */
export const UNKNOWN_KINDS = [
  'ball',
  'cone',
  'dome',
  'ring',
  'mug',
  'bottle',
  'bowl',
  'angle',
  'star',
  'wedge',
  'tilted_box',
  'lying_cylinder',
] as const;
export type UnknownKind = (typeof UNKNOWN_KINDS)[number];

const FACETS = 28;
const LYING = { position: [0, 0, 0], orientation: [0, 0, 0, 1] } as const;

/** A scene with one more object standing at a place of the table, centre of its foot there (m, frame world). */
export function withUnknown(scene: SceneModel, kind: UnknownKind, x: number, y: number, rng: Rng): SceneModel {
  const { shape, z, tilt_rad } = drawUnknown(kind, rng);
  const yaw = rng.range(-Math.PI, Math.PI);
  const [cy, sy] = [Math.cos(yaw / 2), Math.sin(yaw / 2)];
  const [ct, st] = [Math.cos(tilt_rad / 2), Math.sin(tilt_rad / 2)];
  const object: SceneObject = {
    ...{ name: `unknown_${kind}`, class: 'box', colour: 'red', rgb: drawPaint(rng), mass_kg: 0.1, friction: 0.5 },
    shape: shape.type === 'mesh' ? { type: 'sphere', radius: 0.03 } : shape,
    ...(shape.type === 'mesh' ? { visual: shape } : {}),
    pose: { ...LYING, position: [x, y, z], orientation: [cy * st, sy * st, sy * ct, cy * ct] },
  };
  return { ...scene, objects: [...scene.objects, object] };
}

/** Half as the task's own objects are painted, half as anything else may be. */
function drawPaint(rng: Rng): Vector3 {
  if (rng.uniform() < 0.5) {
    const paints: readonly Vector3[] = [
      [0.82, 0.13, 0.11],
      [0.9, 0.46, 0.07],
      [0.9, 0.8, 0.1],
      [0.12, 0.62, 0.2],
      [0.1, 0.28, 0.8],
      [0.5, 0.16, 0.66],
    ];
    return paints[rng.int(paints.length)];
  }
  return [rng.range(0.05, 0.95), rng.range(0.05, 0.95), rng.range(0.05, 0.95)];
}

/** A shape about the origin, and where its origin is so that it stands on the table (m); turned by `tilt_rad` about x. */
function drawUnknown(kind: UnknownKind, rng: Rng): { shape: Shape | TriangleMesh; z: number; tilt_rad: number } {
  const size = rng.range(0.036, 0.06);
  const h = rng.range(0.03, 0.07);
  const r = size / 2;
  const standing = (shape: Shape | TriangleMesh) => ({ shape, z: 0, tilt_rad: 0 });
  switch (kind) {
    case 'ball':
      return { shape: { type: 'sphere', radius: r }, z: r, tilt_rad: 0 };
    case 'cone':
      return standing(
        lathe([
          [0, 0],
          [r, 0],
          [0.001, h],
        ]),
      );
    case 'dome':
      return standing(lathe([[0, 0], [r, 0], ...arc(r, r, 8)]));
    case 'ring':
      return standing(torus(size / 2 + 0.006, rng.range(0.008, 0.012)));
    case 'mug':
      return standing(merge([cup(r, Math.max(0.045, h), 0.004), handle(r, Math.max(0.045, h))]));
    case 'bottle': {
      const tall = rng.range(0.08, 0.12);
      return standing(
        lathe([
          [0, 0],
          [r, 0],
          [r, 0.5 * tall],
          [0.35 * r, 0.72 * tall],
          [0.35 * r, tall],
          [0, tall],
        ]),
      );
    }
    case 'bowl':
      return standing(
        lathe([
          [0, 0],
          [0.6 * r, 0],
          [1.2 * r, 0.7 * h],
          [1.1 * r, 0.7 * h],
          [0.4 * r, 0.006],
          [0, 0.006],
        ]),
      );
    case 'angle': {
      const [a, b, w] = [size + 0.01, size + 0.01, rng.range(0.016, 0.022)];
      return standing(
        prism(
          [
            [0, 0],
            [a, 0],
            [a, w],
            [w, w],
            [w, b],
            [0, b],
          ].map(([x, y]) => [x - a / 2, y - b / 2]),
          h,
        ),
      );
    }
    case 'star': {
      const points = 2 * (4 + rng.int(3));
      const corner = (k: number): [number, number] => {
        const reach = k % 2 === 0 ? r + 0.01 : 0.5 * r;
        return [reach * Math.cos((2 * Math.PI * k) / points), reach * Math.sin((2 * Math.PI * k) / points)];
      };
      return standing(
        prism(
          Array.from({ length: points }, (_, k) => corner(k)),
          h,
        ),
      );
    }
    case 'wedge':
      return standing(wedge(size, size, h));
    case 'tilted_box': {
      const tilt_rad = rng.range(0.45, 0.8);
      const z = (size / 2) * Math.sin(tilt_rad) + (h / 2) * Math.cos(tilt_rad);
      return { shape: { type: 'box', size: [size, size, h] }, z, tilt_rad };
    }
    case 'lying_cylinder':
      return { shape: { type: 'cylinder', radius: r, length: Math.max(h, 1.2 * size) }, z: r, tilt_rad: Math.PI / 2 };
  }
}

type Profile = readonly (readonly [number, number])[];

function arc(radius: number, height: number, steps: number): [number, number][] {
  return Array.from({ length: steps }, (_, k) => {
    const angle = ((k + 1) * Math.PI) / 2 / steps;
    return [Math.max(1e-4, radius * Math.cos(angle)), height * Math.sin(angle)];
  });
}

/** A profile (radius, z) turned about z; seen from outside its points go upwards. */
function lathe(profile: Profile): TriangleMesh {
  const n = profile.length;
  const vertices = new Float64Array(3 * n * FACETS);
  for (let f = 0; f < FACETS; f++) {
    const angle = (2 * Math.PI * f) / FACETS;
    profile.forEach(([radius, z], k) => {
      vertices.set([radius * Math.cos(angle), radius * Math.sin(angle), z], 3 * (f * n + k));
    });
  }
  const triangles: number[] = [];
  for (let f = 0; f < FACETS; f++) {
    const g = (f + 1) % FACETS;
    for (let k = 0; k + 1 < n; k++) {
      const [a, b, c, d] = [f * n + k, g * n + k, g * n + k + 1, f * n + k + 1];
      triangles.push(a, b, c, a, c, d);
    }
  }
  return { type: 'mesh', vertices, triangles: Uint32Array.from(triangles) };
}

/** An open cup: outside, rim, inside and floor. */
function cup(radius: number, height: number, wall: number): TriangleMesh {
  const inner = radius - wall;
  return lathe([
    [0, 0],
    [radius, 0],
    [radius, height],
    [inner, height],
    [inner, 0.006],
    [0, 0.006],
  ]);
}

function torus(radius: number, tube: number): TriangleMesh {
  const steps = 12;
  const profile = Array.from({ length: steps + 1 }, (_, k): [number, number] => {
    const angle = (2 * Math.PI * k) / steps;
    return [radius + tube * Math.cos(angle), tube + tube * Math.sin(angle)];
  });
  return lathe(profile);
}

/** Half a ring standing at the side of a mug. */
function handle(radius: number, height: number): TriangleMesh {
  const [steps, tube, reach] = [8, 0.004, 0.32 * height];
  const vertices: number[] = [];
  const triangles: number[] = [];
  for (let k = 0; k <= steps; k++) {
    const angle = (Math.PI * k) / steps - Math.PI / 2;
    const [cx, cz] = [radius - 0.002 + reach * Math.cos(angle), height / 2 + reach * Math.sin(angle)];
    for (let f = 0; f < 6; f++) {
      const around = (2 * Math.PI * f) / 6;
      const out = tube * Math.cos(around);
      vertices.push(cx + out * Math.cos(angle), tube * Math.sin(around), cz + out * Math.sin(angle));
    }
  }
  for (let k = 0; k < steps; k++) {
    for (let f = 0; f < 6; f++) {
      const g = (f + 1) % 6;
      const [a, b, c, d] = [6 * k + f, 6 * k + g, 6 * k + 6 + g, 6 * k + 6 + f];
      triangles.push(a, c, b, a, d, c, a, b, c, a, c, d);
    }
  }
  return { type: 'mesh', vertices: Float64Array.from(vertices), triangles: Uint32Array.from(triangles) };
}

/** An upright prism over an outline that goes round counter-clockwise and is seen whole from its middle or its first corner. */
function prism(outline: readonly (readonly number[])[], height: number): TriangleMesh {
  const n = outline.length;
  const vertices = new Float64Array(3 * 2 * n);
  outline.forEach(([x, y], k) => {
    vertices.set([x, y, 0], 3 * k);
    vertices.set([x, y, height], 3 * (n + k));
  });
  const triangles: number[] = [];
  for (let k = 0; k < n; k++) {
    const g = (k + 1) % n;
    triangles.push(k, g, n + g, k, n + g, n + k);
  }
  for (const [a, b, c] of ears(outline)) triangles.push(n + a, n + b, n + c, c, b, a);
  return { type: 'mesh', vertices, triangles: Uint32Array.from(triangles) };
}

/** Triangles of a simple polygon (ear clipping; Meisters, 1975). */
function ears(outline: readonly (readonly number[])[]): [number, number, number][] {
  const cross = (a: number, b: number, c: number): number =>
    (outline[b][0] - outline[a][0]) * (outline[c][1] - outline[a][1]) -
    (outline[b][1] - outline[a][1]) * (outline[c][0] - outline[a][0]);
  const left = outline.map((_, k) => k);
  const found: [number, number, number][] = [];
  while (left.length > 2) {
    const k = left.findIndex((b, i) => {
      const [a, c] = [left[(i + left.length - 1) % left.length], left[(i + 1) % left.length]];
      if (cross(a, b, c) <= 0) return false;
      return left.every((p) => [a, b, c].includes(p) || cross(a, b, p) < 0 || cross(b, c, p) < 0 || cross(c, a, p) < 0);
    });
    if (k < 0) break;
    found.push([left[(k + left.length - 1) % left.length], left[k], left[(k + 1) % left.length]]);
    left.splice(k, 1);
  }
  return found;
}

/** A ramp that rises along x. */
function wedge(length: number, width: number, height: number): TriangleMesh {
  const [a, b] = [length / 2, width / 2];
  const corners = [
    [-a, -b, 0],
    [a, -b, 0],
    [a, b, 0],
    [-a, b, 0],
    [a, -b, height],
    [a, b, height],
  ];
  const faces = [
    [0, 2, 1],
    [0, 3, 2],
    [1, 2, 5],
    [1, 5, 4],
    [0, 1, 4],
    [3, 5, 2],
    [0, 4, 5],
    [0, 5, 3],
  ];
  return { type: 'mesh', vertices: Float64Array.from(corners.flat()), triangles: Uint32Array.from(faces.flat()) };
}

function merge(meshes: readonly TriangleMesh[]): TriangleMesh {
  let count = 0;
  const triangles = meshes.flatMap((mesh) => {
    const shifted = Array.from(mesh.triangles, (k) => k + count);
    count += mesh.vertices.length / 3;
    return shifted;
  });
  const vertices = Float64Array.from(meshes.flatMap((mesh) => Array.from(mesh.vertices)));
  return { type: 'mesh', vertices, triangles: Uint32Array.from(triangles) };
}
