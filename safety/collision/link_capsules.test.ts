import { describe, expect, it } from 'vitest';
import { type ConvexMesh, createRng, type Rng, type Shape } from '../../contracts/index.ts';
import { forwardKinematics, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot, withPayload } from '../../robots/index.ts';
import { withMeshes } from '../../test/support/mesh_robot.ts';
import { randomSolidArm } from '../../test/support/random_solid_arm.ts';
import { sweep } from '../../test/support/sweep.ts';
import { linkCapsules } from './link_capsules.ts';

/** A random point of a shape, on its edges and corners more often than not. */
function pointOf(rng: Rng, shape: Shape | ConvexMesh): number[] {
  if (shape.type === 'mesh') {
    const weights = Array.from({ length: shape.vertices.length / 3 }, () => rng.uniform() ** 8);
    const sum = weights.reduce((a, b) => a + b, 0);
    return [0, 1, 2].map((k) => weights.reduce((x, w, i) => x + (w / sum) * shape.vertices[3 * i + k], 0));
  }
  const edge = (): number => (rng.uniform() < 0.7 ? (rng.uniform() < 0.5 ? -1 : 1) : rng.range(-1, 1));
  if (shape.type === 'box') return shape.size.map((size) => (edge() * size) / 2);
  const angle = rng.range(-Math.PI, Math.PI);
  if (shape.type === 'cylinder') {
    const r = Math.abs(edge()) * shape.radius;
    return [r * Math.cos(angle), r * Math.sin(angle), (edge() * shape.length) / 2];
  }
  const z = rng.range(-1, 1);
  const flat = Math.sqrt(1 - z * z);
  return [shape.radius * flat * Math.cos(angle), shape.radius * flat * Math.sin(angle), shape.radius * z];
}

/** Largest distance by which a random point of the collision shapes lies outside its link's capsules, in random positions. */
function farthestOutside(robot: Robot, seed: number, samples: number): number {
  const { model } = robot;
  const rng = createRng(seed, 'capsules');
  const capsules = linkCapsules(robot);
  const data = new RobotData(model);
  let farthest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < samples; i++) {
    if (i % 20 === 0) {
      const q = robot.home_q.map((_, k) => rng.range(model.position_lower[k], model.position_upper[k]));
      forwardKinematics(model, data, q);
    }
    const item = model.collision[rng.int(model.collision.length)];
    const x = pointOf(rng, item.shape);
    const inBody = [0, 1, 2].map((r) => dot(item.R.slice(3 * r, 3 * r + 3), x) + item.p[r]);
    const point = toRoot(data, item.body, inBody);
    let outside = Number.POSITIVE_INFINITY;
    for (let c = 0; c < capsules.count; c++) {
      if (capsules.link[c] !== item.link) continue;
      const a = toRoot(data, capsules.body[c], [...capsules.ends.subarray(6 * c, 6 * c + 3)]);
      const b = toRoot(data, capsules.body[c], [...capsules.ends.subarray(6 * c + 3, 6 * c + 6)]);
      outside = Math.min(outside, distanceToSegment(point, a, b) - capsules.radius[c]);
    }
    farthest = Math.max(farthest, outside);
  }
  return farthest;
}

describe('capsules of links', () => {
  const panda = loadRobot('panda');

  it('are computed once for robots of one geometry, and anew for every other', () => {
    const capsules = linkCapsules(panda);
    expect(linkCapsules(withPayload(loadRobot('panda'), { mass_kg: 2 }))).toBe(capsules);
    const { model } = panda;
    const collision = model.collision.map((part) => ({ ...part, p: part.p.map((x) => x + 0.01) }));
    expect(linkCapsules({ ...panda, model: { ...model, collision } })).not.toEqual(capsules);
    const tree_p = model.tree_p.map((x) => 2 * x);
    expect(linkCapsules({ ...panda, model: { ...model, tree_p } })).not.toBe(capsules);
    expect(linkCapsules(loadRobot('panda', { tool: 'suction' })).link).not.toEqual(capsules.link);
  });

  it('hold every point of the collision shapes at every width of the gripper', () => {
    expect(farthestOutside(panda, 1, 20_000)).toBeLessThanOrEqual(1e-12);
    for (let seed = 0; seed < sweep(2, 8); seed++) {
      const robot = randomSolidArm(createRng(seed, 'arm'), 4);
      expect(farthestOutside(robot, seed, 1000), `arm of seed ${seed}`).toBeLessThanOrEqual(1e-12);
    }
  });

  it('hold every vertex of a robot known by meshes alone, and what its hulls are short of', () => {
    const short_m = 0.003;
    for (const robot of [withMeshes(panda), withMeshes(randomSolidArm(createRng(3, 'arm'), 5))]) {
      expect(linkCapsules(robot).count).toBeGreaterThanOrEqual(new Set(robot.model.collision.map((s) => s.link)).size);
      expect(farthestOutside(robot, 1, 4000)).toBeLessThanOrEqual(1e-12);
      const collision = robot.model.collision.map((item) =>
        item.shape.type === 'mesh' ? { ...item, shape: { ...item.shape, short_m } } : item,
      );
      const short = { ...robot, model: { ...robot.model, collision } };
      expect(farthestOutside(short, 1, 4000)).toBeLessThanOrEqual(1e-12 - short_m);
    }
  });

  it('are few and stand out little: a Panda has at most three a link, of the size of its parts', () => {
    const { count, link, radius } = linkCapsules(panda);
    expect(count).toBeLessThanOrEqual(22);
    for (const name of link) expect(link.filter((other) => other === name).length).toBeLessThanOrEqual(3);
    expect(Math.max(...radius)).toBeLessThan(0.12);
    const overhang = meanOverhang(panda);
    expect(overhang).toBeLessThan(0.02);
  });

  it('are the same for the same robot', () => {
    expect(linkCapsules(loadRobot('panda')).ends).toEqual(linkCapsules(panda).ends);
  });

  it('cover what turns at the tool over its whole travel', () => {
    const gripping = { ...panda, arm_joints: 5 };
    const { body } = linkCapsules(gripping);
    expect(Math.max(...body)).toBe(4);
    expect(farthestOutside(gripping, 3, 5000)).toBeLessThanOrEqual(1e-12);
  });

  it('refuse an arm joint behind a joint that is not the arm’s', () => {
    const swapped = { ...panda, model: { ...panda.model, coordinate: Int32Array.of(0, 1, 7, 3, 4, 5, 6, 2, 2) } };
    expect(() => linkCapsules(swapped)).toThrow(/must not hang on a joint that is not one of the arm/);
  });
});

/** Mean distance (m) of the capsules' outer surface from the shapes of the link, by random surface points. */
function meanOverhang(robot: Robot): number {
  const { model } = robot;
  const rng = createRng(2, 'overhang');
  const { count, link, body, ends, radius } = linkCapsules(robot);
  const surface = model.collision.map((item) =>
    Array.from({ length: 400 }, () => {
      const x = pointOf(rng, item.shape);
      return [0, 1, 2].map((r) => dot(item.R.slice(3 * r, 3 * r + 3), x) + item.p[r]);
    }),
  );
  let sum = 0;
  let points = 0;
  for (let c = 0; c < count; c++) {
    // Fingers are covered over their travel, which no single position fills.
    if (link[c].includes('finger')) continue;
    for (let i = 0; i < 40; i++) {
      const along = Math.min(1, Math.max(0, rng.range(-0.4, 1.4)));
      const u = [0, 1, 2].map((k) => ends[6 * c + 3 + k] - ends[6 * c + k]);
      const free = [rng.normal(), rng.normal(), rng.normal()];
      const part = along > 0 && along < 1 ? dot(free, u) / dot(u, u) : 0;
      const n = free.map((value, k) => value - part * u[k]);
      const norm = Math.hypot(...n);
      const point = n.map(
        (value, k) => ends[6 * c + k] * (1 - along) + ends[6 * c + 3 + k] * along + (radius[c] * value) / norm,
      );
      const covered = [...link.keys()].some((o) => {
        if (o === c || link[o] !== link[c]) return false;
        const [a, b] = [ends.subarray(6 * o, 6 * o + 3), ends.subarray(6 * o + 3, 6 * o + 6)];
        return distanceToSegment(point, [...a], [...b]) < radius[o];
      });
      const own = [ends.subarray(6 * c, 6 * c + 3), ends.subarray(6 * c + 3, 6 * c + 6)];
      if (covered || distanceToSegment(point, [...own[0]], [...own[1]]) < radius[c] - 1e-9) continue;
      let nearest = Number.POSITIVE_INFINITY;
      model.collision.forEach((item, s) => {
        if (item.link !== link[c] || item.body !== body[c]) return;
        for (const x of surface[s]) nearest = Math.min(nearest, Math.hypot(...x.map((value, k) => value - point[k])));
      });
      sum += nearest;
      points++;
    }
  }
  return sum / points;
}

function toRoot(data: RobotData, body: number, x: readonly number[]): number[] {
  if (body < 0) return [...x];
  return [0, 1, 2].map(
    (r) => dot([...data.R.subarray(9 * body + 3 * r, 9 * body + 3 * r + 3)], x) + data.p[3 * body + r],
  );
}

function distanceToSegment(x: readonly number[], a: readonly number[], b: readonly number[]): number {
  const u = b.map((value, k) => value - a[k]);
  const w = x.map((value, k) => value - a[k]);
  const uu = dot(u, u);
  const t = uu > 0 ? Math.min(1, Math.max(0, dot(u, w) / uu)) : 0;
  return Math.hypot(...w.map((value, k) => value - t * u[k]));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
