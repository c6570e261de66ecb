import { z } from 'zod';
import type { Rng } from '../../contracts/index.ts';
import { atNiceness, NICENESS } from '../../launch/priority.ts';
import type { Robot } from '../../robots/index.ts';
import { Child, closeChannel, type GateLink, openGateLink, type SimulatedArmProcess } from '../../runtime/index.ts';
import { lastJson } from './cli.ts';
import { type CliHost, startCliHost } from './cli_host.ts';
import { DeathRig, START_MS, startArm, startHost } from './death_rig.ts';
import { declaredReaction_s, EXTERNAL_TIMEOUT_S, SEPARATION, type Trouble } from './death_trial.ts';
import { compiledProgram } from './programs.ts';
import { freshDomain, type RosTestbed } from './ros.ts';
import { StallWatch } from './stall_watch.ts';
import type { StopOrder } from './stop_host.ts';

const stopAnswer = z.object({ kind: z.string(), ok: z.boolean(), value: z.unknown() });
const stopCalled = z.object({ success: z.literal(true), sent_s: z.number() });
const stopPrinted = z.looseObject({
  stopped: z.boolean(),
  asked: z.array(z.object({ by: z.string(), stopped: z.boolean(), sent_s: z.number() })),
});

/** Of the arm: the command line must stop no other of this machine. */
const NAMESPACE = `/stop_rig_${process.pid}`;
const STOP = ['safety', 'stop', '--namespace', NAMESPACE, '--no-ros', '--json'];
/** An empty loop that is kept waiting longer than this shows a machine that spoils what it measures, s. */
const STALL_S = 0.02;
/** Of the cruise, this is to lie after the declared reaction, and what the command line takes until it sends, s. */
const AFTER_S = 0.05;
const COMMAND_LINE_S = 0.35;

/** Processes around the arm: the supervisor on a bus, and the plant's sources on the same, which may be one. */
interface Around {
  readonly link: Required<GateLink>;
  readonly safety: Child;
  readonly plant: Child;
  readonly command_line: CliHost;
}

/**
 * An arm whose supervisor is a process on a bus, asked to stop by whoever may: a service's client, the command line, a
 * source that falls silent. Over ROS supervisor and sources are processes of their own; without it one.
 */
export class StopRig extends DeathRig {
  /** Trials in which an empty loop beside the motion stalled before the signal. */
  stalled = 0;
  private readonly around: Around;
  private readonly stalls = new StallWatch();

  private constructor(
    robot: Robot,
    rng: Rng,
    scratch: string,
    program: string,
    arm: SimulatedArmProcess,
    host: Child,
    around: Around,
  ) {
    super(robot, rng, scratch, program, arm, host);
    this.around = around;
  }

  /** @param ros  null for a bus within the supervisor's process */
  static async startOn(ros: RosTestbed | null, rng: Rng): Promise<StopRig> {
    const { robot, scratch, program, arm } = await startArm();
    const link = openGateLink();
    const script = await compiledProgram('stop_host');
    const told = { robot: 'panda', namespace: NAMESPACE, ros: ros !== null, external_timeout_s: EXTERNAL_TIMEOUT_S };
    const domain = ros === null ? {} : { ...ros.env, ROS_DOMAIN_ID: String(freshDomain()), NODE_OPTIONS: '' };
    const variables = { ...domain, XDG_RUNTIME_DIR: scratch };
    const begin = async (roles: readonly string[]) => {
      const channels = roles.includes('safety') ? { ...link } : {};
      const start = () => new Child(script, { ...told, roles }, channels, variables);
      // As a launched graph starts its supervisor.
      const child = roles.includes('safety') ? atNiceness(NICENESS.realtime, start) : start();
      await child.next((message) => (stopAnswer.parse(message).kind === 'ready' ? true : undefined), START_MS);
      return child;
    };
    const [command_line, safety, apart, host] = await Promise.all([
      startCliHost({ XDG_RUNTIME_DIR: scratch }),
      begin(ros === null ? ['safety', 'plant'] : ['safety']),
      ros === null ? null : begin(['plant']),
      startHost(program, arm, { separation: SEPARATION }, { ...link }),
    ]);
    const around = { link, safety, plant: apart ?? safety, command_line };
    await command_line.run(STOP, scratch);
    const rig = new StopRig(robot, rng, scratch, program, arm, host, around);
    // A client's first call waits until it and the server have found each other, which may take seconds.
    await rig.tell('plant', { kind: 'stop' });
    return rig;
  }

  protected override begins(): void {
    this.stalls.take();
  }

  protected override stall_s(): number {
    return this.stalls.take();
  }

  protected override cruiseAfter_s(trouble: Trouble): number {
    const own = trouble === 'stop by command line' ? COMMAND_LINE_S : 0.1;
    return declaredReaction_s(trouble) + AFTER_S + own;
  }

  protected override async strike(trouble: Trouble, _pid: number, cruise_end_s: number): Promise<number | null> {
    const spoilt = () => {
      if (this.stalls.take() <= STALL_S) return false;
      this.stalled++;
      return true;
    };
    const signal_s = await this.deed(trouble, spoilt);
    return signal_s === null || signal_s > cruise_end_s - declaredReaction_s(trouble) - AFTER_S ? null : signal_s;
  }

  protected override async mend(): Promise<void> {
    await this.tell('plant', { kind: 'speak' });
  }

  protected override async reset(): Promise<void> {
    await this.tell('safety', { kind: 'reset' }).catch(() => {});
  }

  protected override async close(): Promise<void> {
    const { link, safety, plant, command_line } = this.around;
    this.stalls.end();
    await super.close();
    command_line.close();
    for (const child of [safety, plant]) child.signal('SIGKILL');
    await Promise.all([safety.ended, plant.ended]);
    for (const channel of Object.values(link)) closeChannel(channel);
  }

  /** When it was done; null where the machine stalled before. */
  private async deed(trouble: Trouble, spoilt: () => boolean): Promise<number | null> {
    switch (trouble) {
      case 'stop by service': {
        if (spoilt()) return null;
        return stopCalled.parse(await this.tell('plant', { kind: 'stop' })).sent_s;
      }
      case 'stop by command line': {
        if (spoilt()) return null;
        const ended = await this.around.command_line.run(STOP, this.scratch);
        const { stopped, asked } = lastJson(ended, stopPrinted);
        if (!stopped || ended.code !== 0) throw new Error(`the command line stopped nothing: ${ended.stderr}`);
        return asked[0].sent_s;
      }
      case 'stop by topic': {
        if (spoilt()) return null;
        return z.number().parse(await this.tell('plant', { kind: 'press' }));
      }
      case 'external source silent':
      case 'tracks silent': {
        if (spoilt()) return null;
        const source = trouble === 'tracks silent' ? 'tracks' : 'external';
        return z.number().parse(await this.tell('plant', { kind: 'silence', source }));
      }
      default:
        throw new Error(`${trouble}: belongs to a rig whose supervisor can be killed`);
    }
  }

  private async tell(who: 'safety' | 'plant', order: StopOrder): Promise<unknown> {
    const child = this.around[who];
    const heard = child.next((message) => {
      const answer = stopAnswer.parse(message);
      return answer.kind === order.kind ? answer : undefined;
    });
    child.send(order);
    const { ok, value } = await heard;
    if (!ok) throw new Error(`${order.kind}: ${String(value)}`);
    return value;
  }
}
