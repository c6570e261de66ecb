import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { episodeDigest } from '../digest.ts';
import { STOP_CHECK_CYCLES } from '../episode.ts';
import { ENGINES } from '../options.ts';
import { type Drift, type DriftNumbers, driftNumbers, driftOf } from './drift.ts';
import { playOpenLoop } from './open_loop.ts';
import { readCommands } from './recorded_commands.ts';
import { readOrigin } from './recorded_origin.ts';
import type { ReplayDuties } from './replay_episode.ts';
import type { ReplaySource } from './sources.ts';

/** In which engine to play: the one that recorded, the other, or one by name. */
export const OPEN_LOOP_ENGINES = ['same', 'other', ...ENGINES] as const;
export type OpenLoopEngine = (typeof OPEN_LOOP_ENGINES)[number];

/** How far something drifted: median, 95th percentile, greatest and last distance (mm) and turn (deg). */
export interface PoseDrift {
  readonly name: string;
  readonly mm: DriftNumbers;
  readonly deg: DriftNumbers;
}

/** What became of a recording whose commands were played in the open loop. */
export interface EpisodeOpenLoop {
  readonly id: string;
  readonly file: string;
  readonly result: 'played' | 'cannot';
  /** Why it cannot, or what is to be known of it. */
  readonly reasons: readonly string[];
  readonly task: string;
  readonly recorded_engine: string;
  readonly engine: string;
  /** Null where it was not played. */
  readonly joints_rad: DriftNumbers | null;
  readonly tool: PoseDrift | null;
  readonly objects: readonly PoseDrift[];
  /** Cycles in which the gate changed or stopped a command. */
  readonly interventions: number;
  /** For plots. */
  readonly series: Drift | null;
  readonly sim_seconds: number;
  readonly wall_seconds: number;
}

/**
 * Plays what an arm was told in an episode to the arm of another engine, or of the same, and says how far it drifts from
 * what happened. What happened is taken from playing the episode again in its own engine, for a recording does not tell
 * where objects were.
 */
export async function openLoopEpisode(
  source: ReplaySource,
  asked: OpenLoopEngine,
  robot: Robot,
  duties: ReplayDuties,
): Promise<EpisodeOpenLoop | null> {
  const started_s = duties.now_s();
  const { id, file } = source;
  const cannot = (reason: string): EpisodeOpenLoop => ({
    ...{ id, file, result: 'cannot', reasons: [reason], task: '', recorded_engine: '', engine: '' },
    ...{ joints_rad: null, tool: null, objects: [], interventions: 0, series: null, sim_seconds: 0, wall_seconds: 0 },
  });
  try {
    const { world, outcome } = await readOrigin(file);
    if (world === null) return cannot('is no simulated episode: it has no record of a world');
    const { options } = world;
    const engine = engineOf(asked, options.engine);
    const commands = await readCommands(file, robot);
    const runner = await duties.runnerFor(options, world.calibration ?? null);
    const cut_steps = outcome?.interrupted === 'true' ? Number(outcome.steps) : Number.POSITIVE_INFINITY;
    let questions = 0;
    const { trace } = await runner.replay(world, {
      ...{ pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, onStage: () => {} },
      stopped: () => duties.stopped() || questions++ * STOP_CHECK_CYCLES >= cut_steps,
    });
    const until_s = commands.time_s[commands.time_s.length - 1];
    const open = await playOpenLoop(robot, world, commands, engine, until_s, duties.stopped);
    if (duties.stopped()) return null;
    const drift = driftOf(robot, open.width, trace.steps, open.steps);
    const reasons = outcome?.digest === episodeDigest(trace) ? [] : [OTHER_TRUTH];
    if (open.ended !== '') reasons.push(`ended ${open.ended}`);
    return {
      ...{ id, file, result: 'played', reasons, task: options.task, recorded_engine: options.engine, engine },
      joints_rad: driftNumbers(drift.joints_rad),
      tool: poseDrift('tool', drift.tool_m, drift.tool_rad),
      objects: world.scene.objects.map(({ colour, class: kind }, k) =>
        poseDrift(`${colour} ${kind} ${k}`, drift.objects_m[k], drift.objects_rad[k]),
      ),
      interventions: open.interventions,
      series: drift,
      sim_seconds: drift.time_s.at(-1) ?? 0,
      wall_seconds: duties.now_s() - started_s,
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return cannot(error.message);
  }
}

const OTHER_TRUTH = 'compared with a replay that is not the recorded episode: replay it closed-loop to see why';

function engineOf(asked: OpenLoopEngine, recorded: string): string {
  if (asked === 'same') return recorded;
  if (asked !== 'other') return asked;
  const others = ENGINES.filter((name) => name !== recorded);
  return others[0] ?? recorded;
}

function poseDrift(name: string, metres: readonly number[], radians: readonly number[]): PoseDrift {
  const mm = metres.map((value) => 1000 * value);
  const deg = radians.map((value) => (180 / Math.PI) * value);
  return { name, mm: driftNumbers(mm), deg: driftNumbers(deg) };
}
