import type { Shape } from '../../contracts/index.ts';
import { check, type Law, type LawSetting, release, stepsOf } from './check.ts';
import { bystander } from './robots.ts';
import { distance, item, onSlope, sceneOf, stateOf } from './scenes.ts';

const DEGREE = Math.PI / 180;
/** Halvings of an interval of 8°: to 0.06°. */
const HALVINGS = 7;
/** What slides is faster than this after 1.5 s; 0.1° above the angle of friction it would be at 30 mm/s. */
const SLIDING_M_S = 0.01;

function slides(setting: LawSetting, shape: Shape, height_m: number, mu: number, angle: number): boolean {
  const [position, orientation] = onSlope(angle, 0, height_m);
  const scene = sceneOf([item(shape, position, { friction: mu, orientation })], { friction: mu, tilt_rad: angle });
  const engine = setting.create(bystander(), scene, { dt_s: setting.dt_s });
  for (let k = 0; k < stepsOf(setting, 1.4); k++) engine.step();
  const before = stateOf(engine, 0);
  for (let k = 0; k < stepsOf(setting, 0.1); k++) engine.step();
  const speed = distance(stateOf(engine, 0), before) / 0.1;
  release(engine);
  return speed > SLIDING_M_S;
}

/** What stands on a slope holds below the angle of friction, atan μ, and slides above it. */
export const slope: Law = (setting) => {
  const shapes: readonly (readonly [string, Shape, number])[] = [
    ['box', { type: 'box', size: [0.08, 0.08, 0.03] }, 0.015],
    ['cylinder', { type: 'cylinder', radius: 0.04, length: 0.03 }, 0.015],
  ];
  return shapes.flatMap(([kind, shape, height_m]) =>
    (setting.thorough ? [0.3, 0.6, 1] : [0.6]).map((mu) => {
      const limit = Math.atan(mu);
      let low = limit - 4 * DEGREE;
      let high = limit + 4 * DEGREE;
      for (let k = 0; k < HALVINGS; k++) {
        const angle = (low + high) / 2;
        if (slides(setting, shape, height_m, mu, angle)) high = angle;
        else low = angle;
      }
      const name = `slope: ${kind} at μ ${mu} slides from`;
      return check(name, limit / DEGREE, (low + high) / 2 / DEGREE, 1, '°');
    }),
  );
};
