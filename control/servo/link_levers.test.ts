import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { randomSolidArm } from '../../test/support/random_solid_arm.ts';
import { LinkLevers, radiusOf } from './link_levers.ts';
import { RowSpeeds } from './row_speeds.ts';

const PANDA = loadRobot('panda');
const { model } = PANDA;
const N = PANDA.arm_joints;

/** Points about every collision shape in the world, by link: of the corners of the box about its sphere. */
function points(q: Float64Array, model = PANDA.model): Map<string, number[][]> {
  const data = new RobotData(model);
  forwardKinematics(model, data, q);
  const found = new Map<string, number[][]>();
  for (const { link, body, p, shape } of model.collision) {
    const list = found.get(link) ?? [];
    found.set(link, list);
    for (let corner = 0; corner < 6; corner++) {
      const local = p.map((x, k) => x + (k === corner % 3 ? (corner < 3 ? 1 : -1) : 0) * radiusOf(shape));
      if (body < 0) list.push(local);
      else {
        const { R, p: origin } = data;
        list.push(
          [0, 1, 2].map((row) => {
            const r = 9 * body + 3 * row;
            return origin[3 * body + row] + R[r] * local[0] + R[r + 1] * local[1] + R[r + 2] * local[2];
          }),
        );
      }
    }
  }
  return found;
}

const randomJoints = (seed: number, name: string) => {
  const rng = createRng(seed, name);
  return Float64Array.from(PANDA.home_q, (q, i) =>
    i < N ? rng.range(PANDA.limits.position_lower[i], PANDA.limits.position_upper[i]) : q,
  );
};

describe('levers of links', () => {
  it('hold for trees of turning and sliding joints that mimic one another', () => {
    for (let seed = 0; seed < 30; seed++) {
      const robot = randomSolidArm(createRng(seed, 'solid arm'), 2 + (seed % 6));
      const levers = new LinkLevers(robot.model, robot.arm_joints);
      const rng = createRng(seed, 'solid arm joints');
      const draw = () =>
        Float64Array.from(robot.home_q, (_, i) =>
          rng.range(robot.limits.position_lower[i], robot.limits.position_upper[i]),
        );
      const [from, to] = [draw(), draw()];
      const before = points(from, robot.model);
      const after = points(to, robot.model);
      for (const [link, list] of before) {
        const bound = levers.of(link, null).reduce((sum, value, i) => sum + value * Math.abs(to[i] - from[i]), 0);
        list.forEach((point, k) => {
          const moved = Math.hypot(...point.map((x, axis) => (after.get(link)?.[k][axis] ?? 0) - x));
          if (!(moved <= bound + 1e-12)) expect(moved, `seed ${seed}, ${link}`).toBeLessThanOrEqual(bound);
        });
      }
    }
  });

  it('no point of a link moves farther than its levers say, however far the joints move', () => {
    const levers = new LinkLevers(model, N);
    for (let seed = 0; seed < 100; seed++) {
      const from = randomJoints(seed, 'levers from');
      const share = createRng(seed, 'levers share').range(0.01, 1);
      const to = randomJoints(seed, 'levers to').map((q, i) => from[i] + share * (q - from[i]));
      const before = points(from);
      const after = points(to);
      for (const [link, list] of before) {
        const lever = levers.of(link, null);
        const bound = lever.reduce((sum, value, i) => sum + value * Math.abs(to[i] - from[i]), 0);
        list.forEach((point, k) => {
          const moved = Math.hypot(...point.map((x, axis) => (after.get(link)?.[k][axis] ?? 0) - x));
          if (!(moved <= bound + 1e-12)) expect(moved, `seed ${seed}, ${link}`).toBeLessThanOrEqual(bound);
        });
      }
    }
  });

  it('the distance of points of two links changes by no more than their levers against each other say', () => {
    const levers = new LinkLevers(model, N);
    const links = [...points(PANDA.home_q).keys()];
    for (let seed = 0; seed < 40; seed++) {
      const from = randomJoints(seed, 'pair from');
      const to = randomJoints(seed, 'pair to').map((q, i) => from[i] + 0.2 * (q - from[i]));
      const before = points(from);
      const after = points(to);
      for (let a = 0; a < links.length; a++) {
        for (let b = a + 1; b < links.length; b++) {
          const lever = levers.of(links[a], links[b]);
          const bound = lever.reduce((sum, value, i) => sum + value * Math.abs(to[i] - from[i]), 0);
          const gap = (set: Map<string, number[][]>) => {
            const [x, y] = [set.get(links[a])?.[0] ?? [], set.get(links[b])?.[1] ?? []];
            return Math.hypot(...x.map((value, k) => value - y[k]));
          };
          const change = Math.abs(gap(after) - gap(before));
          if (!(change <= bound + 1e-12))
            expect(change, `seed ${seed}, ${links[a]}, ${links[b]}`).toBeLessThanOrEqual(bound);
        }
      }
    }
  });

  it('no point moves faster than the speeds of rows say', () => {
    const levers = new LinkLevers(model, N);
    const links = [...points(PANDA.home_q).keys()];
    const speeds = new RowSpeeds(
      levers,
      model,
      links,
      links.map(() => ''),
    );
    const data = new RobotData(model);
    const h = 1e-6;
    for (let seed = 0; seed < 50; seed++) {
      const q = randomJoints(seed, 'speeds');
      const rng = createRng(seed, 'speeds of joints');
      const velocity = Float64Array.from({ length: N }, () => rng.range(-2, 2));
      forwardKinematics(model, data, q);
      speeds.move(data, velocity);
      const before = points(q);
      const after = points(q.map((value, i) => value + (i < N ? h * velocity[i] : 0)));
      links.forEach((link, row) => {
        before.get(link)?.forEach((point, k) => {
          const speed = Math.hypot(...point.map((x, axis) => (after.get(link)?.[k][axis] ?? 0) - x)) / h;
          const most = speeds.speeds[row] + 1e-4;
          if (!(speed <= most)) expect(speed, `seed ${seed}, ${link}`).toBeLessThanOrEqual(most);
        });
      });
    }
  });
});
