import { check, type Law, type PhysicsCheck, release, stepsOf } from './check.ts';
import { bystander } from './robots.ts';
import { deepest, item, sceneOf, stateOf } from './scenes.ts';

const BOXES = 8;
const SIZE_M = 0.05;
const TIME_S = 10;

/** Eight boxes on each other stand for 10 s. */
export const stack: Law = (setting) =>
  (setting.thorough ? [0.1, 0.3] : [0.1]).flatMap((mass_kg): PhysicsCheck[] => {
    const boxes = Array.from({ length: BOXES }, (_, k) =>
      item({ type: 'box', size: [SIZE_M, SIZE_M, SIZE_M] }, [0.4, 0.1, SIZE_M * (k + 0.5)], { mass_kg }),
    );
    const engine = setting.create(bystander(), sceneOf(boxes), { dt_s: setting.dt_s });
    const starts = boxes.map((_, k) => stateOf(engine, k));
    let depth_m = 0;
    let drift_m = 0;
    for (let k = 0; k < stepsOf(setting, TIME_S); k++) {
      engine.step();
      if (k % 10 !== 9) continue;
      depth_m = Math.max(depth_m, deepest(engine));
      starts.forEach((start, i) => {
        const now = stateOf(engine, i);
        drift_m = Math.max(drift_m, Math.hypot(now[0] - start[0], now[1] - start[1], now[2] - start[2]));
      });
    }
    release(engine);
    const name = `stack of ${BOXES} boxes of ${mass_kg} kg, ${TIME_S} s`;
    return [
      check(`${name}: deepest overlap`, 0, depth_m, 5e-4, 'm'),
      check(`${name}: farthest from where it was put`, 0, drift_m, 1e-3, 'm'),
    ];
  });
