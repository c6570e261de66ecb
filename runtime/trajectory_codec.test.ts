import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../contracts/index.ts';
import { decodeTrajectory, encodeTrajectory, MAX_SAMPLES, trajectoryValues } from './trajectory_codec.ts';

const NAMES = ['a', 'b', 'c'];

describe('an encoded trajectory', () => {
  it('comes out as it went in, its joints in order', () => {
    const rng = createRng(21, 'trajectories');
    const buffer = new Float64Array(trajectoryValues(NAMES.length));
    for (let round = 0; round < 100; round++) {
      const samples = 1 + rng.int(40);
      const values = () => Float64Array.from({ length: 3 * samples }, () => rng.normal());
      const trajectory = {
        joint_names: ['c', 'a', 'b'],
        time_s: Float64Array.from({ length: samples }, (_, k) => 0.1 * k),
        position: values(),
        velocity: values(),
        acceleration: round % 2 === 0 ? values() : new Float64Array(0),
      };
      encodeTrajectory(trajectory, NAMES, buffer);
      const decoded = decodeTrajectory(buffer, NAMES);
      expect(decoded.joint_names).toEqual(NAMES);
      expect(decoded.time_s).toEqual(trajectory.time_s);
      for (const part of ['position', 'velocity', 'acceleration'] as const) {
        const turned = trajectory[part].map((_, i) => trajectory[part][i - (i % 3) + [1, 2, 0][i % 3]]);
        expect(decoded[part], `round ${round} ${part}`).toEqual(turned);
      }
    }
  });

  it.each([
    ['names of other joints', { joint_names: ['a', 'b', 'd'] }],
    ['a joint too few', { joint_names: ['a', 'b'] }],
    ['a position too many', { position: new Float64Array(7) }],
    ['accelerations for half of it', { acceleration: new Float64Array(3) }],
    ['more samples than fit', { time_s: new Float64Array(MAX_SAMPLES + 1) }],
  ])('is refused with %s', (_, change) => {
    const two = { time_s: new Float64Array(2), position: new Float64Array(6), velocity: new Float64Array(6) };
    const good = { joint_names: NAMES, ...two, acceleration: new Float64Array(0) };
    const out = new Float64Array(trajectoryValues(3));
    encodeTrajectory(good, NAMES, out);
    expect(() => encodeTrajectory({ ...good, ...change }, NAMES, out)).toThrow(InputError);
  });
});
