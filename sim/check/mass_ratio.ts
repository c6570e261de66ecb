import { check, type Law, release, stepsOf, tolerance } from './check.ts';
import { bystander } from './robots.ts';
import { contactForce, deepest, G_M_S2, item, sceneOf, stateOf } from './scenes.ts';

const LIGHT_KG = 0.003;
const SIZE_M = 0.05;
/** What the residual is stated to be at most: force that is not balanced, in the weight that is carried. */
const RESIDUAL: readonly (readonly [ratio: number, residual: number, speed_m_s: number])[] = [
  [1, 2e-2, 1e-3],
  [100, 5e-2, 5e-3],
  [1000, 5e-2, 5e-3],
];

/**
 * Residual of the contact solver where a body carries one of 1, 100 and 1,000 times its mass: how far the forces of the
 * two contacts are from the weights above them in the last second of 4 s, and how fast the bodies still are.
 */
export const massRatio: Law = (setting) =>
  RESIDUAL.flatMap(([ratio, most, speed_m_s]) => {
    const heavy_kg = LIGHT_KG * ratio;
    const size = [SIZE_M, SIZE_M, SIZE_M] as const;
    const engine = setting.create(
      bystander(),
      sceneOf([
        item({ type: 'box', size }, [0, 0, SIZE_M / 2], { mass_kg: LIGHT_KG }),
        item({ type: 'box', size }, [0, 0, 1.5 * SIZE_M], { mass_kg: heavy_kg }),
      ]),
      { dt_s: setting.dt_s },
    );
    const below = (LIGHT_KG + heavy_kg) * G_M_S2;
    const between = heavy_kg * G_M_S2;
    let residual = 0;
    let speed = 0;
    let depth_m = 0;
    for (let k = 0; k < stepsOf(setting, 4); k++) {
      engine.step();
      depth_m = Math.max(depth_m, deepest(engine));
      if (k < stepsOf(setting, 3)) continue;
      residual = Math.max(
        residual,
        Math.abs(contactForce(engine, 1, 0)[2] - below) / below,
        Math.abs(contactForce(engine, 2, 1)[2] - between) / between,
      );
      for (const body of [0, 1]) speed = Math.max(speed, Math.hypot(...stateOf(engine, body).subarray(7, 10)));
    }
    release(engine);
    const name = `mass ratio ${ratio}`;
    return [
      check(`${name}: force not balanced, in the weight carried`, 0, residual, most, '1'),
      check(`${name}: speed at rest`, 0, speed, speed_m_s, 'm/s'),
      check(`${name}: deepest overlap`, 0, depth_m, tolerance(setting, 1e-3, { mujoco: 0.03 }), 'm'),
    ];
  });
