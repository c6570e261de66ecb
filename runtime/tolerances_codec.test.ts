import { describe, expect, it } from 'vitest';
import { createRng, InputError, type TrajectoryTolerances } from '../contracts/index.ts';
import { decodeTolerances, encodeTolerances, toleranceValues } from './tolerances_codec.ts';

const NAMES = ['a', 'b', 'c'];

describe('encoded tolerances', () => {
  it('come out as they went in, and none where there was none', () => {
    const rng = createRng(22, 'tolerances');
    const out = new Float64Array(toleranceValues(NAMES.length));
    for (let round = 0; round < 100; round++) {
      const some = () =>
        Object.fromEntries(NAMES.filter(() => rng.uniform() < 0.5).map((name) => [name, rng.range(1e-3, 1)]));
      const time = rng.uniform() < 0.5 ? {} : { goal_time_s: rng.range(0, 2) };
      const own: TrajectoryTolerances = { path_rad: some(), goal_rad: some(), ...time };
      encodeTolerances(own, NAMES, out);
      expect(decodeTolerances(out, NAMES), `round ${round}`).toEqual(own);
    }
    encodeTolerances({}, NAMES, out);
    expect(decodeTolerances(out, NAMES)).toEqual({ path_rad: {}, goal_rad: {} });
  });

  it.each([
    ['a joint of another arm', { path_rad: { d: 0.1 } }],
    ['no distance at all', { goal_rad: { a: 0 } }],
    ['a distance that is no number', { path_rad: { b: Number.NaN } }],
    ['a time before the end', { goal_time_s: -1 }],
    ['a time that is no number', { goal_time_s: Number.NaN }],
  ])('are refused with %s', (_, own) => {
    const out = new Float64Array(toleranceValues(NAMES.length));
    expect(() => encodeTolerances(own, NAMES, out)).toThrow(InputError);
  });
});
