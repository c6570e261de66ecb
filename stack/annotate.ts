import type { CameraInfo, Detection, Pose, Shape } from '../contracts/index.ts';

type Point = readonly [number, number, number];
type Edge = readonly [number, number, number, number];

const RIM_SEGMENTS = 16;

/** Outline of a detected shape in the image: edges x1, y1, x2, y2 in pixels; parts behind the camera are left out. */
export function projectedEdges(detection: Pick<Detection, 'pose' | 'shape'>, camera: CameraInfo): Edge[] {
  const edges: Edge[] = [];
  for (const [a, b] of wireframe(detection.shape)) {
    const from = project(transform(detection.pose, a), camera);
    const to = project(transform(detection.pose, b), camera);
    if (from !== null && to !== null) edges.push([from[0], from[1], to[0], to[1]]);
  }
  return edges;
}

/** Edges of a primitive in its own frame, m. */
function wireframe(shape: Shape): readonly (readonly [Point, Point])[] {
  switch (shape.type) {
    case 'box': {
      const [x, y, z] = shape.size.map((s) => s / 2);
      const corner = (i: number): Point => [i & 1 ? x : -x, i & 2 ? y : -y, i & 4 ? z : -z];
      const pairs: [Point, Point][] = [];
      for (let i = 0; i < 8; i++)
        for (const bit of [1, 2, 4]) if ((i & bit) === 0) pairs.push([corner(i), corner(i | bit)]);
      return pairs;
    }
    case 'cylinder': {
      const rim = (i: number, z: number): Point => {
        const angle = (2 * Math.PI * i) / RIM_SEGMENTS;
        return [shape.radius * Math.cos(angle), shape.radius * Math.sin(angle), z];
      };
      const pairs: [Point, Point][] = [];
      const half = shape.length / 2;
      for (let i = 0; i < RIM_SEGMENTS; i++) {
        pairs.push([rim(i, half), rim(i + 1, half)], [rim(i, -half), rim(i + 1, -half)]);
        if (i % 4 === 0) pairs.push([rim(i, -half), rim(i, half)]);
      }
      return pairs;
    }
    case 'sphere': {
      const pairs: [Point, Point][] = [];
      for (let i = 0; i < RIM_SEGMENTS; i++) {
        const [a, b] = [i, i + 1].map((k) => (2 * Math.PI * k) / RIM_SEGMENTS);
        const r = shape.radius;
        pairs.push([
          [r * Math.cos(a), r * Math.sin(a), 0],
          [r * Math.cos(b), r * Math.sin(b), 0],
        ]);
      }
      return pairs;
    }
  }
}

function transform({ position, orientation: [x, y, z, w] }: Pose, [a, b, c]: Point): Point {
  const [tx, ty, tz] = [2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)];
  return [
    position[0] + a + w * tx + y * tz - z * ty,
    position[1] + b + w * ty + z * tx - x * tz,
    position[2] + c + w * tz + x * ty - y * tx,
  ];
}

function project(p: Point, { K, T_world_camera_optical: T }: CameraInfo): readonly [number, number] | null {
  const d = [p[0] - T[3], p[1] - T[7], p[2] - T[11]];
  const [x, y, z] = [0, 1, 2].map((i) => T[i] * d[0] + T[4 + i] * d[1] + T[8 + i] * d[2]);
  if (z < 0.01) return null;
  return [K[0] * (x / z) + K[2], K[4] * (y / z) + K[5]];
}
