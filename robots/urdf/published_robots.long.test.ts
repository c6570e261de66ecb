import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, type RobotModel, rotate } from '../../dynamics/index.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { convexHull, loadRobot, massProperties, readMesh } from '../index.ts';

const OUT = join(PACKAGE_ROOT, '.cache', `published-robots-${process.pid}`);
const numbers = z.array(z.number());
const robots = z.array(
  z.object({
    urdf: z.string(),
    q: z.record(z.string(), z.number()),
    directions: z.array(numbers),
    collision: z.array(
      z.object({
        link: z.string(),
        mesh: z.string(),
        reach: numbers,
        volume: z.number(),
        com: numbers,
        moments: numbers,
      }),
    ),
    visual: z.record(z.string(), numbers),
  }),
);

/** How far the shapes of a link reach along each direction in the world, and how far their hulls may be short (m). */
function reachOf(
  model: RobotModel,
  data: RobotData,
  kind: 'collision' | 'visual',
  link: string,
  directions: number[][],
) {
  const reach = directions.map(() => -Infinity);
  let short = 0;
  for (const { link: own, body, R, p, shape } of model[kind]) {
    if (own !== link || shape.type !== 'mesh') continue;
    if ('convex' in shape) short = Math.max(short, shape.short_m);
    for (let i = 0; i < shape.vertices.length; i += 3) {
      let at = rotate(R, shape.vertices.subarray(i, i + 3)).map((x, k) => x + p[k]);
      if (body >= 0) at = rotate(data.R.subarray(9 * body, 9 * body + 9), at).map((x, k) => x + data.p[3 * body + k]);
      directions.forEach((n, d) => {
        reach[d] = Math.max(reach[d], n[0] * at[0] + n[1] * at[1] + n[2] * at[2]);
      });
    }
  }
  return { reach, short };
}

describe('robots as they are published, with their meshes', () => {
  afterAll(() => rmSync(OUT, { recursive: true, force: true }));

  test('Panda and UR5: links, hulls and colours’ triangles are where Pinocchio and Coal have them', async (ctx) => {
    const packages = ['pin==4.1.0', 'numpy==2.2.6', 'example-robot-data==6.0.0'];
    const environment = await pythonEnvironment('published-robots', packages);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'pinocchio', missing, missing === '');
    if (!('python' in environment)) return;
    mkdirSync(OUT, { recursive: true });
    const script = join(PACKAGE_ROOT, 'robots', 'urdf', 'published_robots.py');
    await promisify(execFile)(environment.python, ['-B', script, join(OUT, 'robots.json')]);
    for (const { urdf, q, directions, collision, visual } of robots.parse(
      JSON.parse(readFileSync(join(OUT, 'robots.json'), 'utf8')),
    )) {
      const { model } = loadRobot(urdf, { packageDir: join(urdf, '..', '..', '..', '..', '..') });
      const data = new RobotData(model);
      forwardKinematics(
        model,
        data,
        Float64Array.from(model.joint_names, (name) => q[name]),
      );
      expect(collision.length, urdf).toBeGreaterThanOrEqual(7);
      for (const item of collision) {
        const { reach, short } = reachOf(model, data, 'collision', item.link, directions);
        item.reach.forEach((wanted, d) => {
          expect(reach[d] - wanted, `${item.link} direction ${d}`).toBeLessThan(1e-6);
          expect(wanted - reach[d], `${item.link} direction ${d}`).toBeLessThan(short + 1e-6);
        });
        expect(short).toBeLessThan(1.5e-3);
        const points = readMesh(item.mesh).flatMap(({ vertices }) => [...vertices]);
        const full = convexHull(Float64Array.from(points), { max_vertices: 1e6, tolerance_m: 0 });
        const { volume, com, inertia } = massProperties(full);
        expect(volume / item.volume, `${item.link} volume`).toBeCloseTo(1, 5);
        com.forEach((x, k) => void expect(x, `${item.link} centre`).toBeCloseTo(item.com[k], 6));
        const trace = inertia[0] + inertia[1] + inertia[2];
        const theirs = item.moments.reduce((sum, x) => sum + x, 0);
        // Coal's inertia is that of the hull's volume.
        expect((trace * volume) / theirs, `${item.link} inertia`).toBeCloseTo(1, 4);
      }
      for (const [link, wanted] of Object.entries(visual)) {
        const { reach } = reachOf(model, data, 'visual', link, directions);
        wanted.forEach((x, d) => void expect(reach[d], `${link} direction ${d}`).toBeCloseTo(x, 5));
      }
    }
  }, 900_000);
});
