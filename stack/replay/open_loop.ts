import { InProcessBus, SILENT_LOG, SimClock, secondsToStamp } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { InvalidStateError, prepareEngine } from '../../sim/index.ts';
import { SimCell } from '../cell.ts';
import { TraceWriter } from '../digest.ts';
import { type WorldRecord, worldOf } from '../world_record.ts';
import { CommandPlayer } from './command_player.ts';
import type { RecordedCommands } from './recorded_commands.ts';

/** What an arm did that was told what another was told. */
export interface OpenLoop {
  readonly engine: string;
  /** Rows as an EpisodeTrace has them. */
  readonly steps: Float64Array;
  readonly width: number;
  /** Cycles in which the gate changed or stopped a command. */
  readonly interventions: number;
  /** Why it ended before the recording; empty where it did not. */
  readonly ended: string;
}

/**
 * Plays recorded commands in the world of a record, in an engine of choice: through the control loop, the safety gate and
 * the driver of a cell, with nobody who looks and nobody who decides.
 *
 * @param until_s  simulated time at which it ends
 */
export async function playOpenLoop(
  robot: Robot,
  record: WorldRecord,
  commands: RecordedCommands,
  engine: string,
  until_s: number,
  stopped: () => boolean = () => false,
): Promise<OpenLoop> {
  await prepareEngine(engine);
  const { instance, rng, randomization } = worldOf(record);
  const clock = new SimClock();
  const bus = new InProcessBus();
  const context = { bus, clock, log: SILENT_LOG };
  const cell = new SimCell(robot, instance.scene, rng, context, false, engine, randomization);
  const trace = new TraceWriter(cell.engine);
  cell.loop.source = new CommandPlayer(commands, cell.loop.gripper);
  let ended = '';
  try {
    for (const node of cell.nodes) {
      await node.configure(context);
      node.activate();
    }
    for (let cycle = 0; cell.time_s < until_s - 1e-9; cycle++) {
      if (cycle % 50 === 0 && stopped()) break;
      cell.step();
      trace.write(cell.engine);
      clock.advance(secondsToStamp(cell.time_s));
      cell.publish();
      if (bus.active) await bus.settled();
    }
  } catch (error) {
    if (!(error instanceof InvalidStateError)) throw error;
    ended = `at ${cell.time_s.toFixed(2)} s ${error.message}`;
  } finally {
    for (const node of [...cell.nodes].reverse()) {
      node.deactivate();
      await node.cleanup();
    }
  }
  const { gate } = cell;
  const { steps } = trace.finish(record.index, {});
  const result = { engine, steps, width: trace.width, interventions: gate.interventions.count, ended };
  cell.dispose();
  return result;
}
