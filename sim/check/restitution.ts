import { check, type Law, release, stepsOf } from './check.ts';
import { bystander } from './robots.ts';
import { G_M_S2, item, sceneOf, stateOf } from './scenes.ts';

const RADIUS_M = 0.03;
const DROP_M = 0.3;

/** What a contact that is damped critically may still give back, in the speed of impact. */
const REBOUND = 0.2;

/** No engine declares a restitution, which would be held to 5 %; what a dropped ball rebounds with is stated. */
export const restitution: Law = (setting) => {
  const ball = item({ type: 'sphere', radius: RADIUS_M }, [0, 0, RADIUS_M + DROP_M]);
  const engine = setting.create(bystander(), sceneOf([ball]), { dt_s: setting.dt_s });
  const impact = Math.sqrt(2 * G_M_S2 * DROP_M);
  let rebound = 0;
  for (let k = 0; k < stepsOf(setting, 0.6); k++) {
    engine.step();
    rebound = Math.max(rebound, stateOf(engine, 0)[9]);
  }
  release(engine);
  return [
    check('restitution: none declared; rebound of a dropped ball, in its impact', 0, rebound / impact, REBOUND, '1'),
  ];
};
