import { z } from 'zod';
import {
  type EntityState,
  SIMULATION_RESULTS,
  SIMULATION_SERVICES,
  SIMULATION_STATES,
  type SimulationResult,
  type SimulationState,
} from '../../contracts/index.ts';
import { count, header, pose, rosHeader, rosPose, rosXyz, xyz } from './fields.ts';
import { poseStamped } from './frames.ts';
import { mappedService } from './service.ts';

const { reset, step, get_state, set_state, features, spawnables, spawn, entities, get_entity, set_entity } =
  SIMULATION_SERVICES;

const result = z
  .object({ result: z.number().int(), error_message: z.string() })
  .transform(({ result, error_message }): SimulationResult => ({ code: result, message: error_message }));
const resultToRos = ({ code, message }: SimulationResult) => ({ result: code, error_message: message });
const answer = z.object({ result });
const failed = (message: string): SimulationResult => ({ code: SIMULATION_RESULTS.operation_failed, message });

/** Values before `no_world`, which a cell that has one world never is in. */
const state = z
  .object({
    state: z
      .number()
      .int()
      .min(0)
      .max(SIMULATION_STATES.length - 1),
  })
  .transform((value): SimulationState => SIMULATION_STATES[value.state]);
const stateToRos = (value: SimulationState) => ({ state: SIMULATION_STATES.indexOf(value) });

const entityState = z.object({ header, pose, twist: z.object({ linear: xyz, angular: xyz }) }).transform(
  ({ header, pose, twist }): EntityState => ({
    stamp_ns: header.stamp,
    frame_id: header.frame_id,
    pose,
    ...twist,
  }),
);
const entityStateToRos = ({ stamp_ns, frame_id, pose, linear, angular }: EntityState) => ({
  header: rosHeader(stamp_ns, frame_id),
  pose: rosPose(pose),
  twist: { linear: rosXyz(linear), angular: rosXyz(angular) },
});
const NOWHERE: EntityState = {
  stamp_ns: 0n,
  frame_id: '',
  pose: { position: [0, 0, 0], orientation: [0, 0, 0, 1] },
  linear: [0, 0, 0],
  angular: [0, 0, 0],
};

const none = z.array(z.unknown()).max(0, 'is not supported: must be empty');
const filters = z.object({ filter: z.string(), categories: none, tags: z.object({ tags: none }) });
const spawnRequest = z.object({
  name: z.string(),
  allow_renaming: z.boolean(),
  uri: z.string(),
  resource_string: z.string(),
  entity_namespace: z.literal('', 'is not supported: must be empty'),
  initial_pose: poseStamped,
});
const same = <T extends object>(message: T): object => message;

const plainAnswer = {
  toRos: (response: z.infer<typeof answer>) => ({ result: resultToRos(response.result) }),
  fields: answer,
};
const answerFailed = (reason: string) => ({ result: failed(reason) });
const nothing = { toRos: same, fields: z.object({}) };
const entity = { toRos: same, fields: z.object({ entity: z.string() }) };

/** Services of simulation_interfaces. */
export const SIMULATION_MAPPINGS = {
  reset: mappedService(
    reset,
    { toRos: same, fields: z.object({ scope: z.number().int() }) },
    plainAnswer,
    answerFailed,
  ),
  step: mappedService(
    step,
    { toRos: ({ steps }) => ({ steps: BigInt(steps) }), fields: z.object({ steps: count }) },
    plainAnswer,
    answerFailed,
  ),
  get_state: mappedService(
    get_state,
    nothing,
    {
      toRos: (response) => ({ state: stateToRos(response.state), result: resultToRos(response.result) }),
      fields: z.object({ state, result }),
    },
    (reason) => ({ result: failed(reason), state: 'stopped' as const }),
  ),
  set_state: mappedService(
    set_state,
    { toRos: (request) => ({ state: stateToRos(request.state) }), fields: z.object({ state }) },
    plainAnswer,
    answerFailed,
  ),
  features: mappedService(
    features,
    nothing,
    {
      toRos: ({ features, spawn_formats, info }) => ({ features: { features, spawn_formats, custom_info: info } }),
      fields: z
        .object({
          features: z.object({
            features: z.custom<ArrayLike<number>>((value) => Array.isArray(value) || value instanceof Uint16Array),
            spawn_formats: z.array(z.string()),
            custom_info: z.string(),
          }),
        })
        .transform(({ features: { features, spawn_formats, custom_info } }) => ({
          features: Array.from(features),
          spawn_formats,
          info: custom_info,
        })),
    },
    (reason) => ({ features: [], spawn_formats: [], info: reason }),
  ),
  spawnables: mappedService(
    spawnables,
    { toRos: same, fields: z.object({ sources: z.array(z.string()) }) },
    {
      toRos: (response) => ({ result: resultToRos(response.result), spawnables: response.spawnables }),
      fields: z.object({ result, spawnables: z.array(z.object({ uri: z.string(), description: z.string() })) }),
    },
    (reason) => ({ result: failed(reason), spawnables: [] }),
  ),
  spawn: mappedService(
    spawn,
    {
      toRos: ({ resource, frame_id, pose, ...rest }) => ({
        ...rest,
        resource_string: resource,
        initial_pose: { header: rosHeader(0n, frame_id), pose: rosPose(pose) },
      }),
      fields: spawnRequest.transform(({ resource_string, entity_namespace: _, initial_pose, ...rest }) => ({
        ...rest,
        resource: resource_string,
        frame_id: initial_pose.header.frame_id,
        pose: initial_pose.pose,
      })),
    },
    {
      toRos: (response) => ({ result: resultToRos(response.result), entity_name: response.entity }),
      fields: z
        .object({ result, entity_name: z.string() })
        .transform(({ result, entity_name }) => ({ result, entity: entity_name })),
    },
    (reason) => ({ result: failed(reason), entity: '' }),
  ),
  delete: mappedService(SIMULATION_SERVICES.delete, entity, plainAnswer, answerFailed),
  entities: mappedService(
    entities,
    {
      toRos: ({ filter }) => ({ filters: { filter } }),
      fields: z.object({ filters }).transform((request) => ({ filter: request.filters.filter })),
    },
    {
      toRos: (response) => ({ result: resultToRos(response.result), entities: response.entities }),
      fields: z.object({ result, entities: z.array(z.string()) }),
    },
    (reason) => ({ result: failed(reason), entities: [] }),
  ),
  get_entity: mappedService(
    get_entity,
    entity,
    {
      toRos: (response) => ({ result: resultToRos(response.result), state: entityStateToRos(response.state) }),
      fields: z.object({ result, state: entityState }),
    },
    (reason) => ({ result: failed(reason), state: NOWHERE }),
  ),
  set_entity: mappedService(
    set_entity,
    {
      toRos: (request) => ({ entity: request.entity, state: entityStateToRos(request.state) }),
      fields: z.object({ entity: z.string(), state: entityState }),
    },
    plainAnswer,
    answerFailed,
  ),
} as const;
