import { describe, expect, it } from 'vitest';
import { PANDA } from '../../test/support/sim_rig.ts';
import { DISCRETE, Integrator, RK4 } from './integrator.ts';

const { nq, nb } = PANDA.model;
const DT_S = 0.002;

function resting() {
  return {
    v: new Float64Array(nq),
    implicit_damping: new Float64Array(nq),
    implicit_stiffness: new Float64Array(nq),
  };
}

describe("MuJoCo's integrator", () => {
  const dofs = Int32Array.from({ length: nb }, (_, b) => b);
  const views = () => ({ qvel: new Float64Array(nb), qacc_warmstart: new Float64Array(nb).fill(10) });

  it('is of fourth order where an arm whirls, unless actuators are implicit', () => {
    const integrator = new Integrator(PANDA.model, dofs, DT_S);
    expect(integrator.next(resting(), views())).toBe(DISCRETE);
    const whirling = resting();
    whirling.v[3] = -20;
    expect(integrator.next(whirling, views())).toBe(RK4);
    whirling.implicit_damping[7] = 100;
    expect(integrator.next(whirling, views())).toBe(DISCRETE);
    const fingers = resting();
    // Metres a second of a finger are no whirl.
    fingers.v[7] = 20;
    expect(integrator.next(fingers, views())).toBe(DISCRETE);
  });

  it('moves velocities by half a step as it changes, and back', () => {
    const integrator = new Integrator(PANDA.model, dofs, DT_S);
    const state = views();
    const whirling = resting();
    whirling.v[0] = 9;
    integrator.next(whirling, state);
    for (const v of state.qvel) expect(v).toBeCloseTo(0.5 * DT_S * 10, 14);
    integrator.next(whirling, state);
    for (const v of state.qvel) expect(v).toBeCloseTo(0.5 * DT_S * 10, 14);
    integrator.next(resting(), state);
    for (const v of state.qvel) expect(v).toBeCloseTo(0, 14);
  });
});
