import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { openSecondWorld, SECOND_WORLD_FACTORS, type SecondWorldFactor, secondWorldName } from '../../sim/index.ts';
import { ENGINES } from '../options.ts';
import { parseAround } from './around.ts';

/** A world that policies are compared in: an engine, and the effects that it has beyond the models. */
export interface PlayedWorld {
  readonly engine: (typeof ENGINES)[number];
  /** Source of the effects: `sealed` or a file; null for none. */
  readonly second_world: string | null;
  /** Effects that are left out. */
  readonly off: readonly SecondWorldFactor[];
  /** What is known of the arm, as `aroundOf` tells it; null for nothing. */
  readonly around: string | null;
}

/** Throws InputError for an engine there is not, or a second world that cannot be opened or that the engine cannot have. */
export function playedWorld(engine: string, second_world: string | null, around: string | null = null): PlayedWorld {
  const known = ENGINES.find((name) => name === engine);
  if (known === undefined) throw new InputError(`world "${engine}"`, ENGINES.join(', '));
  if (second_world !== null) {
    if (known !== 'mujoco')
      throw new InputError(`second world in engine ${known}`, 'engine mujoco, which alone has its effects');
    openSecondWorld(second_world);
  }
  if (around !== null) parseAround(around, loadRobot('panda'));
  return { engine: known, second_world, off: [], around };
}

/** The same world without some effects more; without all of them it has none. */
export function withoutFactors(world: PlayedWorld, factors: readonly SecondWorldFactor[]): PlayedWorld {
  const off = SECOND_WORLD_FACTORS.filter((factor) => world.off.includes(factor) || factors.includes(factor));
  return off.length === SECOND_WORLD_FACTORS.length ? { ...world, second_world: null, off: [] } : { ...world, off };
}

/** Name of the world's effects as episodes and environments take it; null for none. */
export function effectsName({ second_world, off }: PlayedWorld): string | null {
  return second_world === null ? null : secondWorldName(second_world, off);
}

export function describeWorld(world: PlayedWorld): string {
  const { engine, second_world, off, around } = world;
  if (second_world === null) return around === null ? engine : `${engine} around the arm that was found`;
  return `${engine} with the effects of ${second_world}${off.length === 0 ? '' : `, without ${off.join(', ')}`}`;
}
