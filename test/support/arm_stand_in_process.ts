import { spawnSync } from 'node:child_process';
import { Child, REALTIME } from '../../runtime/index.ts';
import { type ArmStandInInput, armStandInOptions } from './arm_stand_in.ts';
import { compiledProgram } from './programs.ts';
import type { RosTestbed } from './ros.ts';
import { type StandInReport, standInReport } from './stand_in_report.ts';

export interface StandInProcessOptions {
  readonly ros: RosTestbed;
  readonly domain: number;
  readonly stand_in?: ArmStandInInput;
  readonly namespace?: string;
  readonly node_name?: string;
  /** Where the arm writes what it did when it ends (RecordedMotion, machine's clock); null for nowhere. */
  readonly log_file?: string | null;
}

/**
 * A stand-in for a real arm as a process of its own on ROS 2: see ArmStandIn. It ends with this process, and survives
 * everything else.
 */
export class ArmStandInProcess {
  readonly pid: number;
  /** What it last told of itself. */
  report: StandInReport | null = null;
  private readonly child: Child;

  private constructor(child: Child) {
    this.child = child;
    this.pid = child.pid;
    void child.next((message) => this.hear(message), 2 ** 31 - 1).catch(() => {});
  }

  static async start(options: StandInProcessOptions): Promise<ArmStandInProcess> {
    const { ros, domain, namespace = '', node_name = 'arm_stand_in', log_file = null } = options;
    const config = { stand_in: armStandInOptions.parse(options.stand_in ?? {}), node_name, namespace, log_file };
    const variables = { ...ros.env, ROS_DOMAIN_ID: String(domain), NODE_OPTIONS: '' };
    const child = new Child(await compiledProgram('arm_stand_in_program'), config, {}, variables);
    await child.next((message) => (message === 'ready' ? true : undefined), 20_000);
    // A real arm has a computer of its own, which what else this one does cannot keep waiting.
    spawnSync('chrt', ['--fifo', '--all-tasks', '--pid', String(REALTIME.arm), String(child.pid)], { stdio: 'ignore' });
    return new ArmStandInProcess(child);
  }

  get running(): boolean {
    return this.child.running;
  }

  signal(name: NodeJS.Signals): void {
    this.child.signal(name);
  }

  /** Ends it; its log is then written. Resolves with the exit code. */
  async close(): Promise<number | null> {
    this.child.signal('SIGTERM');
    return this.child.ended;
  }

  private hear(message: unknown): undefined {
    const { data } = standInReport.safeParse(message);
    if (data !== undefined) this.report = data;
  }
}
