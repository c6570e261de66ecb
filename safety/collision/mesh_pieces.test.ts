import { describe, expect, it } from 'vitest';
import { type ConvexMesh, createRng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rotate } from '../../dynamics/index.ts';
import { convexHull, loadRobot } from '../../robots/index.ts';
import { ellipsoidPoints } from '../../test/support/mesh_files.ts';
import { withMeshes } from '../../test/support/mesh_robot.ts';
import { sweep } from '../../test/support/sweep.ts';
import { guardsOf } from '../../test/support/tail_oracle.ts';
import { CollisionGuard } from './collision_guard.ts';
import { meshBalls, meshPieces } from './mesh_pieces.ts';

/** Greatest height of a point over a face of a hull (m): above 0 outside. */
function outside({ vertices: v, triangles }: ConvexMesh, point: readonly number[]): number {
  let worst = -Infinity;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((i) => [...v.subarray(3 * triangles[t + i], 3 * triangles[t + i] + 3)]);
    const u = b.map((x, i) => x - a[i]);
    const w = c.map((x, i) => x - a[i]);
    const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
    const length = Math.hypot(...n);
    if (length > 1e-12)
      worst = Math.max(
        worst,
        n.reduce((sum, x, i) => sum + (x * (point[i] - a[i])) / length, 0),
      );
  }
  return worst;
}

describe('pieces of hulls', () => {
  it('together are the hull: every point of it is in one of them, and none is outside', () => {
    const rng = createRng(1);
    for (let trial = 0; trial < sweep(10, 30); trial++) {
      const radii = [rng.range(0.02, 0.2), rng.range(0.02, 0.05), rng.range(0.02, 0.2)] as const;
      const mesh = { ...convexHull(ellipsoidPoints(rng, 30, radii, [0.1, 0, -0.1])), short_m: 0.002 };
      const pieces = meshPieces(mesh);
      expect(pieces.length).toBeLessThanOrEqual(3);
      const hulls = pieces.map((piece) =>
        convexHull(Float64Array.from(piece.flatMap((ball) => ball.slice(0, 3))), { max_vertices: 500, tolerance_m: 0 }),
      );
      for (const ball of pieces.flat()) {
        expect(outside(mesh, ball)).toBeLessThan(1e-9);
        expect(ball[3]).toBe(0.002);
      }
      const balls = meshBalls(mesh);
      for (let k = 0; k < 40; k++) {
        const weights = balls.map(() => rng.uniform() ** 6);
        const sum = weights.reduce((a, b) => a + b, 0);
        const point = [0, 1, 2].map((i) => balls.reduce((x, ball, j) => x + (weights[j] / sum) * ball[i], 0));
        expect(Math.min(...hulls.map((hull) => outside(hull, point))), `trial ${trial}`).toBeLessThan(1e-9);
      }
    }
  });

  it('a gate of a robot known by meshes alone never thinks it clearer than its shapes are', () => {
    const robot = withMeshes(loadRobot('panda'));
    const keep_out = [
      {
        id: 'wall',
        shape: { type: 'box', size: [0.1, 2, 2] } as const,
        pose: { position: [0.55, 0, 0.5], orientation: [0, 0, 0, 1] } as const,
      },
    ];
    const options = { hz: 500, self_margin_m: 0, obstacle_margin_m: 0, keep_out };
    const guard = new CollisionGuard(robot, guardsOf(robot, 500), options);
    const data = new RobotData(robot.model);
    /** Least distance of a vertex of a link that moves from the wall (m), negative inside. */
    const toWall = (q: Float64Array): number => {
      forwardKinematics(robot.model, data, q);
      let least = Infinity;
      for (const { body, R, p, shape } of robot.model.collision) {
        if (body < 0 || shape.type !== 'mesh') continue;
        for (let i = 0; i < shape.vertices.length; i += 3) {
          const at = rotate(R, shape.vertices.subarray(i, i + 3)).map((x, k) => x + p[k]);
          const [x, y, z] = rotate(data.R.subarray(9 * body, 9 * body + 9), at).map((v, k) => v + data.p[3 * body + k]);
          const d = [Math.abs(x - 0.55) - 0.05, Math.abs(y) - 1, Math.abs(z - 0.5) - 1];
          const outside = Math.hypot(...d.map((v) => Math.max(0, v)));
          least = Math.min(least, outside > 0 ? outside : Math.max(...d));
        }
      }
      return least;
    };
    const rng = createRng(3);
    let clear = 0;
    let closed = 0;
    for (let trial = 0; trial < sweep(150, 400); trial++) {
      const q = robot.home_q.map((x, k) => x + (k < 7 ? rng.range(-0.9, 0.9) : 0));
      for (let k = 0; k < 7; k++)
        q[k] = Math.min(Math.max(q[k], robot.limits.position_lower[k]), robot.limits.position_upper[k]);
      const exact = toWall(q);
      const seen = guard.clearanceOf(q);
      expect(seen, `trial ${trial}`).toBeLessThanOrEqual(exact + 1e-9);
      if (seen > 0) clear++;
      if (exact <= 0) closed++;
    }
    expect(clear).toBeGreaterThan(sweep(18, 50));
    expect(closed).toBeGreaterThan(sweep(7, 20));
  });
});
