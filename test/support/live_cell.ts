import { InProcessBus, SILENT_LOG, SIMULATION_SERVICES, SimClock } from '../../contracts/index.ts';
import { loadRobot, type ToolChange } from '../../robots/index.ts';
import {
  ARM_COMMAND,
  ARM_STATE,
  ChannelReader,
  ChannelWriter,
  closeChannel,
  openArmLink,
} from '../../runtime/index.ts';
import { LockStepHost, liveCellOptions, SimNode } from '../../stack/index.ts';

export const PANDA = loadRobot('panda', { visualMeshes: false });
const N = PANDA.arm_joints;
const HZ = 500;

type Services = typeof SIMULATION_SERVICES;

/** A live cell in lock-step on a bus of its own, and the controller's end of its channels. */
export class LockStepCell {
  readonly bus = new InProcessBus({ validate: true });
  readonly node: SimNode;
  readonly states: ChannelReader;
  quits = 0;
  private readonly link = openArmLink(PANDA);
  private readonly commands: ChannelWriter;
  private host: LockStepHost | null = null;
  private sequence = 0;
  private since_s = Number.NaN;
  private elapsed = 0;

  constructor(options: object = {}, tool: ToolChange | null = null) {
    this.commands = new ChannelWriter(this.link.command);
    this.states = new ChannelReader(this.link.state);
    this.node = new SimNode({
      cell: { ...liveCellOptions.parse({ cameras: false, ...options }), tool },
      link: this.link,
      onQuit: () => {
        this.quits++;
      },
      start: async (...all) => {
        this.host = await LockStepHost.start(...all);
        return this.host;
      },
    });
  }

  static async start(options: object = {}, tool: ToolChange | null = null): Promise<LockStepCell> {
    const cell = new LockStepCell(options, tool);
    await cell.node.configure({ bus: cell.bus, clock: new SimClock(), log: SILENT_LOG });
    cell.node.activate();
    return cell;
  }

  get joint1(): { readonly position: number; readonly velocity: number } {
    const { payload } = this.states;
    const c = ARM_STATE.coordinates;
    return { position: payload[c], velocity: payload[c + PANDA.model.nq] };
  }

  get phase(): number {
    return this.states.payload[ARM_STATE.phase];
  }

  call<K extends keyof Services>(name: K, request: Parameters<Services[K]['request']['parse']>[0]) {
    const service: Services[K] = SIMULATION_SERVICES[name];
    return this.bus.call(service as never, request as never) as Promise<ReturnType<Services[K]['response']['parse']>>;
  }

  /** Turns of the simulation; promises are served between them. */
  async turns(count: number): Promise<void> {
    for (let k = 0; k < count; k++) {
      this.elapsed++;
      if (!Number.isNaN(this.since_s)) this.command();
      this.host?.turn();
      this.states.poll();
      await Promise.resolve();
    }
  }

  /** Turns until a promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const end = () => {
      settled = true;
    };
    promise.then(end, end);
    for (let k = 0; k < 100 * HZ && !settled; k++) await this.turns(1);
    return promise;
  }

  /** Swings joint 1 from where it stands, q0 + 0.3 (1 − cos 2t), from now on; or commands nothing any more. */
  swing(on: boolean): void {
    this.since_s = on ? this.elapsed / HZ : Number.NaN;
  }

  async close(): Promise<void> {
    this.node.deactivate();
    await this.node.cleanup();
    closeChannel(this.link.command);
    closeChannel(this.link.state);
  }

  private command(): void {
    const { payload } = this.commands;
    const t = (this.elapsed - 1) / HZ - this.since_s;
    payload.fill(0);
    payload[ARM_COMMAND.session] = 1;
    payload[ARM_COMMAND.sequence] = ++this.sequence;
    payload[ARM_COMMAND.drives_on] = 1;
    payload[ARM_COMMAND.gripper_width_m] = 0.05;
    payload[ARM_COMMAND.gripper_force_N] = 20;
    for (let i = 0; i < N; i++) payload[ARM_COMMAND.joints + i] = PANDA.home_q[i];
    payload[ARM_COMMAND.joints] += 0.3 * (1 - Math.cos(2 * t));
    payload[ARM_COMMAND.joints + N] = 0.6 * Math.sin(2 * t);
    payload[ARM_COMMAND.joints + 2 * N] = 1.2 * Math.cos(2 * t);
    this.commands.send();
  }
}
