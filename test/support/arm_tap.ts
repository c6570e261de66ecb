import { closeSync, openSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Robot } from '../../robots/index.ts';
import { Child, channelSchema } from '../../runtime/index.ts';
import { compiledProgram } from './programs.ts';

const setup = z.object({ channels: z.object({ state: channelSchema }) });

/** Looks on at the arm of a launched graph with driver `sim`, by the channel on which it tells its state. */
export class ArmTap {
  private readonly child: Child;
  private readonly fd: number;

  private constructor(child: Child, fd: number) {
    this.child = child;
    this.fd = fd;
  }

  /**
   * @param pid  process of the control node, which has the channel
   * @param log_file  for RecordedMotion, on the machine's clock; written when it is closed
   */
  static async start(pid: number, robot: Robot, log_file: string): Promise<ArmTap> {
    const [, , argument] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const { state } = setup.parse(JSON.parse(argument)).channels;
    const fd = openSync(`/proc/${pid}/fd/${state.fd}`, 'r');
    const config = { joints: robot.arm_joints, coordinates: robot.model.nq, log_file };
    const child = new Child(await compiledProgram('arm_tap_program'), config, { state: { ...state, fd } });
    await child.next((message) => (message === 'ready' ? true : undefined), 20_000);
    return new ArmTap(child, fd);
  }

  async close(): Promise<void> {
    this.child.signal('SIGTERM');
    await this.child.ended;
    closeSync(this.fd);
  }
}
