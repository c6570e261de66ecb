import {
  InProcessBus,
  InputError,
  type Node,
  type NodeContext,
  type PickPlaceFeedback,
  type PickPlaceResult,
  type Rng,
  SimClock,
  secondsToStamp,
} from '../contracts/index.ts';
import type { CalibrationFile } from '../perception/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { canonicalJson } from '../safety/index.ts';
import {
  type Evaluation,
  InvalidStateError,
  openSecondWorld,
  prepareEngine,
  type SecondWorld,
  type TaskInstance,
} from '../sim/index.ts';
import { SimCell } from './cell.ts';
import { type EpisodeTrace, TraceWriter } from './digest.ts';
import type { EpisodeHooks, FinishedEpisode } from './episode_hooks.ts';
import { EpisodeRecords } from './episode_records.ts';
import { asStage, describeTask, howNear } from './episode_words.ts';
import { EpisodeTally } from './escalation/tally.ts';
import { invalidEpisode, isInvalidWorld } from './invalid_episode.ts';
import { createLog, type LogLevel } from './log.ts';
import type { EpisodeOptions } from './options.ts';
import type { EpisodeOutcome, EpisodeResult } from './outcome.ts';
import { Pacer } from './pace.ts';
import { createPolicyFactory, type Policy, type PolicyChanges, type PolicyFactory } from './policies/index.ts';
import { CAMERA_HZ } from './rates.ts';
import { StateTraceNode } from './state_trace.ts';
import { TaskProgress } from './task_progress.ts';
import type { RecordedEpisode } from './worker_messages.ts';
import { drawWorld, type EpisodeWorld, type WorldRecord, worldOf } from './world_record.ts';

export type { EpisodeHooks, EpisodeRecording, FinishedEpisode } from './episode_hooks.ts';

/** After the policy reports its end the world is given this long to come to rest before it is judged. */
const SETTLE_S = 0.3;
/** What moves then, as an object that something has just pushed, is given a little longer, so often. */
const SETTLE_MORE_S = 0.1;
const SETTLE_TIMES = 12;
/** How often a run asks whether it is to end, in control cycles. */
export const STOP_CHECK_CYCLES = 50;

/** Options that are absent where they were not asked for. */
const UNSET = { second_world: undefined, disturb: undefined, around: undefined };

/** Runs episodes one at a time, each in a fresh world; what is kept between them (model session, robot) has no state. */
export class EpisodeRunner {
  readonly model_sha256: string | null;
  readonly degraded_reason: string;
  /** Decisions of the policy each second. */
  readonly policy_hz: number;
  private readonly options: EpisodeOptions;
  private readonly robot: Robot;
  private readonly policies: PolicyFactory;
  private readonly level: LogLevel;
  private readonly calibration: CalibrationFile | null;
  private readonly second: SecondWorld | null;

  private constructor(
    options: EpisodeOptions,
    robot: Robot,
    policies: PolicyFactory,
    level: LogLevel,
    calibration: CalibrationFile | null,
  ) {
    this.options = options;
    this.second = options.second_world === undefined ? null : openSecondWorld(options.second_world);
    this.calibration = calibration;
    this.robot = robot;
    this.policies = policies;
    this.level = level;
    this.model_sha256 = policies.model_sha256;
    this.degraded_reason = policies.degraded_reason;
    this.policy_hz = policies.policy_hz ?? CAMERA_HZ;
  }

  /** @param calibration  what was measured of the cameras; by default they are taken to be as planned */
  static async create(
    options: EpisodeOptions,
    level: LogLevel = 'silent',
    changes: PolicyChanges = {},
    calibration: CalibrationFile | null = null,
  ): Promise<EpisodeRunner> {
    const robot = loadRobot('panda');
    await prepareEngine(options.engine);
    const policies = await createPolicyFactory(options, robot, changes, calibration);
    return new EpisodeRunner(options, robot, policies, level, calibration);
  }

  /** A runner of other options with the same policy and model, which it shares; only this one is closed. */
  async sharing(options: EpisodeOptions): Promise<EpisodeRunner> {
    const { policy, policy_sha256, model } = this.options;
    if (options.policy !== policy || options.policy_sha256 !== policy_sha256 || options.model !== model) {
      throw new InputError(
        `--policy ${options.policy} --model ${options.model}`,
        `--policy ${policy} --model ${model}`,
      );
    }
    await prepareEngine(options.engine);
    return new EpisodeRunner(options, this.robot, this.policies, this.level, this.calibration);
  }

  async close(): Promise<void> {
    await this.policies.close();
  }

  /** Draws the world of episode `index` and plays in it. */
  async run(index: number, hooks: EpisodeHooks): Promise<FinishedEpisode> {
    const world = drawWorld(this.options, index, this.robot);
    if (this.calibration === null) return this.play(world, hooks);
    return this.play({ ...world, record: { ...world.record, calibration: this.calibration } }, hooks);
  }

  /** Plays an episode again, from the record of its world alone. Throws InputError if it is of other options. */
  async replay(record: WorldRecord, hooks: EpisodeHooks): Promise<FinishedEpisode> {
    for (const [name, value] of Object.entries({ ...UNSET, ...this.options })) {
      const recorded = Object.entries(record.options).find(([key]) => key === name)?.[1];
      if (recorded !== value)
        throw new InputError(`record of an episode with --${name} ${recorded}`, `--${name} ${value}`);
    }
    if (canonicalJson(record.calibration ?? null) !== canonicalJson(this.calibration))
      throw new InputError(`record of an episode with another --calibration`, 'that of the runner');
    return this.play(worldOf(record), hooks);
  }

  private async play(world: EpisodeWorld, hooks: EpisodeHooks): Promise<FinishedEpisode> {
    const started = performance.now();
    const { index } = world.record;
    const elapsed_s = () => (performance.now() - started) / 1000;
    let episode: Episode;
    try {
      episode = new Episode(this.robot, world, this.policies, this.level, this.second);
    } catch (error) {
      if (!isInvalidWorld(error)) throw error;
      return invalidEpisode(world.record, describeTask(world.instance), error.message, elapsed_s());
    }
    try {
      const interrupted = await episode.play(hooks);
      const evaluation = episode.evaluate();
      const outcome = episode.outcome(evaluation, interrupted);
      const result: EpisodeResult = {
        ...{ index, outcome, object: describeTask(world.instance) },
        counts: episode.tally.counts(evaluation),
        sim_seconds: episode.cell.time_s,
        wall_seconds: elapsed_s(),
        interrupted,
      };
      const trace = episode.trace.finish(index, outcome);
      return { result, trace, recorded: await episode.recorded(result, evaluation, trace), world: world.record };
    } finally {
      await episode.close();
    }
  }
}

/** One episode in lock-step: simulated time stands still until everyone has answered. */
class Episode {
  readonly cell: SimCell;
  readonly trace: TraceWriter;
  readonly tally: EpisodeTally;
  private readonly clock = new SimClock();
  private readonly bus = new InProcessBus();
  private readonly context: NodeContext;
  private readonly record: WorldRecord;
  private readonly instance: TaskInstance;
  private readonly time_limit_s: number;
  private readonly second_world: SecondWorld | null;
  private readonly policies: PolicyFactory;
  private readonly rng: Rng;
  private readonly robot: Robot;
  private readonly nodes: Node[] = [];
  private records: EpisodeRecords | null = null;
  private end: PickPlaceResult | null = null;
  private policy: Policy | null = null;
  private readonly progress = new TaskProgress();

  constructor(
    robot: Robot,
    world: EpisodeWorld,
    policies: PolicyFactory,
    level: LogLevel,
    second_world: SecondWorld | null,
  ) {
    const { record, instance, task, rng, randomization } = world;
    const { options, index } = record;
    this.second_world = second_world;
    this.robot = robot;
    this.record = record;
    this.instance = instance;
    this.time_limit_s = task.time_limit_s;
    this.policies = policies;
    this.rng = rng;
    this.context = { bus: this.bus, clock: this.clock, log: createLog(level, { episode: index }) };
    const with_cameras = options.observation === 'rgbd';
    const { engine } = options;
    this.cell = new SimCell(robot, instance.scene, rng, this.context, with_cameras, engine, randomization, null, {
      audit: { record: (event) => this.records?.note(event) },
      calibration: record.calibration ?? null,
      second_world,
    });
    this.trace = new TraceWriter(this.cell.engine);
    this.tally = new EpisodeTally(instance, this.cell.engine);
    this.nodes.push(this.tally.questions);
  }

  /** Plays to the end; true if it was interrupted. */
  async play(hooks: EpisodeHooks): Promise<boolean> {
    const policy = this.policies.create({
      scene: this.instance.scene,
      engine: hooks.disclose?.(this.cell.told) ?? this.cell.told,
      rng: this.rng.stream('policy'),
      ...(hooks.answer_within_s === undefined ? {} : { answer_within_s: hooks.answer_within_s }),
      driven: {
        ...{ cell: this.cell, instance: this.instance, randomization: this.record.randomization },
        ...{ episode_rng: this.rng, second_world: this.second_world },
      },
    });
    this.policy = policy;
    this.watch(hooks);
    for (const node of [...this.nodes, ...this.cell.nodes, ...policy.nodes, ...(hooks.company ?? [])]) {
      await node.configure(this.context);
      if (!this.nodes.includes(node)) this.nodes.push(node);
    }
    for (const node of this.nodes) node.activate();
    policy.start(
      this.context,
      this.instance.goal,
      (feedback) => this.enterStage(feedback, hooks),
      (result) => {
        this.end ??= result;
        this.progress.end(result);
      },
    );
    return this.loop(hooks, policy);
  }

  private async loop(hooks: EpisodeHooks, policy: Policy): Promise<boolean> {
    const { cell, clock, bus, trace } = this;
    const pacer = new Pacer(hooks.pace);
    let until_s = this.time_limit_s;
    let waited = 0;
    for (let cycle = 0; cell.time_s < until_s - 1e-9; cycle++) {
      if (cycle % STOP_CHECK_CYCLES === 0) {
        if (hooks.stopped()) return true;
        await pacer.until(cell.time_s);
      }
      if (!this.step()) return false;
      trace.write(cell.engine);
      clock.advance(secondsToStamp(cell.time_s));
      cell.publish();
      if (bus.active) await bus.settled();
      const thinking = policy.cycled?.();
      if (thinking !== undefined) await thinking;
      if (this.end === null) continue;
      if (policy.settles === false) break;
      if (until_s === this.time_limit_s) until_s = Math.min(until_s, cell.time_s + SETTLE_S);
      else if (cell.time_s > until_s - 1e-9 && waited < SETTLE_TIMES && this.evaluate().checks.at_rest === false) {
        until_s = Math.min(this.time_limit_s, until_s + SETTLE_MORE_S);
        waited++;
      }
    }
    await bus.settled();
    return false;
  }

  /** One cycle of control and physics; false if the world's state is no longer one. */
  private step(): boolean {
    try {
      this.cell.step();
      return true;
    } catch (error) {
      if (!(error instanceof InvalidStateError)) throw error;
      this.end = { ok: false, stage: 'invalid', reason: error.message, attempts: this.progress.attempts };
      return false;
    }
  }

  /** Adds the nodes that only look on. */
  private watch(hooks: EpisodeHooks): void {
    if (hooks.trace_file !== null) this.nodes.push(new StateTraceNode(hooks.trace_file, this.record, this.cell.engine));
    if (hooks.recording === null) return;
    this.records = new EpisodeRecords(hooks.recording, this.robot, this.cell, this.clock, this.record);
    this.nodes.push(...this.records.nodes);
  }

  private enterStage(feedback: PickPlaceFeedback, hooks: EpisodeHooks): void {
    const { stage, reason } = feedback;
    this.progress.enter(feedback);
    this.tally.enter(feedback, this.cell.view(this.cell.time_s));
    this.records?.enterStage(feedback);
    hooks.onStage(stage, reason);
  }

  evaluate(): Evaluation {
    return this.instance.evaluate(this.cell.view(this.end === null ? this.time_limit_s : this.cell.time_s));
  }

  outcome(evaluation: Evaluation, interrupted: boolean): EpisodeOutcome {
    const { success, checks, placement_error_m, measures } = evaluation;
    const picks = this.progress.picks(evaluation, this.end);
    const failure = success && !interrupted ? null : this.failure(evaluation, interrupted);
    return {
      success: failure === null,
      stage: failure?.stage ?? '',
      reason: failure?.reason ?? '',
      attempts: this.progress.attempts,
      checks,
      placement_error_m,
      ...(measures === undefined ? {} : { measures }),
      ...(picks === null ? {} : { picks }),
      steps: this.cell.engine.steps,
      policy_steps: this.policy?.decisions ?? this.cell.frame_ticks,
      frames: this.cell.frames,
      interventions: this.cell.gate.interventions.count,
      ...(this.record.randomization.disturbance === undefined ? {} : { disturbed: this.cell.disturber.happened }),
    };
  }

  private failure(evaluation: Evaluation, interrupted: boolean): Pick<EpisodeOutcome, 'stage' | 'reason'> {
    if (interrupted) return { stage: 'timeout', reason: `interrupted in stage ${this.progress.stage}` };
    if (this.end === null)
      return { stage: 'timeout', reason: `not done after ${this.time_limit_s} s, in stage ${this.progress.stage}` };
    if (!this.end.ok) return { stage: asStage(this.end.stage), reason: this.end.reason };
    const failed = Object.entries(evaluation.checks).filter(([, holds]) => !holds);
    const names = failed.map(([name]) => name).join(', ');
    return { stage: 'place', reason: `not ${names}; ${howNear(evaluation)}` };
  }

  async recorded(result: EpisodeResult, evaluation: Evaluation, trace: EpisodeTrace): Promise<RecordedEpisode | null> {
    const settled = () => this.bus.settled();
    return (await this.records?.finish(result, evaluation, trace, this.progress, settled)) ?? null;
  }

  async close(): Promise<void> {
    for (const node of [...this.nodes].reverse()) {
      node.deactivate();
      await node.cleanup();
    }
    this.cell.dispose();
  }
}
