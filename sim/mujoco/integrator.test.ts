import { describe, expect, it } from 'vitest';
import { PANDA } from '../../test/support/sim_rig.ts';
import { integratorFor } from './integrator.ts';

describe("MuJoCo's integrator", () => {
  it('changes where an arm whirls, unless actuators are implicit', () => {
    const { nq } = PANDA.model;
    const motion = () => ({
      v: new Float64Array(nq),
      implicit_damping: new Float64Array(nq),
      implicit_stiffness: new Float64Array(nq),
    });
    const still = integratorFor(PANDA.model, motion());
    const whirling = motion();
    whirling.v[3] = -20;
    expect(integratorFor(PANDA.model, whirling)).not.toBe(still);
    whirling.implicit_damping[7] = 100;
    expect(integratorFor(PANDA.model, whirling)).toBe(still);
    // Metres a second of a finger are no whirl.
    const fingers = motion();
    fingers.v[7] = 20;
    expect(integratorFor(PANDA.model, fingers)).toBe(still);
  });
});
