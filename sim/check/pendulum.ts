import { check, type Law, type LawSetting, type PhysicsCheck, release, stepsOf, within } from './check.ts';
import { hangingLink, PENDULUM_BODY } from './robots.ts';
import { G_M_S2, sceneOf } from './scenes.ts';

const TIME_S = 10;
const { mass_kg, length_m, inertia_kg_m2 } = PENDULUM_BODY;
const INERTIA = inertia_kg_m2 + mass_kg * length_m * length_m;

/** Period (s) of a pendulum of any amplitude (rad), by the arithmetic-geometric mean (Gauss). */
export function pendulumPeriod_s(amplitude_rad: number): number {
  let a = 1;
  let b = Math.cos(amplitude_rad / 2);
  while (Math.abs(a - b) > 1e-15) [a, b] = [(a + b) / 2, Math.sqrt(a * b)];
  return (2 * Math.PI * Math.sqrt(INERTIA / (mass_kg * G_M_S2 * length_m))) / a;
}

interface Swing {
  readonly period_s: number;
  /** Largest change of energy, in the energy that swings. */
  readonly energy_error: number;
}

/** 10 s from rest at `amplitude_rad`. */
function swing(setting: LawSetting, amplitude_rad: number, dt_s: number): Swing {
  const engine = setting.create(hangingLink(), sceneOf([]), { dt_s });
  const start = new Float64Array([amplitude_rad]);
  engine.setRobotState(start, new Float64Array(1));
  const full = mass_kg * G_M_S2 * length_m * (1 - Math.cos(amplitude_rad));
  const energy = () => 0.5 * INERTIA * engine.v[0] ** 2 + mass_kg * G_M_S2 * length_m * (1 - Math.cos(engine.q[0]));
  let energy_error = 0;
  let crossings = 0;
  let first = 0;
  let last = 0;
  let before = amplitude_rad;
  for (let k = 1; k <= stepsOf({ ...setting, dt_s }, TIME_S); k++) {
    engine.step();
    energy_error = Math.max(energy_error, Math.abs(energy() / full - 1));
    const now = engine.q[0];
    if (before * now <= 0 && before !== 0) {
      last = dt_s * (k - 1 + before / (before - now));
      if (crossings === 0) first = last;
      crossings++;
    }
    before = now;
  }
  release(engine);
  return { period_s: (2 * (last - first)) / (crossings - 1), energy_error };
}

/** A pendulum keeps the period of the exact solution, and its energy, the better the shorter the step. */
export const pendulum: Law = (setting) => {
  const amplitudes = setting.thorough ? [0.3, 1.5, 2.8] : [0.3, 2.8];
  return amplitudes.flatMap((amplitude): PhysicsCheck[] => {
    const { period_s, energy_error } = swing(setting, amplitude, setting.dt_s);
    const finer = swing(setting, amplitude, setting.dt_s / 2).energy_error;
    const name = `pendulum from ${amplitude} rad`;
    return [
      within(1e-3, `${name}: period`, pendulumPeriod_s(amplitude), period_s, 's'),
      check(`${name}: change of energy in 10 s`, 0, energy_error, 5e-3, '1'),
      check(`${name}: the same at half the step, in that at the step`, 0.5, finer / energy_error, 0.45, '1'),
    ];
  });
};
