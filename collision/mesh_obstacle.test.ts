import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRng, type TriangleMesh } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { hullOfShape } from '../test/support/mesh_robot.ts';
import { isClosed, meshFileObstacle, meshObstacle } from './mesh_obstacle.ts';
import { createProximity } from './proximity.ts';
import { CollisionWorld, type Obstacle } from './world.ts';

const robot = loadRobot('panda');
const n = robot.arm_joints;
const SIDE = hullOfShape({ type: 'box', size: [0.5, 0.02, 0.5] });

/** A shelf: boxes in one mesh. */
function joinBoxes(
  boxes: readonly { readonly size: readonly [number, number, number]; readonly at: readonly number[] }[],
): TriangleMesh {
  const parts = boxes.map(({ size, at }) => {
    const { vertices, triangles } = hullOfShape({ type: 'box', size });
    return { vertices: vertices.map((x, i) => x + at[i % 3]), triangles };
  });
  const triangles = parts.flatMap((part, i) => {
    const first = parts.slice(0, i).reduce((sum, { vertices }) => sum + vertices.length / 3, 0);
    return Array.from(part.triangles, (v) => first + v);
  });
  const vertices = Float64Array.from(parts.flatMap((part) => [...part.vertices]));
  return { type: 'mesh', vertices, triangles: Uint32Array.from(triangles) };
}

const SHELF = [
  { size: [0.5, 0.02, 0.5], at: [0, -0.3, 0] },
  { size: [0.5, 0.02, 0.5], at: [0, 0.3, 0] },
  { size: [0.5, 0.58, 0.02], at: [0, 0, 0.24] },
  { size: [0.5, 0.58, 0.02], at: [0, 0, -0.24] },
] as const;

describe('mesh obstacles', () => {
  test('a shelf of one mesh touches what its boards touch, and is as far away', () => {
    const rng = createRng(51);
    const mesh = joinBoxes(SHELF);
    const [boards, one] = [new CollisionWorld(robot), new CollisionWorld(robot)];
    const [a, b] = [createProximity(n), createProximity(n)];
    let touching = 0;
    for (let trial = 0; trial < 150; trial++) {
      const position = [rng.range(0.3, 0.7), rng.range(-0.3, 0.3), rng.range(0.1, 0.7)] as const;
      const orientation = [0, 0, 0, 1] as const;
      boards.setObstacles(
        SHELF.map(({ size, at }, i): Obstacle => {
          const moved = [position[0] + at[0], position[1] + at[1], position[2] + at[2]] as const;
          return { name: `board ${i}`, shape: { type: 'box', size }, pose: { position: moved, orientation } };
        }),
      );
      one.setObstacles([meshObstacle('shelf', mesh, { pose: { position, orientation } })]);
      const q = robot.home_q.map((x, j) => (j < n ? x + rng.range(-0.7, 0.7) : x));
      expect(one.collides(q), `trial ${trial}`).toBe(boards.collides(q));
      if (one.collides(q)) touching++;
      boards.nearest(q, 0, 1, a);
      one.nearest(q, 0, 1, b);
      if (a.distance_m <= 0) continue;
      expect(Math.abs(a.distance_m - b.distance_m), `trial ${trial}`).toBeLessThan(1e-6);
      expect(one.clearance(q), `trial ${trial}`).toBeCloseTo(boards.clearance(q), 6);
    }
    expect(touching).toBeGreaterThan(20);
    expect(touching).toBeLessThan(140);
  });

  test('convex meshes become hulls, others triangles; closed ones are solid', () => {
    expect(meshObstacle('m', SIDE).shape).toMatchObject({ type: 'mesh', convex: true });
    expect(meshObstacle('m', joinBoxes(SHELF)).shape).toMatchObject({ type: 'elements', solid: true, count: 48 });
    expect(meshObstacle('m', joinBoxes(SHELF), { shape: 'hull' }).shape).toMatchObject({ type: 'mesh', convex: true });
    expect(meshObstacle('m', SIDE, { shape: 'triangles' }).shape).toMatchObject({ type: 'elements', solid: true });
    const open = { ...SIDE, triangles: SIDE.triangles.slice(3) };
    expect(isClosed(SIDE)).toBe(true);
    expect(isClosed(open)).toBe(false);
    expect(meshObstacle('m', open).shape).toMatchObject({ type: 'elements', solid: false });
    const moved = { ...SIDE, vertices: SIDE.vertices.map((x) => x + 3) };
    const { pose } = meshObstacle('m', moved, { pose: { position: [1, 0, 0], orientation: [0, 0, 1, 0] } });
    expect(pose.position.map((x) => Math.round(1e9 * x) / 1e9)).toEqual([-2, -3, 3]);
  });

  test('flat meshes can be touched; what has no triangle, no number or no volume is refused', () => {
    const vertices = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0);
    const flat: TriangleMesh = { type: 'mesh', vertices, triangles: Uint32Array.of(0, 1, 2) };
    expect(meshObstacle('m', flat).shape).toMatchObject({ type: 'elements', solid: false });
    expect(() => meshObstacle('m', flat, { shape: 'hull' })).toThrow('mesh m: all points lie in a plane');
    expect(() => meshObstacle('m', { ...flat, triangles: new Uint32Array(0) })).toThrow('mesh m has no triangle');
    expect(() => meshObstacle('m', { ...flat, triangles: Uint32Array.of(0, 1, 7) })).toThrow('names vertex 7');
    vertices[4] = Number.NaN;
    expect(() => meshObstacle('m', flat)).toThrow('vertex 1 is NaN');
  });

  test('a file is read, scaled and named in what is wrong with it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-'));
    const file = join(folder, 't.obj');
    writeFileSync(file, 'v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n');
    const { shape } = meshFileObstacle('m', file, { scale: [0.5, 0.5, 0.5] });
    expect(shape).toMatchObject({ type: 'mesh', convex: true });
    if (shape.type === 'mesh') expect(Math.max(...shape.vertices)).toBeCloseTo(0.25, 12);
    expect(() => meshFileObstacle('m', join(folder, 'none.stl'))).toThrow('none.stl cannot be read');
    rmSync(folder, { recursive: true });
  });
});
