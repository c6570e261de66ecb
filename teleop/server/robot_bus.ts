import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, type Clock, InputError, type Subscription, TOPICS } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { RosBus, shutdownRos } from '../../ros/index.ts';
import { connectBusSocket } from '../../runtime/index.ts';
import type { World } from '../protocol/index.ts';
import { robotOf } from './world.ts';

/** Where the robot is: a simulated cell's socket, or a ROS graph. */
export type RobotAddress =
  | { readonly kind: 'cell'; readonly socket: string }
  | {
      readonly kind: 'ros';
      readonly namespace: string;
      readonly domain_id: number | null;
      /** Who joins; the operators' server by default. */
      readonly node?: string;
    };

export interface ConnectedRobot {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly robot: Robot;
  readonly world: World;
  close(): Promise<void>;
}

/** How long the robot is given to describe itself, ms, and how long a simulated clock is listened for. */
const DESCRIBE_MS = 20_000;
const CLOCK_MS = 4000;

/**
 * Joins the robot's bus. Throws InputError where no robot describes itself there.
 */
export async function connectRobot(
  address: RobotAddress,
  onError: (error: unknown, where: string) => void,
): Promise<ConnectedRobot> {
  if (address.kind === 'cell') {
    const bus = await connectBusSocket(address.socket, { onError });
    const robot = robotOf(await describedOn(bus));
    const world: World = { kind: 'simulation', robot: robot.name, name: robot.name };
    return { bus, clock: bus.clock, robot, world, close: async () => bus.close() };
  }
  const { namespace, domain_id, node = 'teleop' } = address;
  const bus = await RosBus.create({
    node_name: `${node}_${process.pid}`,
    namespace,
    ...(domain_id === null ? {} : { domain_id }),
    onError,
  });
  const close = async () => {
    await bus.shutdown();
    shutdownRos();
  };
  try {
    const simulated = await hears(bus);
    if (simulated) bus.useSimTime(true);
    const robot = robotOf(await describedOn(bus));
    const name = namespace === '' ? robot.name : `${robot.name} ${namespace}`;
    return {
      bus,
      clock: bus.clock,
      robot,
      world: { kind: simulated ? 'simulation' : 'real', robot: robot.name, name },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function describedOn(bus: Bus): Promise<string> {
  let text = '';
  const subscription = bus.subscribe(TOPICS.robot_description, 'teleop_description', ({ data }) => {
    text = data;
  });
  await until(() => text !== '', DESCRIBE_MS, subscription);
  if (text === '')
    throw new InputError(
      '/robot_description',
      `heard within ${DESCRIBE_MS / 1000} s; is robot_state_publisher running?`,
    );
  return text;
}

/** Whether somebody publishes simulated time. */
async function hears(bus: Bus): Promise<boolean> {
  let heard = false;
  const subscription = bus.subscribe(TOPICS.clock, 'teleop_clock', () => {
    heard = true;
  });
  await until(() => heard, CLOCK_MS, subscription);
  return heard;
}

async function until(holds: () => boolean, within_ms: number, subscription: Subscription): Promise<void> {
  for (let waited_ms = 0; waited_ms < within_ms && !holds(); waited_ms += 20) await pause(20);
  subscription.unsubscribe();
}
