import { expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { randomSolidArm } from '../test/support/random_solid_arm.ts';
import { BodyPoses } from './body_poses.ts';
import { BodyTwists } from './body_twists.ts';

const STEP = 1e-6;

test('twists along a segment are the slopes of the bodies’ poses, for turning, sliding and mimicking joints', () => {
  for (let seed = 0; seed < 30; seed++) {
    const rng = createRng(seed, 'twists');
    const { model, arm_joints } = randomSolidArm(rng, 2 + rng.int(6));
    const poses = new BodyPoses(model);
    const twists = new BodyTwists(model, arm_joints);
    const random = (): Float64Array => Float64Array.from({ length: model.nq }, () => rng.range(-1, 1));
    const [a, b] = [random(), random()];
    const placedAt = (t: number): Float64Array => {
      poses.place(a.map((x, j) => x + t * (b[j] - x)));
      return poses.pose.slice();
    };
    const t = rng.uniform();
    const [before, after] = [placedAt(t - STEP), placedAt(t + STEP)];
    const now = placedAt(t);
    twists.setSegment(a, 0, b, 0);
    twists.place(poses);
    // the slope of R x + p for a point x of each body, beside v + ω × (R x + p)
    for (let body = 0; body < model.nb; body++) {
      const x = [rng.range(-1, 1), rng.range(-1, 1), rng.range(-1, 1)];
      const point = (P: Float64Array, k: number): number => {
        const r = 12 * body + 3 * k;
        return P[r] * x[0] + P[r + 1] * x[1] + P[r + 2] * x[2] + P[12 * body + 9 + k];
      };
      const T = twists.twist.subarray(6 * body, 6 * body + 6);
      for (let k = 0; k < 3; k++) {
        const [i, j] = [(k + 1) % 3, (k + 2) % 3];
        const slope = (point(after, k) - point(before, k)) / (2 * STEP);
        const speed = T[3 + k] + T[i] * point(now, j) - T[j] * point(now, i);
        expect(Math.abs(speed - slope), `seed ${seed}, body ${body}`).toBeLessThan(1e-7);
      }
    }
  }
});
