import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, kineticEnergy, potentialEnergy, RobotData } from '../../dynamics/index.ts';
import { check, type Law, type LawSetting, release, stepsOf } from './check.ts';
import { freePanda } from './robots.ts';
import { sceneOf } from './scenes.ts';

const TIME_S = 10;

/** Largest change of energy in 10 s from rest at `q`, in the largest kinetic energy on the way. */
function energyError(setting: LawSetting, q: Float64Array, dt_s: number): number {
  const { model } = freePanda();
  const data = new RobotData(model);
  const engine = setting.create(freePanda(), sceneOf([]), { dt_s });
  engine.setRobotState(q, new Float64Array(model.nq));
  let start = 0;
  let worst = 0;
  let most = 0;
  for (let k = 0; k <= stepsOf({ ...setting, dt_s }, TIME_S); k++) {
    if (k > 0) engine.step();
    forwardKinematics(model, data, engine.q);
    const kinetic = kineticEnergy(model, data, engine.v);
    const energy = kinetic + potentialEnergy(model, data);
    if (k === 0) start = energy;
    most = Math.max(most, kinetic);
    worst = Math.max(worst, Math.abs(energy - start));
  }
  release(engine);
  return worst / most;
}

/** The arm without friction, let go, whirls for 10 s and keeps its energy, the better the shorter the step. */
export const freeArm: Law = (setting) => {
  const rng = createRng(81, 'free arm');
  const starts = Array.from({ length: setting.thorough ? 3 : 1 }, (_, k) =>
    freePanda().home_q.map((x) => (k === 0 ? x : x + 0.5 * rng.normal())),
  );
  const errors = starts.map((q) => energyError(setting, q, setting.dt_s));
  const finer = starts.map((q) => energyError(setting, q, setting.dt_s / 2));
  const sum = (list: readonly number[]) => list.reduce((total, x) => total + x, 0);
  return [
    check('free arm: change of energy in 10 s', 0, Math.max(...errors), 5e-3, '1'),
    check('free arm: the same at half the step, in that at the step', 0.5, sum(finer) / sum(errors), 0.45, '1'),
  ];
};
