import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { CameraName } from '../../contracts/index.ts';
import {
  type Channel,
  ChannelReader,
  ChannelWriter,
  Deadlines,
  MACHINE_CLOCK,
  REALTIME,
  Sleeper,
  tryRealtime,
} from '../../runtime/index.ts';
import { prepareEngine, type SceneModel } from '../../sim/index.ts';
import { DT_S } from '../rates.ts';
import type { Exposure } from './exposure.ts';
import type { Timing } from './host.ts';
import { LiveWorld } from './live_world.ts';
import { type LiveCellOptions, robotOfCell } from './options.ts';
import type { ServiceName } from './services.ts';
import { Simulation, type SimulationReport } from './simulation.ts';
import { StepClock } from './step_clock.ts';

/** Handed to the simulation's thread once; `cameras` leads to the cameras' thread. */
export interface LiveSetup {
  readonly options: LiveCellOptions;
  readonly command: Channel;
  readonly state: Channel;
  readonly cameras: MessagePort | null;
}

export type ToSimulation =
  | { readonly kind: 'call'; readonly id: number; readonly name: ServiceName; readonly request: unknown }
  | { readonly kind: 'close' };

export type FromSimulation =
  | { readonly kind: 'ready' }
  | { readonly kind: 'report'; readonly report: SimulationReport; readonly timing: Timing }
  | { readonly kind: 'answer'; readonly id: number; readonly response: unknown; readonly error: string }
  | { readonly kind: 'quit' };

/** To the cameras' thread, which answers with the name of the camera that has taken its picture. */
export type ToCameras =
  | { readonly kind: 'scene'; readonly scene: SceneModel }
  | { readonly kind: 'expose'; readonly exposure: Exposure };

/** Pictures of one camera that may wait for the cameras' thread. */
const MOST_PENDING = 2;

/** Body of the simulation's thread: steps at absolute deadlines, serving messages between them. */
async function main({ options, command, state, cameras }: LiveSetup): Promise<void> {
  const post = (message: FromSimulation) => parentPort?.postMessage(message);
  const show = (message: ToCameras) => cameras?.postMessage(message);
  await prepareEngine(options.engine);
  const robot = robotOfCell(options, false);
  const world = new LiveWorld(robot, options, new ChannelReader(command), new ChannelWriter(state));
  const clock = new StepClock(DT_S / options.pace);
  const pending = new Map<CameraName, number>();
  let skipped = 0;
  cameras?.on('message', (camera: CameraName) => pending.set(camera, (pending.get(camera) ?? 1) - 1));

  const simulation = new Simulation(world, options.cameras ? options.camera_hz : 0, {
    report: (report) => post({ kind: 'report', report, timing: { ...clock.timing(), pictures_skipped: skipped } }),
    scene: (scene) => show({ kind: 'scene', scene }),
    expose: (exposure) => {
      const waiting = pending.get(exposure.camera) ?? 0;
      if (waiting >= MOST_PENDING) skipped++;
      else {
        pending.set(exposure.camera, waiting + 1);
        show({ kind: 'expose', exposure });
      }
    },
    quit: () => post({ kind: 'quit' }),
  });

  const answer = async (id: number, name: ServiceName, request: unknown) => {
    try {
      const handler: (request: never) => unknown = simulation.handlers[name];
      post({ kind: 'answer', id, response: await handler(request as never), error: '' });
    } catch (error) {
      post({ kind: 'answer', id, response: null, error: error instanceof Error ? error.message : String(error) });
    }
  };
  let closing = false;
  parentPort?.on('message', (message: ToSimulation) => {
    if (message.kind === 'close') closing = true;
    else answer(message.id, message.name, message.request);
  });

  tryRealtime(REALTIME.arm);
  const sleeper = new Sleeper(MACHINE_CLOCK);
  const deadlines = new Deadlines(DT_S / options.pace);
  const turn = () => {
    if (closing && !simulation.stoppingArm) {
      world.dispose();
      cameras?.close();
      parentPort?.close();
      return;
    }
    const now_s = sleeper.until(deadlines.next_s);
    deadlines.begin(now_s);
    simulation.turn(clock.due(deadlines.passed(now_s), now_s, simulation.running));
    setImmediate(turn);
  };
  world.report();
  post({ kind: 'ready' });
  deadlines.start(MACHINE_CLOCK.now_s());
  setImmediate(turn);
}

await main(workerData);
