import { afterAll, beforeAll, type TestContext } from 'vitest';
import { compiledProgram } from './programs.ts';
import { freshDomain, type RosProcess, type RosTestbed, requireRos, startUnderRos } from './ros.ts';
import { RosPeer } from './ros_peer.ts';

/** A domain with an rclpy peer, and a program whose processes join it. */
export interface HostedNodes {
  readonly ros: RosTestbed;
  readonly domain: number;
  readonly peer: RosPeer;
  /** Starts a process and waits until its nodes are up. */
  start(...args: string[]): Promise<RosProcess>;
}

/** For a test file: call it in the file's body, and the function it returns in each test. All ends with the file. */
export function hostedNodes(program: string): (ctx: TestContext) => Promise<HostedNodes> {
  let compiled: Promise<string>;
  let rig: Promise<HostedNodes> | undefined;
  const started: RosProcess[] = [];
  beforeAll(() => {
    compiled = compiledProgram(program);
  });
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await (await rig)?.peer.stop();
  });
  const make = async (ros: RosTestbed): Promise<HostedNodes> => {
    const domain = freshDomain();
    const [peer, file] = await Promise.all([RosPeer.start(ros, domain), compiled]);
    return {
      ...{ ros, domain, peer },
      async start(...args) {
        const node = startUnderRos(ros, [process.execPath, file, ...args], { domain });
        started.push(node);
        await node.line(/^up /);
        return node;
      },
    };
  };
  return async (ctx) => {
    const ros = await requireRos(ctx);
    rig ??= make(ros);
    return rig;
  };
}

/** Asks a node for a transition by number or name. */
export async function changeState(peer: RosPeer, node: string, transition: object): Promise<boolean> {
  return (await peer.call('lifecycle_msgs/srv/ChangeState', `${node}/change_state`, { transition })).success;
}

/** Name of a node's lifecycle state. */
export async function stateOf(peer: RosPeer, node: string): Promise<string> {
  return (await peer.call('lifecycle_msgs/srv/GetState', `${node}/get_state`, {})).current_state.label;
}

/** rcl_interfaces/ParameterValue of each type, by its fields. */
export const parameterValue = {
  notSet: () => ({ type: 0 }),
  bool: (value: boolean) => ({ type: 1, bool_value: value }),
  integer: (value: number | string) => ({ type: 2, integer_value: value }),
  double: (value: number | string) => ({ type: 3, double_value: value }),
  text: (value: string) => ({ type: 4, string_value: value }),
  bytes: (value: readonly number[]) => ({ type: 5, byte_array_value: value }),
  doubles: (value: readonly (number | string)[]) => ({ type: 8, double_array_value: value }),
  texts: (value: readonly string[]) => ({ type: 9, string_array_value: value }),
};

/** Sets parameters one by one; the reason of each, empty where it was done. */
export async function setParameters(peer: RosPeer, node: string, values: Record<string, object>): Promise<string[]> {
  const parameters = Object.entries(values).map(([name, value]) => ({ name, value }));
  const { results } = await peer.call('rcl_interfaces/srv/SetParameters', `${node}/set_parameters`, { parameters });
  return results.map(({ successful, reason }: { successful: boolean; reason: string }) =>
    successful === (reason === '') ? reason : `successful ${successful} with reason ${reason}`,
  );
}
