import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { MACHINE_CLOCK, RecordedMotion, type Ros2ControlOptions } from '../../runtime/index.ts';
import type { ArmStandInInput } from './arm_stand_in.ts';
import { ArmStandInProcess } from './arm_stand_in_process.ts';
import { BridgeHost } from './bridge_host.ts';

import { randomCruise } from './death_trial.ts';
import { freshDomain, type RosTestbed } from './ros.ts';
import { StallWatch } from './stall_watch.ts';
import { Thaw } from './thaw.ts';

/** What happens to the process that holds driver, controller and gate. `blocked`: its main thread stands for 0.3 s. */
export const CONTROL_DEATHS = ['killed', 'frozen', 'blocked'] as const;
export type ControlDeath = (typeof CONTROL_DEATHS)[number];

/** A machine that keeps a plain timer waiting longer than this spoils what it measures, s. */
const STALL_S = 0.02;
const STANDSTILL = 0.01;
const SLOWER = 0.9;

export interface RosDeath {
  readonly death: ControlDeath;
  /** Of the arm along its way at the signal, rad/s. */
  readonly speed: number;
  /** From the signal until a tenth of it is lost, and until the arm stands, s. */
  readonly reaction_s: number;
  readonly rest_s: number;
  /** What the control process said afterwards; empty where it was killed. */
  readonly why: string;
}

interface Trial {
  readonly death: ControlDeath;
  readonly direction: Float64Array;
  readonly signal_s: number;
  readonly end_s: number;
  readonly why: string;
  readonly stalled_s: number;
}

/** A stand-in under ros2_control, and a control process on the same domain that dies while the arm moves. */
export class RosDeathRig {
  spoilt = 0;
  private readonly robot = loadRobot('panda', { visualMeshes: false });
  private readonly ros: RosTestbed;
  private readonly domain: number;
  private readonly rng: Rng;
  private readonly scratch: string;
  private readonly arm: ArmStandInProcess;
  private readonly bridge: Partial<Ros2ControlOptions>;
  private readonly thaw = new Thaw();
  private readonly trials: Trial[] = [];
  private host: BridgeHost;

  private constructor(
    ros: RosTestbed,
    domain: number,
    rng: Rng,
    scratch: string,
    arm: ArmStandInProcess,
    host: BridgeHost,
    bridge: Partial<Ros2ControlOptions>,
  ) {
    this.ros = ros;
    this.domain = domain;
    this.rng = rng;
    this.scratch = scratch;
    this.arm = arm;
    this.host = host;
    this.bridge = bridge;
  }

  static async start(
    ros: RosTestbed,
    rng: Rng,
    bridge: Partial<Ros2ControlOptions> = {},
    stand_in: ArmStandInInput = {},
  ): Promise<RosDeathRig> {
    const domain = freshDomain();
    const scratch = mkdtempSync(join(tmpdir(), 'surepick-ros-death-'));
    const arm = await ArmStandInProcess.start({ ros, domain, stand_in, log_file: join(scratch, 'motion') });
    const host = await BridgeHost.start(ros, domain, bridge);
    return new RosDeathRig(ros, domain, rng, scratch, arm, host, bridge);
  }

  /** One death at cruising speed, and all mended again. False if the machine or the motion spoilt it. */
  async trial(death: ControlDeath): Promise<void> {
    const { reference } = await this.ready();
    const cruise = randomCruise(this.robot, reference, this.rng);
    const watch = new StallWatch();
    await this.host.ask({ kind: 'move', trajectory: cruise.trajectory });
    await sleep(1000 * (0.2 + (this.bridge.delay_s ?? 0.04) + this.rng.range(0.02, 0.5 * cruise.cruise_s)));
    const signal_s = MACHINE_CLOCK.now_s();
    const { pid } = this.host.child;
    let why = '';
    if (death === 'killed') this.host.child.signal('SIGKILL');
    else if (death === 'frozen') {
      this.thaw.later(pid);
      process.kill(pid, 'SIGSTOP');
    } else void this.host.ask({ kind: 'block', seconds: 0.3 }).catch(() => {});
    await sleep(900);
    const stalled_s = watch.end();
    this.thaw.now();
    const end_s = MACHINE_CLOCK.now_s();
    if (death === 'killed') {
      await this.host.child.ended;
      this.host = await BridgeHost.start(this.ros, this.domain, this.bridge);
    } else why = (await this.host.state()).bridge.braked_for;
    this.trials.push({ death, direction: cruise.velocity, signal_s, end_s, why, stalled_s });
  }

  /** Ends all and judges the trials from the arm's own log. */
  async finish(): Promise<RosDeath[]> {
    this.thaw.now();
    await Promise.race([this.host.close(), sleep(3000)]);
    this.host.child.signal('SIGKILL');
    await this.arm.close();
    this.thaw.end();
    try {
      const motion = new RecordedMotion(join(this.scratch, 'motion'));
      const found = this.trials.map((trial) => this.judge(trial, motion));
      this.spoilt += found.filter((each) => each === null).length;
      return found.filter((each) => each !== null);
    } finally {
      rmSync(this.scratch, { recursive: true, force: true });
    }
  }

  private judge({ death, direction, signal_s, end_s, why, stalled_s }: Trial, motion: RecordedMotion): RosDeath | null {
    const size = Math.hypot(...direction);
    const along = (row: number) => motion.v(row).reduce((sum, v, i) => sum + (v * direction[i]) / size, 0);
    const row = motion.rowAt(signal_s);
    const speed = along(row);
    if (stalled_s > STALL_S || speed < 0.95 * size) return null;
    let slower = row;
    while (slower < motion.rows - 1 && along(slower) > SLOWER * speed) slower++;
    let rest = motion.rowAt(end_s) - 1;
    while (rest > row && Math.hypot(...motion.v(rest)) < STANDSTILL) rest--;
    const since = (at: number) => motion.time_s(at) - signal_s;
    return { death, speed, reaction_s: since(slower), rest_s: since(rest), why };
  }

  /** Waits until motion is allowed; resets what was stopped. */
  private async ready(): Promise<{ reference: Float64Array }> {
    for (const until = performance.now() + 15_000; ; await sleep(20)) {
      const state = await this.host.state();
      const stands = Math.max(...state.reference.map((p, i) => Math.abs(p - state.position[i]))) < 1e-3;
      if (state.mode === 'automatic' && state.arm_phase === 'following' && state.at_rest && stands) return state;
      if (performance.now() > until) throw new Error(`not ready: ${JSON.stringify(state)}`);
      const stopped = state.mode !== 'initialising' && (state.mode !== 'automatic' || state.arm_phase !== 'following');
      if (stopped && state.at_rest) await this.host.ask({ kind: 'reset' }).catch(() => {});
    }
  }
}
