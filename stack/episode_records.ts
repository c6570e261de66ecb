import { join } from 'node:path';
import type { Node, PickPlaceFeedback, SimClock } from '../contracts/index.ts';
import { type AuditSeal, EpisodeRecorder } from '../datasets/index.ts';
import type { Robot } from '../robots/index.ts';
import { type AuditEvent, QuestionAudit } from '../safety/index.ts';
import type { Evaluation } from '../sim/index.ts';
import type { SimCell } from './cell.ts';
import { type EpisodeTrace, episodeDigest } from './digest.ts';
import { EpisodeAudit } from './episode_audit.ts';
import type { EpisodeRecording } from './episode_hooks.ts';
import { ExampleWriter } from './escalation/example_writer.ts';
import { EpisodeObserver } from './observer.ts';
import type { EpisodeOutcome, EpisodeResult } from './outcome.ts';
import { createPictureMask } from './people_detector.ts';
import { episodeAttachments } from './recording_attachments.ts';
import { RobotStatePublisher } from './robot_state_publisher.ts';
import type { TaskProgress } from './task_progress.ts';
import type { RecordedEpisode } from './worker_messages.ts';
import type { WorldRecord } from './world_record.ts';

/** Between two records of the frame tree, s. */
const TF_PERIOD_S = 0.05;

/** What is kept of an episode in a folder: its recording, its audit log, what reports show, and labelled examples. */
export class EpisodeRecords {
  /** That only look on. */
  readonly nodes: readonly Node[];
  private readonly cell: SimCell;
  private readonly file: string;
  private readonly recorder: EpisodeRecorder;
  private readonly observer: EpisodeObserver;
  private readonly audit: EpisodeAudit;

  /** @param cell  before its first cycle */
  constructor(where: EpisodeRecording, robot: Robot, cell: SimCell, clock: SimClock, world: WorldRecord) {
    const { folder, metadata, attachments = [], masks, recorder, audit_file, examples } = where;
    const mask = () => (masks === undefined ? null : createPictureMask(masks));
    const name = `episode-${String(world.index).padStart(4, '0')}`;
    const own = { robot: robot.name, episode: String(world.index), world: JSON.stringify(world) };
    this.cell = cell;
    this.file = `${name}.mcap`;
    this.observer = new EpisodeObserver(robot, mask());
    this.recorder = new EpisodeRecorder({
      ...recorder,
      ...(masks === undefined ? {} : { mask: createPictureMask(masks) }),
      file: join(folder, this.file),
      metadata: { ...metadata, ...own },
      attachments: [...episodeAttachments(robot, cell.gate.envelope, world), ...attachments],
    });
    this.audit = new EpisodeAudit(folder, name, clock, cell.gate, audit_file);
    this.audit.begin(world);
    this.nodes = [
      ...[this.recorder, this.observer],
      new RobotStatePublisher(robot, { period_s: TF_PERIOD_S, camera_frame: true }),
      ...[this.audit.node, this.audit.journal, new QuestionAudit(this.audit.log)],
      ...(examples === undefined ? [] : [new ExampleWriter(examples, name, mask())]),
    ];
  }

  /** What a gate or a supervisor did, for the audit log. */
  note(event: AuditEvent): void {
    this.audit.log.record(event);
  }

  enterStage({ stage, attempt }: PickPlaceFeedback): void {
    this.observer.enterStage(stage, this.cell.time_s);
    void this.recorder.note('pick_place', `${stage}, attempt ${attempt}`);
  }

  /** After the last cycle. @param settled  that everyone has heard everything */
  async finish(
    result: EpisodeResult,
    evaluation: Evaluation,
    trace: EpisodeTrace,
    progress: TaskProgress,
    settled: () => Promise<void>,
  ): Promise<RecordedEpisode> {
    const { outcome, index, object, sim_seconds, wall_seconds } = result;
    const audit = await this.endAudit(outcome, result.interrupted, settled);
    const seen = await this.observer.record(sim_seconds);
    const digest = episodeDigest(trace);
    await this.recorder.finish({
      success: String(outcome.success),
      stage: outcome.stage,
      reason: outcome.reason,
      placement_error_m: String(evaluation.placement_error_m),
      steps: String(outcome.steps),
      interrupted: String(result.interrupted),
      interventions: String(outcome.interventions),
      digest,
    });
    return {
      index,
      success: outcome.success,
      stage: outcome.stage,
      reason: outcome.reason,
      object,
      attempts: outcome.attempts,
      sim_seconds,
      wall_seconds,
      // Of several objects there is no one distance to tell.
      placement_error_m: evaluation.measures === undefined ? evaluation.placement_error_m : Number.NaN,
      interventions: this.cell.gate.interventions.list().map(({ start_s, effect, reasons }) => ({
        time_s: start_s,
        reason: `${effect}: ${reasons.join(', ')}`,
      })),
      checks: evaluation.checks,
      plan_stages: progress.plan_stages,
      ...(result.counts === undefined ? {} : { counts: result.counts }),
      ...seen,
      recording: this.file,
      digest,
      audit,
    };
  }

  /** The last checkpoint is still recorded. */
  private async endAudit(
    outcome: EpisodeOutcome,
    interrupted: boolean,
    settled: () => Promise<void>,
  ): Promise<AuditSeal> {
    this.cell.endAudit();
    const seal = await this.audit.end(outcome, interrupted);
    await settled();
    return seal;
  }
}
