import { describe, expect, it } from 'vitest';
import { SIMULATION_RESULTS } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import { ARM_MAPPINGS } from './service.ts';
import { SIMULATION_MAPPINGS } from './simulation.ts';

/** Reads a request that carries these fields and the defaults of all others. */
const request =
  (mapping: { ros_type: string; request: { fromRos(fields: object): unknown } }, fields: object) => () => {
    const codec = new RosCodec(`${mapping.ros_type}_Request`);
    return mapping.request.fromRos(codec.decode(codec.encode(fields)));
  };
const { set_state, entities, spawn, step } = SIMULATION_MAPPINGS;

describe('requests of others', () => {
  it('have the defaults of their definitions', () => {
    expect(request(step, {})()).toEqual({ steps: 1 });
    expect(request(entities, {})()).toEqual({ filter: '' });
    expect(request(spawn, { name: 'a', uri: 'box' })()).toMatchObject({
      pose: { position: [0, 0, 0], orientation: [0, 0, 0, 1] },
    });
  });

  it.each([
    [request(set_state, { state: { state: 4 } }), 'SetSimulationState_Request.state.state = 4'],
    [request(entities, { filters: { categories: [{}] } }), 'filters.categories = an array: is not supported'],
    [request(entities, { filters: { tags: { tags: ['a'] } } }), 'filters.tags.tags = an array: is not supported'],
    [request(spawn, { entity_namespace: 'left' }), 'entity_namespace = "left": is not supported'],
    [request(step, { steps: 2n ** 63n }), 'steps = 9223372036854775808: must be a whole number'],
    [request(ARM_MAPPINGS.set_mode, { mode: 'fast' }), 'surepick_msgs/srv/SetMode_Request.mode = "fast"'],
    [request(ARM_MAPPINGS.set_speed, { speed: Number.NaN }), 'SetSpeed_Request.speed = NaN'],
  ])('name what is wrong', (read, expected) => {
    expect(read).toThrow(expected);
  });

  it('are answered when they cannot be read', () => {
    expect(ARM_MAPPINGS.set_mode.refusal('no')).toEqual({ success: false, message: 'no' });
    expect(set_state.refusal('no')).toEqual({ result: { code: SIMULATION_RESULTS.operation_failed, message: 'no' } });
  });
});
