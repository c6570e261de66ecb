import { Worker } from 'node:worker_threads';
import { InputError, wilson95 } from '../contracts/index.ts';
import { sumCounts } from '../datasets/index.ts';
import type { CalibrationFile } from '../perception/index.ts';
import { CAMERA_SPECS } from '../sim/index.ts';
import { type EpisodeTrace, RunDigest } from './digest.ts';
import type { LogLevel } from './log.ts';
import type { EpisodeOptions } from './options.ts';
import type { BatchSummary, EpisodeResult, PickSummary } from './outcome.ts';
import { CAMERA_HZ, CONTROL_HZ } from './rates.ts';
import { startTrace } from './state_trace.ts';
import type { AskPeople, FromWorker, RecordedEpisode, Recording, ToWorker, WorkerSetup } from './worker_messages.ts';
import type { WorldRecord } from './world_record.ts';

export interface BatchOptions {
  readonly episode: EpisodeOptions;
  readonly first: number;
  readonly episodes: number;
  readonly workers: number;
  /** Simulated seconds per wall second, `Infinity` for as fast as it goes. */
  readonly pace: number;
  readonly recording: Recording | null;
  /** How people are asked; by default nobody is there to answer. */
  readonly ask?: AskPeople | null;
  /** What was measured of the cameras; by default they are taken to be as planned. */
  readonly calibration?: CalibrationFile | null;
  readonly trace_file: string | null;
  readonly log_level: LogLevel;
  /** Records of episodes to play again in place of drawing their worlds. */
  readonly worlds?: readonly WorldRecord[];
}

export interface BatchEvents {
  /** An episode has reached a stage. */
  readonly onStage?: (episode: number, stage: string) => void;
  readonly onEpisode?: (result: EpisodeResult, recorded: RecordedEpisode | null) => void;
}

/** What was run, in the words of the command line. */
export interface BatchSetting extends Omit<EpisodeOptions, 'model'> {
  readonly physics_hz: number;
  readonly control_hz: number;
  readonly policy_hz: number;
  readonly camera: {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    readonly hz: number;
  } | null;
}

export interface BatchResult {
  readonly setting: BatchSetting;
  readonly results: readonly EpisodeResult[];
  readonly summary: BatchSummary;
  readonly digest: string;
  readonly model_sha256: string | null;
  /** Why the classical detector stood in for the network from the start; empty when it did not. */
  readonly degraded_reason: string;
  readonly interrupted: boolean;
}

/**
 * Runs episodes in worker threads, each with a world of its own, and gathers them in order of their index. Results do not
 * depend on the number of workers. On `signal` the episodes under way are ended where they are and kept.
 */
export async function runBatch(
  options: BatchOptions,
  events: BatchEvents = {},
  signal?: AbortSignal,
): Promise<BatchResult> {
  if (options.trace_file !== null) startTrace(options.trace_file);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = () => Atomics.store(stop, 0, 1);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  const digest = new RunDigest(options.first);
  const results: EpisodeResult[] = [];
  let model_sha256: string | null = null;
  let degraded_reason = '';
  let policy_hz = CAMERA_HZ;
  let next = options.first;
  const end = options.first + options.episodes;
  const launched = performance.now();
  let started: number | null = null;
  const take = () => (next < end && Atomics.load(stop, 0) === 0 ? next++ : null);
  const setup: WorkerSetup = {
    episode: options.episode,
    pace: options.pace,
    recording: options.recording,
    ask: options.ask ?? null,
    calibration: options.calibration ?? null,
    trace_file: options.trace_file,
    log_level: options.log_level,
    worlds: options.worlds ?? [],
    stop: stop.buffer,
  };
  const finished = (result: EpisodeResult, trace: EpisodeTrace, recorded: RecordedEpisode | null) => {
    digest.add(trace);
    results.push(result);
    events.onEpisode?.(result, recorded);
  };
  const receive = (message: FromWorker) => {
    if (message.kind === 'ready') {
      ({ model_sha256, degraded_reason, policy_hz } = message);
      started ??= performance.now();
    } else if (message.kind === 'stage') events.onStage?.(message.episode, message.stage);
    else if (message.kind === 'episode') finished(message.result, message.trace, message.recorded);
  };
  const workers = Array.from({ length: Math.min(options.workers, options.episodes) }, () => null);
  try {
    await Promise.all(workers.map(() => runWorker(setup, take, receive)));
  } catch (error) {
    onAbort();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
  results.sort((a, b) => a.index - b.index);
  const ended = performance.now();
  const wall_seconds = (ended - (started ?? ended)) / 1000;
  const startup_seconds = ((started ?? ended) - launched) / 1000;
  const interrupted = Atomics.load(stop, 0) === 1;
  const setting = settingOf(options.episode, policy_hz);
  return {
    setting,
    results,
    summary: summarise(results, wall_seconds, startup_seconds),
    digest: digest.hex(),
    model_sha256,
    degraded_reason,
    interrupted,
  };
}

function settingOf({ model: _model, ...options }: EpisodeOptions, policy_hz: number): BatchSetting {
  const { name, width, height } = CAMERA_SPECS.overview;
  return {
    ...options,
    physics_hz: CONTROL_HZ,
    control_hz: CONTROL_HZ,
    policy_hz,
    camera: options.observation === 'rgbd' ? { name, width, height, hz: CAMERA_HZ } : null,
  };
}

function runWorker(
  setup: WorkerSetup,
  take: () => number | null,
  receive: (message: FromWorker) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: setup,
    });
    const post = (message: ToWorker) => worker.postMessage(message);
    const feed = () => {
      const episode = take();
      post(episode === null ? { kind: 'end' } : { kind: 'run', episode });
    };
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'failed') {
        reject(message.input ? InputError.restore(message.message) : new Error(message.message));
        void worker.terminate();
        return;
      }
      receive(message);
      if (message.kind === 'ready' || message.kind === 'episode') feed();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`an episode worker ended with code ${code}`));
    });
  });
}

function countPicks(results: readonly EpisodeResult[]): PickSummary | null {
  let [attempts, done, sim_seconds] = [0, 0, 0];
  for (const { outcome, sim_seconds: seconds } of results) {
    if (outcome.picks === undefined) continue;
    attempts += outcome.picks.attempts;
    done += outcome.picks.done;
    sim_seconds += seconds;
  }
  if (attempts === 0) return null;
  return {
    attempts,
    done,
    success_rate: done / attempts,
    wilson95: wilson95(done, attempts),
    per_hour: (3600 * done) / sim_seconds,
  };
}

function summarise(results: readonly EpisodeResult[], wall_seconds: number, startup_seconds: number): BatchSummary {
  const complete = results.filter((result) => !result.interrupted);
  const total = (of: (result: EpisodeResult) => number) => results.reduce((sum, result) => sum + of(result), 0);
  const successes = complete.filter((result) => result.outcome.success).length;
  const sim_seconds = total((r) => r.sim_seconds);
  const env_steps = total((r) => r.outcome.policy_steps);
  const perSecond = (amount: number) => (wall_seconds > 0 ? amount / wall_seconds : 0);
  return {
    episodes: complete.length,
    successes,
    success_rate: complete.length === 0 ? 0 : successes / complete.length,
    wilson95: wilson95(successes, complete.length),
    failures: complete
      .filter((result) => !result.outcome.success)
      .map(({ index, outcome }) => ({ episode: index, stage: outcome.stage, reason: outcome.reason })),
    interventions: total((r) => r.outcome.interventions),
    picks: countPicks(complete),
    counts: sumCounts(complete.flatMap(({ counts }) => counts ?? [])),
    sim_seconds,
    wall_seconds,
    startup_seconds,
    real_time_factor: perSecond(sim_seconds),
    env_steps,
    env_steps_per_s: perSecond(env_steps),
    substeps_per_s: perSecond(total((r) => r.outcome.steps)),
    frames_per_s: perSecond(total((r) => r.outcome.frames)),
  };
}
