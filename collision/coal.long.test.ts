import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createRng, type Quaternion, type Rng, type Vector3 } from '../contracts/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { requirePeer } from '../test/support/peer.ts';
import { planningEnvironment, upstreamRobots } from '../test/support/python.ts';
import { createProximity } from './proximity.ts';
import { CollisionWorld, type Obstacle } from './world.ts';

const OUT = mkdtempSync(join(tmpdir(), 'surepick coal '));
afterAll(() => rmSync(OUT, { recursive: true, force: true }));

const SCENES = 60;
const STATES = 150;
/** States nearer to the edge of contact than this may be told apart differently (m). */
const EDGE_M = 1e-5;

interface Body {
  readonly id: string;
  readonly type: 'box' | 'cylinder' | 'sphere';
  readonly size?: Vector3;
  readonly radius?: number;
  readonly length?: number;
  readonly position: Vector3;
  readonly orientation: Quaternion;
}

function randomBodies(rng: Rng): Body[] {
  const side = (): number => rng.range(0.02, 0.4);
  return Array.from({ length: 2 + rng.int(10) }, (_, i): Body => {
    const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
    const norm = Math.hypot(...q);
    const orientation: Quaternion = [q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm];
    const position: Vector3 = [rng.range(-0.9, 0.9), rng.range(-0.9, 0.9), rng.range(0, 1.1)];
    const placed = { id: `body ${i}`, position, orientation };
    switch (rng.int(3)) {
      case 0:
        return { ...placed, type: 'box', size: [side(), side(), side()] };
      case 1:
        return { ...placed, type: 'cylinder', radius: side() / 2, length: side() };
      default:
        return { ...placed, type: 'sphere', radius: side() / 2 };
    }
  });
}

function obstacleOf({ id, type, size, radius, length, position, orientation }: Body): Obstacle {
  const pose = { position, orientation };
  if (type === 'box' && size !== undefined) return { name: id, pose, shape: { type, size } };
  if (type === 'cylinder' && radius !== undefined && length !== undefined) {
    return { name: id, pose, shape: { type, radius, length } };
  }
  if (type === 'sphere' && radius !== undefined) return { name: id, pose, shape: { type, radius } };
  throw new Error(`${id} is not a shape`);
}

/** The robot with its fingers 40 mm from the middle, as the peer holds them. */
function opened(robot: Robot): Robot {
  return { ...robot, home_q: robot.home_q.map((x, j) => (/finger/.test(robot.model.joint_names[j]) ? 0.04 : x)) };
}

describe('contact, beside Coal on the hulls of the published meshes', () => {
  test.for(['panda', 'ur5'] as const)(
    '%s: both say the same of every state not at the very edge',
    { timeout: 600_000 },
    async (name, ctx) => {
      const environment = await planningEnvironment();
      const missing = 'missing' in environment ? environment.missing : '';
      requirePeer(ctx, 'coal', missing, missing === '');
      if (!('python' in environment)) return;
      const { urdf, srdf, package_dir } = upstreamRobots(environment.python)[name];
      const robot = opened(loadRobot(urdf, { packageDir: package_dir, visualMeshes: false, srdf }));
      const n = robot.arm_joints;
      const { collision } = robot.model;
      const still = collision.filter(({ body }) => body < 0).map(({ link }) => link);
      const world = new CollisionWorld(robot);
      const rng = createRng(1, name);
      const scenes = Array.from({ length: SCENES }, () => randomBodies(rng));
      const states = scenes.flatMap((_, problem) =>
        Array.from({ length: STATES }, () => ({
          problem,
          q: Array.from({ length: n }, (_, j) =>
            rng.range(robot.limits.position_lower[j], robot.limits.position_upper[j]),
          ),
        })),
      );
      const problems = scenes.map((obstacles, index) => ({
        set: 'random',
        index,
        start: states[0].q,
        goal: states[0].q,
        obstacles,
        // the base does not move: what it touches is not the planner's to avoid
        allowed_contacts: obstacles.flatMap(({ id }) => still.map((link) => [link, id])),
      }));
      const given = join(OUT, `${name} in.json`);
      const out = join(OUT, `${name} out.json`);
      writeFileSync(given, JSON.stringify({ joints: robot.model.joint_names.slice(0, n), problems, states }));
      const script = join(import.meta.dirname, 'contact_peer.py');
      await promisify(execFile)(environment.python, ['-B', script, urdf, srdf, package_dir, given, out]);
      const answer = z.object({ contacts: z.array(z.array(z.string()).nullable()) });
      const theirs = answer.parse(JSON.parse(readFileSync(out, 'utf8'))).contacts;
      // hulls of finely tessellated meshes are short by a little, and grown by it
      const edge_m =
        EDGE_M + 2 * Math.max(...collision.map(({ shape }) => (shape.type === 'mesh' ? shape.short_m : 0)));
      const near = createProximity(n);
      let touching = 0;
      let at_edge = 0;
      states.forEach(({ problem, q }, i) => {
        if (i % STATES === 0) world.setObstacles(scenes[problem].map(obstacleOf));
        const ours = world.collides(Float64Array.from(q));
        const contact = world.lastContact();
        if (ours) touching++;
        if (ours === (theirs[i] !== null)) return;
        world.nearest(Float64Array.from(q), 0, 0.1, near);
        expect(
          Math.abs(near.distance_m) < edge_m,
          `scene ${problem}, state ${q}: ours ${ours} ${contact}, theirs ${theirs[i]}`,
        ).toBe(true);
        at_edge++;
      });
      expect(touching).toBeGreaterThan(states.length / 10);
      expect(states.length - touching).toBeGreaterThan(states.length / 10);
      expect(at_edge).toBeLessThan(states.length / 500);
    },
  );
});
