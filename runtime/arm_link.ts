import { fileURLToPath } from 'node:url';
import type { Robot } from '../robots/index.ts';
import { commandValues, stateValues } from './arm_protocol.ts';
import { type Channel, closeChannel, openChannel } from './channel.ts';
import { Child } from './child.ts';

/** The two channels between a control process and an arm. */
export interface ArmLink {
  readonly command: Channel;
  readonly state: Channel;
}

/** @param history  commands that the command channel remembers; see arm_protocol.ts */
export function openArmLink(robot: Robot, history = 0): ArmLink {
  const command = openChannel(commandValues(robot.arm_joints, history));
  return { command, state: openChannel(stateValues(robot.model.nq)) };
}

export interface SimulatedArmOptions {
  readonly robot: Robot;
  readonly hz: number;
  /** Where the arm writes what it did when it ends; null for nowhere. */
  readonly log_file: string | null;
  /** The compiled arm_process.js; by default the one beside this file. */
  readonly script?: string;
}

/** A simulated arm that runs in a process of its own, owned by this one. */
export class SimulatedArmProcess {
  readonly link: ArmLink;
  readonly pid: number;
  private readonly child: Child;

  private constructor(link: ArmLink, child: Child) {
    this.link = link;
    this.child = child;
    this.pid = child.pid;
  }

  static async start({ robot, hz, log_file, script }: SimulatedArmOptions): Promise<SimulatedArmProcess> {
    const link = openArmLink(robot);
    const file = script ?? fileURLToPath(new URL('./arm_process.js', import.meta.url));
    const child = new Child(file, { robot: robot.name, hz, log_file }, { ...link });
    await child.next(() => true);
    return new SimulatedArmProcess(link, child);
  }

  /** Ends it once it has come to rest and has written its log. */
  async close(): Promise<void> {
    this.child.signal('SIGTERM');
    await this.child.ended;
    closeChannel(this.link.command);
    closeChannel(this.link.state);
  }
}
