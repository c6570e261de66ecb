import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, type NodeContext, TOPICS } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { type DriverLimits, driverLimitsOfUrdf, type Envelope, requireWithinDriver } from '../safety/index.ts';
import { type ArmLink, openArmLink } from './arm_link.ts';
import { closeChannel } from './channel.ts';
import {
  type BridgeStatus,
  COMMAND_HISTORY,
  Ros2ControlBridge,
  type Ros2ControlOptions,
} from './ros2_control/index.ts';

/** An arm that has to be reached before it can be commanded. */
export interface ArmSource {
  /** Resolves once the arm reports; throws InputError with what is wrong. */
  open(context: NodeContext): Promise<ArmLink>;
  close(): Promise<void>;
  /** Whether its joint states are on /joint_states already, published by others. */
  readonly publishes_states: boolean;
}

/**
 * Where the driver's limits come from. `described`: the URDF that the hardware's own graph publishes, where it does within a
 * few seconds; `required`: the same, and without it nothing is connected; `none`: the envelope alone counts.
 */
export const LIMIT_SOURCES = ['described', 'required', 'none'] as const;
export type LimitSource = (typeof LIMIT_SOURCES)[number];

export interface HardwareArmOptions {
  readonly bridge: Ros2ControlOptions;
  readonly robot: Robot;
  readonly hz: number;
  readonly envelope: Envelope;
  readonly limits: LimitSource;
  /** `joint_limits` of the hardware's controllers, where they are known. */
  readonly joint_limits?: DriverLimits;
}

const DESCRIPTION_WAIT_MS = 3000;
const ARM_WAIT_MS = 10_000;
const POLL_MS = 20;

/** An arm under ros2_control: its bridge, in the process that holds the control thread, and its limits. */
export class HardwareArm implements ArmSource {
  readonly publishes_states: boolean;
  private readonly options: HardwareArmOptions;
  private bridge: Ros2ControlBridge | null = null;
  private link: ArmLink | null = null;

  constructor(options: HardwareArmOptions) {
    this.options = options;
    this.publishes_states = options.bridge.joint_states === TOPICS.joint_states.name;
  }

  /** What the bridge says of itself; null where there is none. */
  status(): BridgeStatus | null {
    return this.bridge?.status() ?? null;
  }

  async open(context: NodeContext): Promise<ArmLink> {
    const { bridge: options, robot, hz, envelope, joint_limits } = this.options;
    if (joint_limits !== undefined) requireWithinDriver(envelope, joint_limits);
    await this.compareDescription(context);
    const link = openArmLink(robot, COMMAND_HISTORY);
    const bridge = new Ros2ControlBridge(options, robot, hz, link);
    this.link = link;
    this.bridge = bridge;
    await bridge.configure(context);
    bridge.activate();
    for (const end = performance.now() + ARM_WAIT_MS; bridge.status().problem !== ''; await sleep(POLL_MS)) {
      if (performance.now() < end) continue;
      const { problem } = bridge.status();
      await this.close();
      throw new InputError(`arm under ros2_control: ${problem}`, 'see its controllers and /joint_states');
    }
    return link;
  }

  async close(): Promise<void> {
    const { bridge, link } = this;
    this.bridge = null;
    this.link = null;
    bridge?.deactivate();
    await bridge?.cleanup();
    if (link === null) return;
    closeChannel(link.command);
    closeChannel(link.state);
  }

  private async compareDescription(context: NodeContext): Promise<void> {
    const { limits, envelope } = this.options;
    if (limits === 'none') return;
    const urdf = await description(context);
    if (urdf !== null) {
      requireWithinDriver(envelope, driverLimitsOfUrdf(urdf, TOPICS.robot_description.name));
      return;
    }
    const what = `nobody publishes ${TOPICS.robot_description.name}`;
    if (limits === 'required') throw new InputError(what, 'start the hardware first, or take limits of another source');
    context.log.warn({ waited_ms: DESCRIPTION_WAIT_MS }, `${what}: the envelope is not compared with the driver`);
  }
}

async function description({ bus }: NodeContext): Promise<string | null> {
  let urdf: string | null = null;
  const subscription = bus.subscribe(TOPICS.robot_description, 'hardware_arm', ({ data }) => {
    urdf = data;
  });
  try {
    const end = performance.now() + DESCRIPTION_WAIT_MS;
    while (urdf === null && performance.now() < end) await sleep(POLL_MS);
    return urdf;
  } finally {
    subscription.unsubscribe();
  }
}
