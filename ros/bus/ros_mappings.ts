import type { Action, Service, Topic } from '../../contracts/index.ts';
import type { ActionMapping, ServiceMapping, TopicMapping } from '../mapping.ts';
import { actionMapping, serviceMapping, topicMapping } from '../mappings.ts';

/** Where a bus takes the ROS forms of what it carries; each throws an InputError for what has none. */
export interface RosMappings {
  topic<T>(topic: Topic<T>): TopicMapping<T>;
  service<Req, Res>(service: Service<Req, Res>): ServiceMapping<Req, Res>;
  action<G, F, R>(action: Action<G, F, R>): ActionMapping<G, F, R>;
}

/** The forms of this package's contracts. */
export const ROS_MAPPINGS: RosMappings = { topic: topicMapping, service: serviceMapping, action: actionMapping };
