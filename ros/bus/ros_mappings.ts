import { type Action, InputError, type Service, type Topic } from '../../contracts/index.ts';
import type { ActionMapping, ServiceMapping, TopicMapping } from '../mapping.ts';
import { topicMapping } from '../mappings.ts';

/** Where a bus takes the ROS forms of what it carries; each throws an InputError for what has none. */
export interface RosMappings {
  topic<T>(topic: Topic<T>): TopicMapping<T>;
  service<Req, Res>(service: Service<Req, Res>): ServiceMapping<Req, Res>;
  action<G, F, R>(action: Action<G, F, R>): ActionMapping<G, F, R>;
}

/** The forms of this package's contracts. */
export const ROS_MAPPINGS: RosMappings = {
  topic: topicMapping,
  service: (service) => none(service.name, service.ros_type),
  action: (action) => none(action.name, action.ros_type),
};

function none(name: string, ros_type: string): never {
  throw new InputError(`${name} of ${ros_type}`, 'has no ROS form');
}
