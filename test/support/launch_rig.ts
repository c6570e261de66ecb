import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { JointState } from '../../contracts/index.ts';
import { loadGraph } from '../../launch/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { withoutSharedMemory } from '../../ros/index.ts';
import { MACHINE_CLOCK, RecordedMotion } from '../../runtime/index.ts';
import { writeApproved } from './approved.ts';
import { ArmStandInProcess } from './arm_stand_in_process.ts';
import { ArmTap } from './arm_tap.ts';
import { type Running, startCli } from './cli.ts';
import { writeCommissioned } from './commissioned.ts';
import { GraphClient, type Moved } from './graph_client.ts';
import { freshDomain, type RosTestbed } from './ros.ts';
import { CRUISE_SPEED, nudge, swing } from './swing.ts';
import { Thaw } from './thaw.ts';

const STANDSTILL = 0.01;
export type LaunchDriver = 'sim' | 'ros2_control';
export type Blow = 'killed' | 'frozen';

/** One process struck while the arm was in full motion. */
export interface LaunchBlow {
  readonly node: string;
  readonly blow: Blow;
  readonly signal_s: number;
  readonly end_s: number;
  /** From the signal until the arm has lost 2 % of its speed, by the arm's own log; NaN where it was not in its cruise. */
  reaction_s: number;
}

/**
 * A launched graph on ROS 2 with one of the drivers, a client beside it, and with `ros2_control` an arm that is no part of
 * it. Processes of the graph are killed and frozen; the launcher is to bring them back.
 */
export class LaunchRig {
  readonly client: GraphClient;
  readonly blows: LaunchBlow[] = [];
  /** What became of the last swing. */
  said = '';
  private readonly robot = loadRobot('panda', { visualMeshes: false });
  private readonly scratch: string;
  private readonly launcher: Running;
  private readonly arm: ArmStandInProcess | null;
  private readonly thaw = new Thaw();
  private tap: ArmTap | null = null;

  private constructor(scratch: string, launcher: Running, arm: ArmStandInProcess | null, client: GraphClient) {
    this.scratch = scratch;
    this.launcher = launcher;
    this.arm = arm;
    this.client = client;
  }

  static async start(ros: RosTestbed, driver: LaunchDriver): Promise<LaunchRig> {
    // The launcher chooses how its processes are reached; the arm and the client outlive them as others would.
    const beside = { ...ros, env: withoutSharedMemory(ros.env) };
    const domain = freshDomain();
    const scratch = mkdtempSync(join(tmpdir(), 'surepick-launch-'));
    const file = join(scratch, 'graph.yaml');
    writeFileSync(file, stringify(graph(driver, driver === 'sim' ? '' : writeCommissioned(scratch, driver))));
    const log_file = join(scratch, 'motion');
    const arm = driver === 'sim' ? null : await ArmStandInProcess.start({ ros: beside, domain, log_file });
    const args = ['launch', file, '--bus', 'ros', '--domain-id', String(domain), '--out', join(scratch, 'out')];
    const approved = driver === 'sim' ? null : writeApproved(scratch, driver, loadGraph(file).cells[0]);
    const env = { ...ros.env, ROS_DOMAIN_ID: String(domain), ...approved?.env };
    const launcher = startCli([...args, ...(approved?.args ?? [])], scratch, env);
    const client = await GraphClient.start(ros, domain);
    const rig = new LaunchRig(scratch, launcher, arm, client);
    const died = launcher.ended.then(({ stderr }) => Promise.reject(new Error(`the launcher ended:\n${stderr}`)));
    const up = client.until(() => true, 'word of the supervisor', 90_000).then(() => rig.ready());
    await Promise.race([up, died]);
    died.catch(() => {});
    if (driver === 'sim') rig.tap = await ArmTap.start(rig.pidOf('control'), rig.robot, join(scratch, 'motion'));
    return rig;
  }

  /** Resets until motion is allowed; a busy machine may stop the arm again, and nodes that come back take their time. */
  async ready(): Promise<void> {
    let last = '';
    for (const end = performance.now() + 60_000; performance.now() < end; await sleep(100)) {
      const state = await this.client.state();
      if (state?.mode === 'automatic' && state.lease_valid && !state.latched) return;
      if (state !== null && (state.mode !== 'initialising' || state.latched))
        last = (await this.client.reset().catch(say)).message;
    }
    throw new Error(`not ready: ${last}`);
  }

  /** Swings the first joint and strikes in mid-motion; false where the arm was not moving. */
  async strike(node: string, blow: Blow): Promise<boolean> {
    await this.ready();
    const joints = await this.joints();
    this.said = 'nothing';
    void this.client
      .move(swing(this.robot, joints))
      .then(({ status, result }) => {
        this.said = `${status} ${result.reason}`;
      })
      .catch(() => {});
    const moving = await this.waitFor(async () => Math.abs((await this.joints()).velocity[0]) > 0.97 * CRUISE_SPEED);
    if (!moving) return false;
    await sleep(100);
    const pid = this.pidOf(node);
    if (blow === 'frozen') this.thaw.later(pid);
    // A test that was kept waiting finds the arm at its end.
    if (Math.abs((await this.joints()).velocity[0]) < 0.97 * CRUISE_SPEED) return false;
    const signal_s = MACHINE_CLOCK.now_s();
    process.kill(pid, blow === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    await sleep(900);
    this.blows.push({ node, blow, signal_s, end_s: MACHINE_CLOCK.now_s(), reaction_s: Number.NaN });
    return true;
  }

  /** Frozen processes that nobody has ended wake. */
  wake(): void {
    this.thaw.now();
  }

  /** Process of a node of the graph; throws where there is none. */
  pidOf(node: string): number {
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const parent = / (\d+) /.exec(readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) \S/, ''))?.[1];
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
        if (Number(parent) === this.launcher.pid && command.endsWith(`\0${node}\0`)) return Number(entry);
      } catch {
        // It ended meanwhile.
      }
    }
    throw new Error(`no process of ${node}`);
  }

  /** Sends a short goal and returns what became of it. */
  async move(): Promise<Moved> {
    return this.client.move(nudge(this.robot, await this.joints()));
  }

  /** Ends the graph by its launcher, then the arm; fills in what the arm's log says. Resolves with the exit code. */
  async finish(): Promise<number | null> {
    this.thaw.now();
    this.launcher.signal('SIGINT');
    const ended = await Promise.race([this.launcher.ended, sleep(30_000, null, { ref: false })]);
    if (ended === null) this.launcher.signal('SIGKILL');
    await this.client.close();
    this.thaw.end();
    await this.arm?.close();
    await this.tap?.close();
    const motion = new RecordedMotion(join(this.scratch, 'motion'));
    for (const blow of this.blows) blow.reaction_s = reaction(blow, motion);
    rmSync(this.scratch, { recursive: true, force: true });
    return ended?.code ?? null;
  }

  private async joints(): Promise<JointState> {
    for (const end = performance.now() + 20_000; performance.now() < end; await sleep(5)) {
      const joints = await this.client.joints();
      if (joints !== null) return inOrder(joints, this.robot.model.joint_names);
    }
    throw new Error('no joint states');
  }

  private async waitFor(condition: () => Promise<boolean>): Promise<boolean> {
    for (const end = performance.now() + 3000; performance.now() < end; await sleep(5))
      if (await condition()) return true;
    return false;
  }
}

function say(error: unknown): { message: string } {
  return { message: error instanceof Error ? error.message : String(error) };
}

function graph(driver: LaunchDriver, commissioning: string): object {
  const restart = { max: 50, within_s: 60 };
  const node = (kind: string, parameters: object = {}) => ({ kind, parameters, restart });
  return {
    schema: 'surepick/graph',
    version: 1,
    robot: 'panda',
    nodes: {
      ...(driver === 'sim' ? { sim: node('sim') } : {}),
      safety: node('safety', { commissioning }),
      control: node('control', { driver, limits: 'none' }),
      planning: node('planning'),
    },
  };
}

/** Joint states in the model's order: hardware has its own. */
function inOrder(joints: JointState, names: readonly string[]): JointState {
  const pick = (values: Float64Array) =>
    Float64Array.from(names, (name) => values[joints.names.indexOf(name)] ?? Number.NaN);
  const { position, velocity, effort } = joints;
  return { ...joints, names, position: pick(position), velocity: pick(velocity), effort: pick(effort) };
}

/** NaN where the arm was not in its cruise when struck, infinite where it did not come to rest. */
function reaction({ node, signal_s, end_s }: LaunchBlow, motion: RecordedMotion): number {
  // With the process that simulates it the arm is gone too.
  if (node === 'sim') return Number.NaN;
  const from = motion.rowAt(signal_s);
  const end = motion.rowAt(end_s);
  const speed = (row: number) => Math.abs(motion.v(row)[0]);
  if (Math.abs(speed(from) / CRUISE_SPEED - 1) > 0.05) return Number.NaN;
  if (speed(end) > STANDSTILL) return Number.POSITIVE_INFINITY;
  let slower = end;
  while (slower > from && speed(slower - 1) < 0.98 * speed(from)) slower--;
  return motion.time_s(slower) - signal_s;
}
