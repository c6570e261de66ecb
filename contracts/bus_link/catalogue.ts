import { z } from 'zod';
import type { Action, Service, Topic } from '../bus.ts';
import { SIMULATION_SERVICES } from '../simulation.ts';
import { ACTIONS, CAMERAS, SERVICES, TOPICS } from '../topics.ts';

/** What processes may exchange, by name: messages of other processes are checked by these schemas. */
export interface Catalogue {
  readonly topics: ReadonlyMap<string, Topic<unknown>>;
  readonly services: ReadonlyMap<string, Service<unknown, unknown>>;
  readonly actions: ReadonlyMap<string, Action<unknown, unknown, unknown>>;
}

/** @param entries  with names that differ within their kind */
export function catalogueOf(entries: {
  readonly topics: readonly Topic<unknown>[];
  readonly services: readonly Service<unknown, unknown>[];
  readonly actions: readonly Action<unknown, unknown, unknown>[];
}): Catalogue {
  const byName = <T extends { readonly name: string }>(all: readonly T[]) => new Map(all.map((one) => [one.name, one]));
  return { topics: byName(entries.topics), services: byName(entries.services), actions: byName(entries.actions) };
}

/** Everything that contracts declare. */
export const CONTRACTS: Catalogue = catalogueOf({
  topics: [...Object.values(TOPICS), ...Object.values(CAMERAS).flatMap((camera) => Object.values(camera))],
  services: [...Object.values(SERVICES), ...Object.values(SIMULATION_SERVICES)],
  actions: Object.values(ACTIONS),
});

/** A topic, service or action whose messages are taken as they come, of a name that is not in the catalogue. */
export function anyService(name: string): Service<unknown, unknown> {
  return { name, request: z.unknown(), response: z.unknown(), ros_type: '' };
}

export function anyAction(name: string): Action<unknown, unknown, unknown> {
  return { name, goal: z.unknown(), feedback: z.unknown(), result: z.unknown(), ros_type: '' };
}

export function anyTopic(
  name: string,
  durability: Topic<unknown>['qos']['durability'],
  backpressure: Topic<unknown>['backpressure'],
): Topic<unknown> {
  const qos = { reliability: 'reliable', durability, depth: 1 } as const;
  return { name, schema: z.unknown(), ros_type: '', qos, backpressure, units: '' };
}
