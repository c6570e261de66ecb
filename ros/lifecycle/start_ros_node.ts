import type { Log, Node, NodeParameters } from '../../contracts/index.ts';
import { RosBus } from '../bus/index.ts';
import { type ParameterOverride, ParameterStore } from '../parameters/index.ts';
import type { RosNames } from '../parameters/ros_arguments.ts';
import { type HostOptions, hostNode, type NodeHost } from './host_node.ts';
import { NodeErrors } from './node_errors.ts';
import { ROSOUT_QOS, RosoutLog } from './rosout_log.ts';

export interface RosNodeOptions<S extends NodeParameters>
  extends RosNames,
    Pick<HostOptions, 'mayChange' | 'hardware_id' | 'onState'> {
  readonly log: Log;
  /** Parameters of this kind of node. */
  readonly schema: S;
  readonly overrides?: readonly ParameterOverride[];
  readonly domain_id?: number;
  /** Makes the node; values that are taken up at configure are asked for then. */
  readonly build: (store: ParameterStore<S>) => Node | Promise<Node>;
}

/** A managed node with a ROS node of its own. */
export interface RosNode {
  readonly host: NodeHost;
  readonly bus: RosBus;
  /** Shuts the node down and leaves the graph; more calls wait for the first. */
  shutDown(): Promise<void>;
}

/** Brings a node into the ROS graph, unconfigured. Throws an InputError for parameters or names that cannot be used. */
export async function startRosNode<S extends NodeParameters>(options: RosNodeOptions<S>): Promise<RosNode> {
  const { schema, overrides, build, node_name, namespace, remap, domain_id } = options;
  const log = new RosoutLog(options.log);
  const errors = new NodeErrors(log);
  const store = new ParameterStore(schema, overrides);
  const node = await build(store);
  const bus = await RosBus.create({
    ...{ node_name, namespace, remap, onError: errors.report },
    ...(domain_id === undefined ? {} : { domain_id }),
  });
  let host: NodeHost;
  try {
    const { publish } = bus.raw.advertise('rcl_interfaces/msg/Log', '/rosout', ROSOUT_QOS);
    log.attach({ node: bus.fullName, now_ns: () => bus.clock.now_ns(), publish });
    host = hostNode(bus, node, { ...options, log, parameters: store, errors });
  } catch (error) {
    await bus.shutdown();
    throw error;
  }
  let ending: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    await host.shutDown();
    log.attach(null);
    await bus.shutdown();
  };
  return {
    host,
    bus,
    shutDown() {
      ending ??= end();
      return ending;
    },
  };
}
