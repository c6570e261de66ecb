import { z } from 'zod';
import type { Service } from './bus.ts';
import { pose, vector3 } from './shapes.ts';

/** Answers of a simulator as simulation_interfaces 1.5 has them; `code` above 100 is the service's own. */
export const SIMULATION_RESULTS = {
  feature_unsupported: 0,
  ok: 1,
  not_found: 2,
  incorrect_state: 3,
  operation_failed: 4,
} as const;

const result = z.object({ code: z.number().int(), message: z.string() });
export type SimulationResult = z.infer<typeof result>;

/** What ResetSimulation brings back: bits of its scope field; 0 is the simulator's default, everything. */
export const RESET_SCOPES = { time: 1, state: 2, spawned: 4, all: 255 } as const;

export const SIMULATION_STATES = ['stopped', 'playing', 'paused', 'quitting'] as const;
export type SimulationState = (typeof SIMULATION_STATES)[number];

/** Pose of an entity's origin and its velocity, axes and origin of `frame_id` (m, m/s, rad/s). */
export const entityState = z.object({
  stamp_ns: z.bigint().nonnegative(),
  frame_id: z.string(),
  pose,
  linear: vector3,
  angular: vector3,
});
export type EntityState = z.infer<typeof entityState>;

const resetRequest = z.object({ scope: z.number().int().min(0).max(255) });
const stepRequest = z.object({ steps: z.number().int().nonnegative() });
const stateRequest = z.object({ state: z.enum(SIMULATION_STATES) });
const entityRequest = z.object({ entity: z.string() });
const setEntityRequest = z.object({ entity: z.string(), state: entityState });
const spawnRequest = z.object({
  name: z.string(),
  allow_renaming: z.boolean(),
  /** What to spawn: a name of `spawnables`, or a resource in the text itself. */
  uri: z.string(),
  resource: z.string(),
  frame_id: z.string(),
  pose,
});
const answer = z.object({ result });

function service<Req, Res>(name: string, type: string, request: z.ZodType<Req>, response: z.ZodType<Res>) {
  return { name, request, response, ros_type: `simulation_interfaces/srv/${type}` } satisfies Service<Req, Res>;
}

/** Services of a simulator, by the names that Gazebo and Isaac Sim give them. */
export const SIMULATION_SERVICES = {
  reset: service('/reset_simulation', 'ResetSimulation', resetRequest, answer),
  step: service('/step_simulation', 'StepSimulation', stepRequest, answer),
  get_state: service(
    '/get_simulation_state',
    'GetSimulationState',
    z.object({}),
    z.object({ result, state: z.enum(SIMULATION_STATES) }),
  ),
  set_state: service('/set_simulation_state', 'SetSimulationState', stateRequest, answer),
  features: service(
    '/get_simulator_features',
    'GetSimulatorFeatures',
    z.object({}),
    z.object({
      features: z.array(z.number().int()).readonly(),
      spawn_formats: z.array(z.string()).readonly(),
      info: z.string(),
    }),
  ),
  spawnables: service(
    '/get_spawnables',
    'GetSpawnables',
    z.object({ sources: z.array(z.string()).readonly() }),
    z.object({
      result,
      spawnables: z.array(z.object({ uri: z.string(), description: z.string() }).readonly()).readonly(),
    }),
  ),
  spawn: service('/spawn_entity', 'SpawnEntity', spawnRequest, z.object({ result, entity: z.string() })),
  delete: service('/delete_entity', 'DeleteEntity', entityRequest, answer),
  entities: service(
    '/get_entities',
    'GetEntities',
    /** A POSIX extended regular expression; empty for all. */
    z.object({ filter: z.string() }),
    z.object({ result, entities: z.array(z.string()).readonly() }),
  ),
  get_entity: service('/get_entity_state', 'GetEntityState', entityRequest, z.object({ result, state: entityState })),
  set_entity: service('/set_entity_state', 'SetEntityState', setEntityRequest, answer),
} as const;
