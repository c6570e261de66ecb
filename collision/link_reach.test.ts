import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { randomSolidArm } from '../test/support/random_solid_arm.ts';
import { sweep } from '../test/support/sweep.ts';
import { LinkReach } from './link_reach.ts';
import { LinkShapes } from './link_shapes.ts';

const ROBOTS: readonly (readonly [string, Robot])[] = [
  ['the Panda', loadRobot('panda')],
  ...[1, 2, 3, 4, 5].map((seed) => [`random tree ${seed}`, randomSolidArm(createRng(seed, 'arm'), 3 + seed)] as const),
];

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('reach of links', () => {
  test.each(ROBOTS)(
    '%s: wherever the joints are, no link leaves its ball or is farther from a joint than its lever',
    (_, robot) => {
      const links = new LinkShapes(robot);
      const names = links.names.length;
      const pairs = Int32Array.from(
        links.names.flatMap((_, a) => links.names.flatMap((_, b) => (a < b ? [b, a] : []))),
      );
      links.hold(
        { type: 'box', size: [0.05, 0.3, 0.1] },
        Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0.1, 0.05),
        0.01,
      );
      const reach = new LinkReach(links, pairs);
      const { limits, arm_joints } = robot;
      const rng = createRng(7, 'reach');
      for (let k = 0; k < sweep(60, 200); k++) {
        const q = Float64Array.from({ length: arm_joints }, (_, j) =>
          rng.range(limits.position_lower[j], limits.position_upper[j]),
        );
        links.forward(q, 0);
        links.placeLinks();
        for (let link = 0; link < names; link++) {
          const { centre, bound } = links;
          const far = distance(centre.subarray(3 * link), reach.balls.subarray(4 * link)) + bound[link];
          expect(far, `${links.names[link]} of ${q}`).toBeLessThanOrEqual(reach.balls[4 * link + 3] + 1e-12);
        }
        for (let c = 0; c < reach.chains; c++) {
          const of_pair = c - names - 1;
          if (c === names) continue;
          const link = of_pair < 0 ? c : pairs[2 * of_pair];
          for (let i = reach.first[c]; i < reach.first[c + 1]; i++) {
            const origin = links.poses.pose.subarray(12 * reach.joint[i] + 9);
            const far = distance(links.centre.subarray(3 * link), origin) + links.bound[link];
            expect(far, `chain ${c}, joint ${reach.joint[i]} of ${q}`).toBeLessThanOrEqual(reach.lever[i] + 1e-12);
          }
        }
      }
    },
  );

  test('the Panda’s links are seen to reach no farther than its arm is long', () => {
    const links = new LinkShapes(loadRobot('panda'));
    const reach = new LinkReach(links, new Int32Array(0));
    const hand = links.names.indexOf('panda_hand');
    // about the shoulder, 0.333 m up, which no joint moves
    expect([...reach.balls.subarray(4 * hand, 4 * hand + 3)]).toEqual([0, 0, 0.333]);
    expect(reach.balls[4 * hand + 3]).toBeGreaterThan(0.855);
    expect(reach.balls[4 * hand + 3]).toBeLessThan(1.2);
  });
});
