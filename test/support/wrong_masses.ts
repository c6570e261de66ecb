import type { Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';

/** The robot with the mass of every body wrong by ±`share`, inertias likewise: all heavier without `rng`, else by its lot. */
export function wrongMasses(robot: Robot, share: number, rng: Rng | null = null): Robot {
  const { model } = robot;
  const factor = model.mass.map(() => 1 + (rng === null || rng.uniform() < 0.5 ? share : -share));
  const mass = model.mass.map((m, b) => m * factor[b]);
  const inertia = model.inertia.map((x, k) => x * factor[Math.floor(k / 6)]);
  return { ...robot, model: { ...model, mass, inertia } };
}
