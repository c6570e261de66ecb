import type { ArmLink } from '../../runtime/index.ts';
import { ChannelReader, ChannelWriter } from '../../runtime/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { DT_S } from '../rates.ts';
import { CameraRig, type Exposure, type Picture } from './exposure.ts';
import { LiveWorld } from './live_world.ts';
import { type LiveCellOptions, robotOfCell } from './options.ts';
import type { Request, Response, ServiceName } from './services.ts';
import { Simulation, type SimulationReport } from './simulation.ts';

/** How punctual whoever keeps the time has been since it began. */
export interface Timing {
  /** Steps made later than one step after they fell due, and steps given up because too many were due at once. */
  readonly late: number;
  readonly lost: number;
  /** Simulated seconds a second, over the last second. */
  readonly real_time_factor: number;
  /** Pictures not taken because the cameras were still at work. */
  readonly pictures_skipped: number;
}

export interface HostEvents {
  readonly report: (report: SimulationReport, timing: Timing) => void;
  readonly picture: (picture: Picture) => void;
  readonly quit: () => void;
  /** The simulation has ended by itself; nothing comes any more. */
  readonly failed: (error: Error) => void;
}

/** Where a simulation runs. */
export interface SimulationHost {
  call<K extends ServiceName>(name: K, request: Request<K>): Promise<Response<K>>;
  close(): Promise<void>;
}

export type StartHost = (options: LiveCellOptions, link: ArmLink, events: HostEvents) => Promise<SimulationHost>;

const PUNCTUAL: Timing = { late: 0, lost: 0, real_time_factor: 1, pictures_skipped: 0 };

/** A simulation in the caller's thread, whose time passes when it is told to: same calls, same bytes. */
export class LockStepHost implements SimulationHost {
  private readonly simulation: Simulation;

  private constructor(simulation: Simulation) {
    this.simulation = simulation;
  }

  static async start(options: LiveCellOptions, link: ArmLink, events: HostEvents): Promise<LockStepHost> {
    await prepareEngine(options.engine);
    const robot = robotOfCell(options, options.cameras);
    const world = new LiveWorld(robot, options, new ChannelReader(link.command), new ChannelWriter(link.state));
    const rig = new CameraRig(robot.model, world.variation, world.rng);
    const expose = (exposure: Exposure) => {
      const picture = rig.take(exposure);
      if (picture !== null) events.picture(picture);
    };
    const simulation = new Simulation(world, options.cameras ? options.camera_hz : 0, {
      ...{ expose, quit: events.quit, report: (report) => events.report(report, PUNCTUAL) },
      scene: (scene) => {
        if (options.cameras) rig.setScene(scene);
      },
    });
    return new LockStepHost(simulation);
  }

  get time_s(): number {
    return this.simulation.world.steps * DT_S;
  }

  /** One turn of the simulation, with one step where time passes. */
  turn(): void {
    this.simulation.turn(1);
  }

  async call<K extends ServiceName>(name: K, request: Request<K>): Promise<Response<K>> {
    return this.simulation.handlers[name](request);
  }

  async close(): Promise<void> {
    this.simulation.world.dispose();
  }
}
