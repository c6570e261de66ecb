import { type Law, release, stepsOf, within } from './check.ts';
import { bystander } from './robots.ts';
import { distance, G_M_S2, item, launch, sceneOf, stateOf } from './scenes.ts';

/** A box set sliding comes to rest after v² / (2 μ g), whatever its mass and wherever it heads. */
export const sliding: Law = (setting) => {
  const cases = [
    { mu: 0.3, speed: 0.9, heading: 0, mass_kg: 0.1 },
    { mu: 0.6, speed: 1.2, heading: 0.7, mass_kg: 0.5 },
    { mu: 1, speed: 1, heading: Math.PI / 2, mass_kg: 0.05 },
    { mu: 0.45, speed: 0.6, heading: 2.5, mass_kg: 2 },
  ];
  return cases.slice(0, setting.thorough ? 4 : 2).map(({ mu, speed, heading, mass_kg }) => {
    const box = item({ type: 'box', size: [0.08, 0.08, 0.03] }, [0, 0, 0.015], { friction: mu, mass_kg });
    const engine = setting.create(bystander(), sceneOf([box], { friction: mu }), { dt_s: setting.dt_s });
    for (let k = 0; k < stepsOf(setting, 0.5); k++) engine.step();
    const from = stateOf(engine, 0);
    launch(engine, 0, [speed * Math.cos(heading), speed * Math.sin(heading), 0]);
    for (let k = 0; k < stepsOf(setting, (1.5 * speed) / (mu * G_M_S2)); k++) engine.step();
    const way = distance(stateOf(engine, 0), from);
    release(engine);
    const name = `sliding: ${mass_kg} kg from ${speed} m/s at μ ${mu}: way to rest`;
    return within(0.03, name, (speed * speed) / (2 * mu * G_M_S2), way, 'm');
  });
};
