import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { drawRigid } from '../../test/support/camera_geometry.ts';
import {
  compose,
  distance,
  fromMatrix,
  identity,
  inverse,
  moved,
  rotationFromVector,
  toMatrix,
  vectorFromRotation,
} from './rigid_transform.ts';

describe('rigid transforms', () => {
  it('have inverses, and rotation vectors that come back up to half a turn', () => {
    const rng = createRng(1, 'rigid');
    for (let round = 0; round < 500; round++) {
      const T = drawRigid(rng, 1.8, 2);
      const one = compose(T, inverse(T));
      one.forEach((value, i) => {
        expect(value, `round ${round}`).toBeCloseTo(identity()[i], 12);
      });
      expect(fromMatrix(toMatrix(T))).toEqual(T);
      const size = round % 5 === 0 ? Math.PI - 1e-7 * rng.uniform() : rng.range(1e-9, 3.1);
      const axis = [rng.normal(), rng.normal(), rng.normal()];
      const v = axis.map((x) => (size * x) / Math.hypot(...axis));
      const R = new Float64Array(9);
      rotationFromVector(v[0], v[1], v[2], R);
      const again = vectorFromRotation(R);
      expect(Math.hypot(...v.map((x, k) => x - again[k])), `round ${round}: ${v.join(' ')}`).toBeLessThan(1e-6);
    }
  });

  it('move by a step: the rotation about their own origin, then the shift', () => {
    const T = drawRigid(createRng(2, 'moved'), 1, 1);
    const M = moved(T, [0, 0, 0.1, 0.01, 0.02, 0.03]);
    const { rotation_rad, position_m } = distance(T, M);
    expect(rotation_rad).toBeCloseTo(0.1, 12);
    expect(position_m).toBeCloseTo(Math.hypot(0.01, 0.02, 0.03), 12);
  });
});
