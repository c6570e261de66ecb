import type { Shape, TriangleMesh } from '../../contracts/index.ts';
import { forwardKinematics, type RobotData, type RobotModel } from '../../dynamics/index.ts';
import type { ArmPosture, ArmSurface } from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Between points of a surface, and how far inside the edges of a face they stay, m. */
const SPACING_M = 0.012;
const INSET_M = 0.003;

interface Points {
  readonly at: number[];
  readonly normal: number[];
}

/**
 * Points of the surfaces that a robot's description shows, on its moving bodies; those inside another part of the same
 * body are left out.
 */
export function armSurface(robot: Robot): ArmSurface {
  const { model, arm_joints } = robot;
  const points: number[] = [];
  const normals: number[] = [];
  const bodies: number[] = [];
  for (const part of model.visual) {
    if (part.body < 0) continue;
    const own = surfacePoints(part.shape);
    const others = model.visual.filter((other) => other !== part && other.body === part.body);
    for (let i = 0; i < own.at.length; i += 3) {
      const at = [0, 1, 2].map((r) => row(part.R, r, own.at, i) + part.p[r]);
      if (
        others.some((other) =>
          inside(
            other.shape,
            [0, 1, 2].map((r) =>
              column(
                other.R,
                r,
                at.map((x, k) => x - other.p[k]),
              ),
            ),
          ),
        )
      )
        continue;
      points.push(...at);
      normals.push(...[0, 1, 2].map((r) => row(part.R, r, own.normal, i)));
      bodies.push(part.body);
    }
  }
  return {
    points: Float64Array.from(points),
    normals: Float64Array.from(normals),
    body: Int16Array.from(bodies),
    moves: movesOf(model, arm_joints),
    joints: arm_joints,
  };
}

/** Where all bodies are and how the arm's joints move them, at q as read (nq). The arrays are the data's own. */
export function armPosture({ model, arm_joints }: Robot, data: RobotData, q: Float64Array): ArmPosture {
  forwardKinematics(model, data, q);
  const joints = new Float64Array(6 * arm_joints);
  for (let b = 0; b < model.nb; b++) {
    const j = model.coordinate[b];
    if (j < arm_joints) joints.set(data.S.subarray(6 * b, 6 * b + 6), 6 * j);
  }
  return { R: data.R.slice(), p: data.p.slice(), joints };
}

function movesOf(model: RobotModel, joints: number): Uint8Array {
  const moves = new Uint8Array(model.nb * joints);
  for (let b = 0; b < model.nb; b++) {
    for (let a = b; a >= 0; a = model.parent[a]) {
      if (model.coordinate[a] < joints) moves[b * joints + model.coordinate[a]] = 1;
    }
  }
  return moves;
}

function surfacePoints(shape: Shape | TriangleMesh): Points {
  const out: Points = { at: [], normal: [] };
  switch (shape.type) {
    case 'box':
      for (let axis = 0; axis < 3; axis++) {
        const [a, b] = [(axis + 1) % 3, (axis + 2) % 3];
        for (const x of along(shape.size[a])) {
          for (const y of along(shape.size[b])) {
            for (const side of [-1, 1]) {
              const [at, normal] = [
                [0, 0, 0],
                [0, 0, 0],
              ];
              at[axis] = (side * shape.size[axis]) / 2;
              at[a] = x;
              at[b] = y;
              normal[axis] = side;
              add(out, at, normal);
            }
          }
        }
      }
      return out;
    case 'cylinder':
      for (const angle of around(shape.radius)) {
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (const z of along(shape.length)) add(out, [shape.radius * c, shape.radius * s, z], [c, s, 0]);
      }
      for (const x of along(2 * shape.radius)) {
        for (const y of along(2 * shape.radius)) {
          if (Math.hypot(x, y) > shape.radius - INSET_M) continue;
          for (const side of [-1, 1]) add(out, [x, y, (side * shape.length) / 2], [0, 0, side]);
        }
      }
      return out;
    case 'sphere': {
      const rings = Math.max(3, Math.round((Math.PI * shape.radius) / SPACING_M));
      for (let i = 0; i < rings; i++) {
        const polar = ((i + 0.5) * Math.PI) / rings;
        for (const angle of around(shape.radius * Math.sin(polar))) {
          const n = [Math.sin(polar) * Math.cos(angle), Math.sin(polar) * Math.sin(angle), Math.cos(polar)];
          add(
            out,
            n.map((x) => shape.radius * x),
            n,
          );
        }
      }
      return out;
    }
    case 'mesh':
      return meshPoints(shape, out);
  }
}

/** Points of a triangle mesh, as many a triangle as its area asks for, at the same places of triangles of one size. */
function meshPoints({ vertices, triangles }: TriangleMesh, out: Points): Points {
  let owed = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => [...vertices.subarray(3 * triangles[t + k], 3 * triangles[t + k] + 3)]);
    const u = b.map((x, k) => x - a[k]);
    const v = c.map((x, k) => x - a[k]);
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const twice = Math.hypot(...n);
    if (!(twice > 0)) continue;
    owed += twice / 2 / (SPACING_M * SPACING_M);
    for (let i = 0; owed >= 1; i++, owed--) {
      // The R2 sequence (Roberts, 2018), folded into the triangle.
      let [s, r] = [(0.5 + 0.7548776662 * i) % 1, (0.5 + 0.5698402909 * i) % 1];
      if (s + r > 1) [s, r] = [1 - s, 1 - r];
      add(
        out,
        a.map((x, k) => x + s * u[k] + r * v[k]),
        n.map((x) => x / twice),
      );
    }
  }
  return out;
}

function add({ at, normal }: Points, point: readonly number[], direction: readonly number[]): void {
  at.push(...point);
  normal.push(...direction);
}

/** Places along an edge of a length about its middle, inset from its ends. */
function along(length: number): number[] {
  const room = length - 2 * INSET_M;
  if (room <= 0) return [0];
  const count = Math.max(1, Math.round(room / SPACING_M));
  return Array.from({ length: count }, (_, i) => ((i + 0.5) / count - 0.5) * room);
}

function around(radius: number): number[] {
  const count = Math.max(8, Math.round((2 * Math.PI * radius) / SPACING_M));
  return Array.from({ length: count }, (_, i) => (2 * Math.PI * i) / count);
}

function inside(shape: Shape | TriangleMesh, [x, y, z]: readonly number[]): boolean {
  switch (shape.type) {
    case 'box':
      return Math.abs(x) <= shape.size[0] / 2 && Math.abs(y) <= shape.size[1] / 2 && Math.abs(z) <= shape.size[2] / 2;
    case 'cylinder':
      return Math.hypot(x, y) <= shape.radius && Math.abs(z) <= shape.length / 2;
    case 'sphere':
      return Math.hypot(x, y, z) <= shape.radius;
    case 'mesh':
      return false;
  }
}

function row(R: readonly number[], r: number, at: readonly number[], i: number): number {
  return R[3 * r] * at[i] + R[3 * r + 1] * at[i + 1] + R[3 * r + 2] * at[i + 2];
}

function column(R: readonly number[], c: number, at: readonly number[]): number {
  return R[c] * at[0] + R[3 + c] * at[1] + R[6 + c] * at[2];
}
