import { InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { createCannonEngine } from './cannon/index.ts';
import type { PhysicsEngine } from './engine.ts';
import { createMujocoEngine, prepareMujoco } from './mujoco/index.ts';
import type { SceneModel } from './scene.ts';

/** What every engine can be told. */
export interface EngineOptions {
  /** Length of a step, s. Default 0.002. */
  readonly dt_s?: number;
  /** Rotor inertia seen at the joints, nq (kg m² or kg). Default none. */
  readonly armature?: ArrayLike<number>;
}

interface EngineKind {
  /** Loads what the engine needs, once a thread. */
  readonly prepare: () => Promise<void>;
  readonly create: (robot: Robot, scene: SceneModel, options?: EngineOptions) => PhysicsEngine;
}

/** A further engine is a folder and a line here. */
const KINDS = {
  cannon: { prepare: async () => {}, create: createCannonEngine },
  mujoco: { prepare: prepareMujoco, create: createMujocoEngine },
} as const satisfies Record<string, EngineKind>;

export type EngineName = keyof typeof KINDS;

function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(KINDS, name);
}

export const ENGINE_NAMES: readonly EngineName[] = Object.keys(KINDS).filter(isEngineName);

/** Loads what the engine of that name needs; to be awaited once in every thread that creates one. Throws InputError. */
export async function prepareEngine(name: string): Promise<void> {
  await kindOf(name).prepare();
}

/** A fresh world in the engine of that name: robot at home, the scene's objects where they are spawned. Throws InputError. */
export function createEngine(
  name: string,
  robot: Robot,
  scene: SceneModel,
  options: EngineOptions = {},
): PhysicsEngine {
  return kindOf(name).create(robot, scene, options);
}

function kindOf(name: string): EngineKind {
  if (!isEngineName(name)) throw new InputError(`physics engine "${name}"`, ENGINE_NAMES.join(', '));
  return KINDS[name];
}
