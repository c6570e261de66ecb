import type { z } from 'zod';
import { SIMULATION_RESULTS, SIMULATION_SERVICES, type SimulationResult } from '../../contracts/index.ts';

export type ServiceName = keyof typeof SIMULATION_SERVICES;
export type Request<K extends ServiceName> = z.infer<(typeof SIMULATION_SERVICES)[K]['request']>;
export type Response<K extends ServiceName> = z.infer<(typeof SIMULATION_SERVICES)[K]['response']>;
/** What answers a simulator's services; an answer may come later. */
export type Handlers = { readonly [K in ServiceName]: (request: Request<K>) => Response<K> | Promise<Response<K>> };

export const SERVICE_NAMES = Object.keys(SIMULATION_SERVICES).filter((key): key is ServiceName =>
  Object.hasOwn(SIMULATION_SERVICES, key),
);

/** Answers of single services, as their definitions number them. */
export const SET_STATE_RESULTS = { already_there: 101, transition_error: 102, incorrect_transition: 103 } as const;
export const SPAWN_RESULTS = {
  name_not_unique: 101,
  name_invalid: 102,
  unsupported_format: 103,
  no_resource: 104,
  resource_parse_error: 106,
  invalid_pose: 109,
} as const;
export const SET_ENTITY_RESULTS = { invalid_pose: 101 } as const;

/** SimulatorFeatures of simulation_interfaces that are here. */
export const FEATURES = {
  spawning: 0,
  deleting: 1,
  entity_state_getting: 10,
  entity_state_setting: 11,
  spawnables: 14,
  simulation_reset: 20,
  simulation_reset_time: 21,
  simulation_reset_state: 22,
  simulation_reset_spawned: 23,
  simulation_state_getting: 24,
  simulation_state_setting: 25,
  simulation_state_pause: 26,
  step_simulation_single: 31,
  step_simulation_multiple: 32,
} as const;

export const OK: SimulationResult = { code: SIMULATION_RESULTS.ok, message: '' };

export function refused(code: number, message: string): SimulationResult {
  return { code, message };
}
