import type { Vector3 } from '../../contracts/index.ts';
import { check, type Law, type PhysicsCheck, release, stepsOf } from './check.ts';
import { bystander } from './robots.ts';
import { G_M_S2, item, launch, sceneOf, stateOf } from './scenes.ts';

const TIME_S = 0.8;
const START: Vector3 = [0.5, 0.2, 5];
/** Of a semi-implicit step Δt: Δz = ½ g t² (1 + Δt/t). */
const FIRST_ORDER = 1.1;

/** A body in free flight follows the recurrence of the integrator, v' = v + Δt g, x' = x + Δt v', and with it ½ g t². */
export const freeFall: Law = (setting) => {
  const steps = stepsOf(setting, TIME_S);
  const { dt_s } = setting;
  const flights: readonly (readonly [string, Vector3, Vector3])[] = [
    ['free fall', [0, 0, 0], [0, 0, 0]],
    ['projectile', [1.2, -0.7, 3], [2, 0, 0]],
  ];
  return flights.flatMap(([name, velocity, spin]): PhysicsCheck[] => {
    const engine = setting.create(bystander(), sceneOf([item({ type: 'box', size: [0.04, 0.04, 0.06] }, START)]), {
      dt_s,
    });
    launch(engine, 0, velocity, spin);
    const x = [...START];
    const v = [...velocity];
    let worst = 0;
    for (let k = 0; k < steps; k++) {
      engine.step();
      v[2] -= dt_s * G_M_S2;
      const state = stateOf(engine, 0);
      for (let i = 0; i < 3; i++) {
        x[i] += dt_s * v[i];
        worst = Math.max(worst, Math.abs(state[i] - x[i]), Math.abs(state[7 + i] - v[i]));
      }
    }
    const t = steps * dt_s;
    const fallen = START[2] + velocity[2] * t - stateOf(engine, 0)[2];
    release(engine);
    return [
      check(`${name}: recurrence of the integrator`, 0, worst, 1e-9, 'm, m/s'),
      check(`${name}: distance fallen in ½ g t²`, 1, fallen / (0.5 * G_M_S2 * t * t), (FIRST_ORDER * dt_s) / t, '1'),
    ];
  });
};
