import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { TorqueArm } from '../test/support/torque_arm.ts';
import { MomentumObserver } from './momentum_observer.ts';

const LOADED = loadRobot('panda');
const frictionless = { damping: new Float64Array(8), friction: new Float64Array(8) };
const PANDA = { ...LOADED, model: { ...LOADED.model, ...frictionless } };
const N = PANDA.arm_joints;
const DT_S = 1e-3;

/** An arm swinging under its weight and swinging torques, with external torques of the time. */
function swing(seed: number, external: (t_s: number) => readonly number[], steps: number) {
  const rng = createRng(seed, 'momentum observer');
  const arm = new TorqueArm(
    PANDA,
    PANDA.home_q,
    PANDA.home_q.map((_, i) => (i < N ? rng.range(-0.5, 0.5) : 0)),
  );
  const observer = new MomentumObserver(PANDA.model);
  const data = new RobotData(PANDA.model);
  const h = new Float64Array(PANDA.model.nq);
  observer.step(arm.state.position, arm.state.velocity, arm.state.effort, DT_S);
  for (let k = 0; k < steps; k++) {
    forwardKinematics(PANDA.model, data, arm.state.position);
    rnea(PANDA.model, data, null, null, h);
    for (let i = 0; i < N; i++) {
      arm.tau[i] =
        h[i] +
        8 * (PANDA.home_q[i] - arm.state.position[i]) -
        0.5 * arm.state.velocity[i] +
        3 * Math.sin((0.01 + 0.002 * i) * k);
    }
    arm.external.set(external(k * DT_S));
    arm.step(DT_S);
    observer.step(arm.state.position, arm.state.velocity, arm.state.effort, DT_S);
  }
  return { observer, arm };
}

describe('momentum observer', () => {
  it('feels nothing in motion without contact', () => {
    let worst = 0;
    const { observer, arm } = swing(1, () => [], 3000);
    for (let i = 0; i < N; i++) worst = Math.max(worst, Math.abs(observer.residual[i]));
    expect(Math.max(...arm.state.velocity.map(Math.abs))).toBeGreaterThan(0.2);
    expect(worst, 'Nm').toBeLessThan(0.2);
  });

  it('follows an external torque as a low pass of its rate', () => {
    const push = [4, -10, 2, 6, 1, -1, 0.5];
    for (const cycles of [5, 20, 60, 200]) {
      const { observer } = swing(2, (t) => (t >= 0.5 ? push : []), 500 + cycles);
      const risen = 1 - (1 / (1 + observer.gain_per_s * DT_S)) ** cycles;
      for (let i = 0; i < N; i++) {
        expect(Math.abs(observer.residual[i] - risen * push[i]), `joint ${i}, ${cycles} cycles`).toBeLessThan(0.2);
      }
    }
  });

  it('its load bounds what wrong masses do to the residual', () => {
    const rng = createRng(3, 'load');
    for (let c = 0; c < 5; c++) {
      const share = 0.2;
      const factor = PANDA.model.mass.map(() => (rng.uniform() < 0.5 ? 1 - share : 1 + share));
      const model = {
        ...PANDA.model,
        mass: PANDA.model.mass.map((m, b) => m * factor[b]),
        inertia: PANDA.model.inertia.map((x, k) => x * factor[Math.floor(k / 6)]),
      };
      const arm = new TorqueArm({ ...PANDA, model });
      const observer = new MomentumObserver(PANDA.model);
      const data = new RobotData(PANDA.model);
      const h = new Float64Array(PANDA.model.nq);
      observer.step(arm.state.position, arm.state.velocity, arm.state.effort, DT_S);
      let felt = 0;
      for (let k = 0; k < 1500; k++) {
        forwardKinematics(PANDA.model, data, arm.state.position);
        rnea(PANDA.model, data, null, null, h);
        for (let i = 0; i < N; i++) {
          const wanted = PANDA.home_q[i] + 0.4 * (1 - Math.cos((0.004 + 0.001 * i) * k));
          arm.tau[i] =
            h[i] + (i < 4 ? 300 : 40) * (wanted - arm.state.position[i]) - (i < 4 ? 30 : 3) * arm.state.velocity[i];
        }
        arm.step(DT_S);
        observer.step(arm.state.position, arm.state.velocity, arm.state.effort, DT_S);
        if (k < 100) continue;
        for (let i = 0; i < N; i++) {
          const residual = Math.abs(observer.residual[i]);
          // Masses of the arm are (1 ± ε) of the model's; relative to the model's load that is ε at most.
          const most = share * observer.load[i] + 0.1;
          if (!(residual < most)) expect(residual, `case ${c}, step ${k}, joint ${i}`).toBeLessThan(most);
          felt = Math.max(felt, residual / (share * observer.load[i]));
        }
      }
      expect(felt, 'of the bound').toBeGreaterThan(0.3);
    }
  });

  it('allocates nothing', () => {
    const observer = new MomentumObserver(PANDA.model);
    const arm = new TorqueArm(PANDA);
    const run = (count: number) => {
      for (let k = 0; k < count; k++) {
        observer.step(arm.state.position, arm.state.velocity, arm.state.effort, DT_S);
      }
    };
    run(5000);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
