import {
  type Bus,
  CAMERAS,
  type JointState,
  type Node,
  type NodeContext,
  SIMULATION_SERVICES,
  SimClock,
  type SimulationState,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';
import { poseFrom12 } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { ArmLink } from '../../runtime/index.ts';
import { CAMERA_SPECS } from '../../sim/index.ts';
import type { Picture } from './exposure.ts';
import type { SimulationHost, StartHost, Timing } from './host.ts';
import { LiveThread } from './live_thread.ts';
import { type LiveCellOptions, robotOfCell } from './options.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';
import type { SimulationReport } from './simulation.ts';

export interface SimNodeOptions {
  readonly cell: LiveCellOptions;
  /** The arm's ends of the channels are this node's; it closes neither. */
  readonly link: ArmLink;
  readonly name?: string;
  /** Where the simulation runs; by default in threads of its own, at the pace of the machine's clock. */
  readonly start?: StartHost;
  /** After /set_simulation_state asked to quit, and was answered. */
  readonly onQuit?: () => void;
}

const QUIT_AFTER_MS = 100;

/**
 * A simulated cell as a node: publishes /clock, wrench, pictures and the frames of fixed cameras, and serves
 * simulation_interfaces. From its configuration on the arm reports on its channels and time stands still; time passes
 * while the node is active.
 */
export class SimNode implements Node {
  readonly name: string;
  private readonly options: SimNodeOptions;
  private readonly robot: Robot;
  private context: NodeContext | null = null;
  private host: SimulationHost | null = null;
  private undo: (() => void)[] = [];
  private active = false;
  /** Simulated time, by which pictures are late. */
  private clock = new SimClock();
  private restarts = 0;
  private report: SimulationReport | null = null;
  private timing: Timing | null = null;
  private failure = '';
  private pictures = 0;

  constructor(options: SimNodeOptions) {
    this.name = options.name ?? 'sim';
    this.options = options;
    this.robot = robotOfCell(options.cell, false);
  }

  async configure(context: NodeContext): Promise<void> {
    const { cell, link, start = LiveThread.start } = this.options;
    this.context = context;
    this.clock = new SimClock();
    this.failure = '';
    this.report = null;
    this.host = await start(cell, link, {
      report: (report, timing) => this.onReport(report, timing),
      picture: (picture) => this.onPicture(picture),
      quit: () => void setTimeout(() => this.options.onQuit?.(), QUIT_AFTER_MS),
      failed: (error) => {
        this.failure = error.message;
        context.log.error({ reason: error.message }, 'the simulation has ended');
      },
    });
  }

  activate(): void {
    const { bus } = this.required();
    this.active = true;
    for (const name of SERVICE_NAMES) this.serve(bus, name);
    this.publishCameraFrames();
    this.setState('playing');
  }

  deactivate(): void {
    for (const undo of this.undo) undo();
    this.undo = [];
    this.active = false;
    if (this.report?.state !== 'quitting') this.setState('paused');
  }

  async cleanup(): Promise<void> {
    const { host } = this;
    this.host = null;
    await host?.close();
    this.context = null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { report, timing } = this;
    return {
      ...(this.failure === '' ? {} : { failure: this.failure }),
      ...(report === null
        ? {}
        : {
            state: report.state,
            arm_phase: report.arm_phase,
            arm_commands_refused: report.commands_refused,
            arm_stopped_by_itself: report.arm_braked,
            restarts: report.restarts,
            ...(report.failure === '' ? {} : { world: report.failure }),
          }),
      ...(timing === null
        ? {}
        : {
            steps_late: timing.late,
            steps_lost: timing.lost,
            real_time_factor: timing.real_time_factor.toFixed(3),
            pictures_skipped: timing.pictures_skipped,
          }),
      pictures: this.pictures,
    };
  }

  private serve<K extends ServiceName>(bus: Bus, name: K): void {
    // Each service with the types of its own name, which the compiler cannot follow through the table.
    const service = SIMULATION_SERVICES[name] as Parameters<typeof bus.serve<never, unknown>>[0];
    this.undo.push(bus.serve(service, (request) => this.requiredHost().call(name, request)));
  }

  private setState(state: SimulationState): void {
    const { log } = this.required();
    this.host?.call('set_state', { state }).then(
      ({ result: { code, message } }) => {
        if (code !== 1 && code !== 101) log.warn({ code, reason: message }, `the simulation is not ${state}`);
      },
      (error: unknown) => log.error({ reason: String(error) }, `the simulation is not ${state}`),
    );
  }

  private onReport(report: SimulationReport, timing: Timing): void {
    const before = this.report;
    this.report = report;
    this.timing = timing;
    if (report.failure !== '' && report.failure !== before?.failure) {
      this.context?.log.error({ reason: report.failure }, 'the simulated world has come apart; reset it');
    }
    if (report.restarts !== this.restarts) {
      // What was on its way is of another past.
      this.restarts = report.restarts;
      this.clock = new SimClock();
    }
    if (!this.active) return;
    const { bus } = this.required();
    const { stamp_ns } = report;
    bus.publish(TOPICS.clock, { stamp_ns });
    this.clock.advance(stamp_ns);
    if (before !== null && before.stamp_ns === stamp_ns) return;
    const [fx, fy, fz, tx, ty, tz] = report.wrench;
    const frame_id = this.robot.tcp_frame;
    bus.publish(TOPICS.wrench, { stamp_ns, frame_id, force: [fx, fy, fz], torque: [tx, ty, tz] });
    if (!this.options.cell.joint_states) return;
    const { position, velocity, effort } = report;
    const message: JointState = { stamp_ns, names: this.robot.model.joint_names, position, velocity, effort };
    bus.publish(TOPICS.joint_states, message);
  }

  /** Holds a picture back until the camera's latency has passed; it may have passed while it was drawn. */
  private onPicture({ camera, frame, latency_s }: Picture): void {
    if (!this.active) return;
    const { bus } = this.required();
    const topics = CAMERAS[camera];
    const publish = () => {
      this.pictures++;
      bus.publish(topics.info, frame.info);
      bus.publish(topics.colour, frame.colour);
      bus.publish(topics.depth, frame.depth);
    };
    const due_ns = frame.info.stamp_ns + secondsToStamp(latency_s);
    if (due_ns <= this.clock.now_ns()) publish();
    else this.clock.schedule(due_ns, publish);
  }

  /** Of cameras that stand in the world; those on the robot are links of its URDF. */
  private publishCameraFrames(): void {
    if (!this.options.cell.cameras) return;
    const transforms = Object.values(CAMERA_SPECS).flatMap(({ mount: T, frame_id }) => {
      if (typeof T === 'string') return [];
      const pose = poseFrom12([T[0], T[1], T[2], T[4], T[5], T[6], T[8], T[9], T[10], T[3], T[7], T[11]]);
      return [{ parent: 'world', child: frame_id, pose }];
    });
    this.required().bus.publish(TOPICS.tf_static, { stamp_ns: this.clock.now_ns(), transforms });
  }

  private requiredHost(): SimulationHost {
    if (this.host === null) throw new Error('the simulation is not configured');
    return this.host;
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the simulation is not configured');
    return this.context;
  }
}
