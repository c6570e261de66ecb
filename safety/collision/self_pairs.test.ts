import { describe, expect, it } from 'vitest';
import { CollisionWorld } from '../../collision/index.ts';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { randomSolidArm } from '../../test/support/random_solid_arm.ts';
import { sweep } from '../../test/support/sweep.ts';
import { TailOracle } from '../../test/support/tail_oracle.ts';
import { linkCapsules } from './link_capsules.ts';
import { selfPairs } from './self_pairs.ts';

const MARGIN_M = 0.005;

describe('self-collision pairs', () => {
  const robot = loadRobot('panda');

  it('see what the exact shapes say of links that can meet, but for the wrist and the flange that nest', () => {
    const { link } = linkCapsules(robot);
    const pairs = selfPairs(robot, MARGIN_M);
    const checked = new Set(pairs.map(({ fixed, moving }) => `${link[fixed]} ${link[moving]}`));
    const world = new CollisionWorld(robot);
    const rng = createRng(3, 'contacts');
    const unseen = new Set<string>();
    let contacts = 0;
    for (let i = 0; i < sweep(2400, 6000); i++) {
      const q = robot.home_q.slice();
      for (let k = 0; k < robot.arm_joints; k++) {
        q[k] = rng.range(robot.limits.position_lower[k], robot.limits.position_upper[k]);
      }
      if (!world.collides(q)) continue;
      contacts++;
      const [a, b] = world.lastContact();
      if (!checked.has(`${a} ${b}`) && !checked.has(`${b} ${a}`)) unseen.add(`${a} ${b}`);
    }
    expect(contacts).toBeGreaterThan(sweep(240, 600));
    expect([...unseen]).toEqual(['panda_link5 panda_link7']);
  });

  it('leave the arm room: at home, and nearly everywhere near it', () => {
    const oracle = new TailOracle(robot, { self: MARGIN_M, obstacle: 0 });
    const world = new CollisionWorld(robot);
    const rng = createRng(1, 'near home');
    expect(oracle.clearance(robot.home_q, 0)).toBeGreaterThan(0.01);
    let refused = 0;
    let free = 0;
    for (let i = 0; i < sweep(600, 1500); i++) {
      const q = robot.home_q.slice();
      for (let k = 0; k < robot.arm_joints; k++) q[k] += rng.range(-0.5, 0.5);
      if (world.collides(q)) {
        expect(oracle.clearance(q, 0), `position ${i}: ${world.lastContact().join(' and ')}`).toBeLessThan(0);
        continue;
      }
      free++;
      if (oracle.clearance(q, 0) < 0) refused++;
    }
    expect(free).toBeGreaterThan(sweep(560, 1400));
    expect(refused / free).toBeLessThan(0.015);
  });

  it('are at least two joints apart, ordered, and always the same', () => {
    for (let seed = 0; seed < 6; seed++) {
      const arm = randomSolidArm(createRng(seed, 'arm'), 6);
      const { body } = linkCapsules(arm);
      for (const { fixed, moving } of selfPairs(arm, MARGIN_M)) {
        expect(body[fixed]).toBeLessThan(body[moving]);
        expect(arm.model.parent[body[moving]]).not.toBe(body[fixed]);
      }
    }
    expect(selfPairs(loadRobot('panda'), MARGIN_M)).toEqual(selfPairs(robot, MARGIN_M));
  });
});
