import { beforeAll, describe, expect, it } from 'vitest';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { PANDA, tableScene } from '../../test/support/sim_rig.ts';
import { prepareMujoco } from '../mujoco/index.ts';
import { SecondWorldEngine } from './engine.ts';
import { StribeckFriction } from './stribeck_friction.ts';

const JOINTS = 7;
const BREAKAWAY_NM = 0.4;
const STRIBECK_RAD_S = 0.05;
const stiction = {
  breakaway_Nm: new Array<number>(JOINTS).fill(BREAKAWAY_NM),
  stribeck_speed_rad_s: new Array<number>(JOINTS).fill(STRIBECK_RAD_S),
};

beforeAll(prepareMujoco);

describe('dry friction with stiction', () => {
  const friction = new StribeckFriction(Float64Array.of(1, 2, 3), [0.5, 1], [0.01, 0.02]);
  const limits = (v: number): Float64Array => {
    const out = new Float64Array(3);
    friction.limits(Float64Array.of(v, v, v), out);
    return out;
  };

  it('is breakaway at rest, Coulomb at speed, and falls all the way between', () => {
    expect([...limits(0)]).toEqual([1.5, 3, 3]);
    expect(limits(1)[0]).toBeCloseTo(1, 12);
    for (let v = 0; v < 0.05; v += 0.002) expect(limits(v + 0.002)[0]).toBeLessThan(limits(v)[0]);
  });

  it('has e⁻¹ of the stiction left at the Stribeck speed, alike in both directions', () => {
    expect(limits(0.01)[0]).toBeCloseTo(1 + 0.5 * Math.exp(-1), 12);
    expect([...limits(-0.013)]).toEqual([...limits(0.013)]);
  });

  it('allocates nothing', () => {
    const v = new Float64Array(3);
    const out = new Float64Array(3);
    expect(heapGrowthPerCall(() => friction.limits(v, out))).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});

describe('joint 1, which carries no weight, in the engine', () => {
  const coulomb_Nm = PANDA.model.friction[0];
  const engineWith = (): SecondWorldEngine =>
    new SecondWorldEngine(PANDA, tableScene([]), { stiction }, { dt_s: 0.002 });

  /** Speed (rad/s) after 1 s of a constant torque, all other joints held. */
  function speedAfter(torque_Nm: number, start_rad_s = 0): number {
    const engine = engineWith();
    const v = new Float64Array(PANDA.model.nq);
    v[0] = start_rad_s;
    engine.setRobotState(PANDA.home_q, v);
    const data = new RobotData(PANDA.model);
    const weight = new Float64Array(PANDA.model.nq);
    forwardKinematics(PANDA.model, data, PANDA.home_q);
    rnea(PANDA.model, data, null, null, weight);
    for (let k = 0; k < 500; k++) {
      for (let i = 1; i < JOINTS; i++) {
        engine.tau[i] = weight[i] + 4000 * (PANDA.home_q[i] - engine.q[i]);
        engine.implicit_damping[i] = 400;
      }
      engine.tau[0] = torque_Nm;
      engine.step();
    }
    const speed = engine.v[0];
    engine.dispose();
    return speed;
  }

  it('stays under less than breakaway torque and moves under more', () => {
    const breakaway = coulomb_Nm + BREAKAWAY_NM;
    expect(Math.abs(speedAfter(0.97 * breakaway))).toBeLessThan(1e-4);
    expect(speedAfter(1.05 * breakaway)).toBeGreaterThan(0.05);
    expect(speedAfter(-1.05 * breakaway)).toBeLessThan(-0.05);
  });

  it('goes on moving under a torque that would not have broken it away', () => {
    const torque = coulomb_Nm + 0.5 * BREAKAWAY_NM;
    expect(Math.abs(speedAfter(torque))).toBeLessThan(1e-4);
    expect(speedAfter(torque, 10 * STRIBECK_RAD_S)).toBeGreaterThan(0.05);
  });
});
