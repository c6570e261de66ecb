import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Rng } from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import {
  ARM_STATE,
  type Channel,
  ChannelReader,
  Child,
  type CycleRow,
  MACHINE_CLOCK,
  RecordedMotion,
  SimulatedArmProcess,
} from '../../runtime/index.ts';
import type { HostOrder } from './control_host.ts';
import {
  CRUISE_AFTER_S,
  judge,
  randomCruise,
  STANDSTILL,
  type Trial,
  type Trouble,
  type Verdict,
} from './death_trial.ts';
import { compiledProgram } from './programs.ts';
import { Thaw } from './thaw.ts';

const HZ = 500;
/** Longest start of a process on a busy machine. */
export const START_MS = 60_000;
const hostAnswer = z.object({ ok: z.boolean(), value: z.unknown() });
const hostState = z.object({
  mode: z.string(),
  arm_phase: z.string(),
  at_rest: z.boolean(),
  cycles: z.number(),
  supervisor_pid: z.number(),
  reference: z.instanceof(Float64Array),
});

/**
 * An arm, a control process and its supervisor, whose processes are killed and frozen while the arm moves. Trials are
 * judged at the end, from the log that the arm writes.
 */
export class DeathRig {
  /** Trials in which the arm was not in its cruise when the signal came, and motions that ended before it. */
  spoilt = 0;
  protected readonly robot: Robot;
  private readonly rng: Rng;
  protected readonly scratch: string;
  private readonly program: string;
  protected readonly arm: SimulatedArmProcess;
  private readonly watch: ChannelReader;
  private readonly thaw: Thaw;
  private readonly trials: Trial[] = [];
  private host: Child;

  protected constructor(
    robot: Robot,
    rng: Rng,
    scratch: string,
    program: string,
    arm: SimulatedArmProcess,
    host: Child,
  ) {
    this.robot = robot;
    this.rng = rng;
    this.scratch = scratch;
    this.program = program;
    this.arm = arm;
    this.watch = new ChannelReader(arm.link.state);
    this.host = host;
    this.thaw = new Thaw();
  }

  static async start(rng: Rng): Promise<DeathRig> {
    const { robot, scratch, program, arm } = await startArm();
    const host = await startHost(program, arm);
    return new DeathRig(robot, rng, scratch, program, arm, host);
  }

  /** Moves the arm, does the deed in mid-motion, waits for rest and mends everything again. */
  async trial(death: Trouble): Promise<void> {
    const before = await this.ready();
    const cruise = randomCruise(this.robot, before.reference, this.rng, this.cruiseAfter_s(death));
    this.begins();
    const begun = await this.ask({ kind: 'move', trajectory: cruise.trajectory }).catch(() => 'refused');
    if (begun === 'refused') return this.spoil();
    const cruising = await this.until(() => this.speed() > 0.95 * Math.max(...cruise.velocity.map(Math.abs)), 500);
    if (!cruising) return this.spoil();
    const begun_s = MACHINE_CLOCK.now_s();
    await sleep(1000 * this.rng.range(0, Math.max(0, cruise.cruise_s - this.cruiseAfter_s(death))));
    const signal_s = await this.strike(death, before.supervisor_pid, begun_s + cruise.cruise_s);
    if (signal_s === null) {
      await this.mend(death);
      return this.spoil();
    }
    // Once it has slowed down, at rest for 50 ms without interruption.
    await sleep(60);
    let still_s = 0;
    const rested = await this.until(() => {
      if (this.speed() > STANDSTILL) still_s = 0;
      else if (still_s === 0) still_s = MACHINE_CLOCK.now_s();
      return still_s > 0 && MACHINE_CLOCK.now_s() - still_s > 0.05;
    }, 3000);
    if (!rested) throw new Error(`${death}: the arm did not come to rest`);
    const end_s = MACHINE_CLOCK.now_s();
    // Of what the process of the gate has done when it cannot tell, the arm's log tells. The trace goes back four seconds.
    const trace = death.startsWith('control') ? [] : await this.ask({ kind: 'trace', from: before.cycles });
    const stall_s = this.stall_s();
    await this.mend(death);
    this.trials.push({ death, cruise, signal_s, end_s, trace: trace as CycleRow[], stall_s });
  }

  /** Ends every process and judges the trials, in order; those in which the arm was not cruising are only counted. */
  async finish(): Promise<Verdict[]> {
    await this.close();
    try {
      const motion = new RecordedMotion(join(this.scratch, 'motion'));
      const verdicts = this.trials.map((trial) => judge(this.robot, trial, motion, HZ));
      this.spoilt += verdicts.filter((verdict) => verdict === null).length;
      return verdicts.filter((verdict) => verdict !== null);
    } finally {
      rmSync(this.scratch, { recursive: true, force: true });
    }
  }

  /** Ends every process; the arm, once at rest, writes its log. */
  protected async close(): Promise<void> {
    this.thaw.now();
    if (this.host.running) {
      this.host.send({ kind: 'end' });
      await Promise.race([this.host.ended, sleep(3000)]);
      this.host.signal('SIGKILL');
    }
    await this.arm.close();
    this.thaw.end();
  }

  /** Waits until motion is allowed. */
  private async ready(): Promise<z.infer<typeof hostState>> {
    for (const until = performance.now() + 8000; ; ) {
      const state = hostState.parse(await this.ask({ kind: 'state' }));
      if (state.mode === 'automatic' && state.arm_phase === 'following' && state.at_rest && this.speed() < 1e-3)
        return state;
      if (performance.now() > until) throw new Error(`not ready: ${JSON.stringify(state)}`);
      // A reset may be refused, or followed by another stop, on a machine that is too busy.
      const stopped = state.mode !== 'initialising' && (state.mode !== 'automatic' || state.arm_phase !== 'following');
      if (stopped && state.at_rest) await this.reset();
      await sleep(5);
    }
  }

  /** Longest wait of an empty loop since the signal, s; null where none runs. */
  protected stall_s(): number | null {
    return null;
  }

  /** Right before the motion of a trial. */
  protected begins(): void {}

  /** How much of the cruise is to lie after the signal, s. */
  protected cruiseAfter_s(_death: Trouble): number {
    return CRUISE_AFTER_S;
  }

  /** Returns the time just before the deed; null where it came too late for the cruise. */
  protected async strike(death: Trouble, supervisor_pid: number, _cruise_end_s: number): Promise<number | null> {
    // To signal process 0 is to signal this one and all its kin.
    if (supervisor_pid <= 0) throw new Error('the supervisor does not run');
    let signal_s = MACHINE_CLOCK.now_s();
    switch (death) {
      case 'lease lost':
        // Counted from when the supervisor has heard of it.
        return z.number().parse(await this.ask({ kind: 'lose_lease' }));
      case 'supervisor killed':
        process.kill(supervisor_pid, 'SIGKILL');
        return signal_s;
      case 'control killed':
        this.host.signal('SIGKILL');
        return signal_s;
      case 'supervisor frozen':
      case 'control frozen': {
        const pid = death === 'control frozen' ? this.host.pid : supervisor_pid;
        this.thaw.later(pid);
        signal_s = MACHINE_CLOCK.now_s();
        process.kill(pid, 'SIGSTOP');
        return signal_s;
      }
      default:
        throw new Error(`${death}: this rig has no supervisor on a bus`);
    }
  }

  protected async mend(death: Trouble): Promise<void> {
    this.thaw.now();
    if (death === 'supervisor killed') await this.ask({ kind: 'restart_supervisor' });
    if (death !== 'control killed') return;
    await this.host.ended;
    this.host = await startHost(this.program, this.arm);
  }

  /** Asks for motion to be allowed again, which may be refused. */
  protected async reset(): Promise<void> {
    await this.ask({ kind: 'reset' }).catch(() => {});
  }

  private async spoil(): Promise<void> {
    this.spoilt++;
    await sleep(500);
  }

  protected async ask(order: HostOrder): Promise<unknown> {
    const heard = this.host.next((message) => hostAnswer.parse(message));
    this.host.send(order);
    const { ok, value } = await heard;
    if (!ok) throw new Error(`${order.kind}: ${String(value)}`);
    return value;
  }

  /** Newest state of the arm, from double `from` on. */
  private armState(from: number): Float64Array {
    this.watch.poll();
    return this.watch.payload.subarray(from);
  }

  private speed(): number {
    const from = ARM_STATE.coordinates + this.robot.model.nq;
    return Math.max(...this.armState(from).subarray(0, this.robot.arm_joints).map(Math.abs));
  }

  protected async until(condition: () => boolean, within_ms: number): Promise<boolean> {
    for (const end = performance.now() + within_ms; performance.now() < end; await sleep(1))
      if (condition()) return true;
    return false;
  }
}

/** An arm in a process of its own, and where its log goes. */
export async function startArm() {
  const program = await compiledProgram('control_host');
  const scratch = mkdtempSync(join(tmpdir(), 'surepick-death-'));
  const robot = loadRobot('panda');
  const script = join(dirname(program), '..', '..', 'runtime', 'arm_process.js');
  const arm = await SimulatedArmProcess.start({ robot, hz: HZ, log_file: join(scratch, 'motion'), script });
  return { robot, scratch, program, arm };
}

/** A control process; without channels to a supervisor it has one of its own. */
export async function startHost(
  program: string,
  arm: SimulatedArmProcess,
  more: object = {},
  link: Readonly<Record<string, Channel>> = {},
): Promise<Child> {
  const host = new Child(program, { robot: 'panda', hz: HZ, ...more }, { ...arm.link, ...link });
  await host.next((message) => hostAnswer.parse(message), START_MS);
  return host;
}
