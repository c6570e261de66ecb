import { type Law, type LawSetting, type PhysicsCheck, release, stepsOf, within } from './check.ts';
import { bystander, PUSHER_BODY, slider } from './robots.ts';
import { G_M_S2, item, sceneOf, stateOf } from './scenes.ts';

const MU = 0.4;
const SIZE_M = 0.1;

/** Acceleration of a box on the table under a force (N) along x through its centre (m/s²). */
function pushed(setting: LawSetting, mass_kg: number, force_N: number): number {
  const box = item({ type: 'box', size: [SIZE_M, SIZE_M, SIZE_M] }, [0, 0, SIZE_M / 2], { mass_kg, friction: MU });
  const engine = setting.create(bystander(), sceneOf([box], { friction: MU }), { dt_s: setting.dt_s });
  for (let k = 0; k < stepsOf(setting, 0.3); k++) engine.step();
  const speeds: number[] = [];
  for (let k = 0; k < stepsOf(setting, 0.4); k++) {
    engine.pushObject(0, [force_N, 0, 0, 0, 0, 0]);
    engine.step();
    speeds.push(stateOf(engine, 0)[7]);
  }
  release(engine);
  return slope(speeds, setting.dt_s);
}

interface Pushed {
  /** Acceleration of pusher and box (m/s²), and force of the box on the pusher along x (N). */
  readonly acceleration: number;
  readonly force_N: number;
}

/** A block without friction, driven by a known force, pushes a box over the table. */
function pusher(setting: LawSetting, mass_kg: number, force_N: number): Pushed {
  const ahead = PUSHER_BODY.start_m + PUSHER_BODY.half_m + SIZE_M / 2;
  const box = item({ type: 'box', size: [SIZE_M, SIZE_M, SIZE_M] }, [ahead, 0, SIZE_M / 2], { mass_kg, friction: MU });
  const engine = setting.create(slider(), sceneOf([box], { friction: MU }, 0), { dt_s: setting.dt_s });
  const speeds: number[] = [];
  const wrench = new Float64Array(6);
  let sum = 0;
  const steps = stepsOf(setting, 0.3);
  for (let k = -steps; k < steps; k++) {
    engine.tau[0] = force_N;
    engine.step();
    if (k < 0) continue;
    speeds.push(engine.v[0]);
    engine.handWrench(wrench);
    sum += wrench[0];
  }
  release(engine);
  return { acceleration: slope(speeds, setting.dt_s), force_N: sum / steps };
}

/** Least-squares slope of what was sampled every dt_s, without its first fifth. */
function slope(samples: readonly number[], dt_s: number): number {
  const from = Math.floor(samples.length / 5);
  const kept = samples.slice(from);
  const middle = (kept.length - 1) / 2;
  const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length;
  let numerator = 0;
  let denominator = 0;
  kept.forEach((x, k) => {
    numerator += (k - middle) * (x - mean);
    denominator += (k - middle) ** 2;
  });
  return numerator / denominator / dt_s;
}

/** A known force accelerates what it pushes against friction, and is felt by who pushes. */
export const push: Law = (setting) => {
  const cases = setting.thorough
    ? ([
        [0.4, 4],
        [1, 9],
        [0.1, 1],
      ] as const)
    : ([[0.4, 4]] as const);
  return cases.flatMap(([mass_kg, force_N]): PhysicsCheck[] => {
    const friction = MU * mass_kg * G_M_S2;
    const alone = pushed(setting, mass_kg, force_N);
    const both = pusher(setting, mass_kg, force_N);
    const acceleration = (force_N - friction) / (mass_kg + PUSHER_BODY.mass_kg);
    const name = `push of ${mass_kg} kg with ${force_N} N`;
    return [
      within(0.02, `${name}: acceleration`, (force_N - friction) / mass_kg, alone, 'm/s²'),
      within(0.02, `${name} by a robot: acceleration`, acceleration, both.acceleration, 'm/s²'),
      within(0.02, `${name} by a robot: force felt`, PUSHER_BODY.mass_kg * acceleration - force_N, both.force_N, 'N'),
    ];
  });
};
