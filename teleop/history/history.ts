import type {
  AlarmsMessage,
  History,
  HistoryEvent,
  HistoryEventKind,
  HistoryScene,
  HistoryStatus,
  PictureCamera,
  SceneMessage,
  ServerMessage,
  StateFrame,
} from '../protocol/index.ts';
import { RowRing } from './row_ring.ts';
import type { HistoryRows } from './rows.ts';
import { StatusRuns } from './status_runs.ts';
import { thinned } from './thin.ts';
import { TimedRing } from './timed_ring.ts';

/** How long the past is kept, and how densely. */
export const HISTORY_KEPT = {
  ms: 600_000,
  hz: 10,
  picture_hz: 2,
  scene_hz: 1,
  picture_bytes: 48 * 1024 * 1024,
} as const;

const FRAME_MS = 1000 / HISTORY_KEPT.hz;
/** A period that is a little short counts as one: frames come on a timer. */
const SLACK_MS = 5;
const EVENTS = { count: 4000, bytes: 2 << 20, ms: HISTORY_KEPT.ms };
const SCENES = { count: 1000, bytes: 8 << 20, ms: HISTORY_KEPT.ms };
const SCENES_SHOWN = 200;
const LONGEST_TEXT = 500;
/** What an object of a scene takes, bytes, and anything else beside its text. */
const OBJECT_BYTES = 700;
const ITEM_BYTES = 100;
/** Less than between any two rows. */
const TINY_MS = 1e-3;
const STOPS: readonly string[] = ['protective_stop', 'fault', 'emergency_stop'];

export interface KeptPicture {
  readonly camera: PictureCamera;
  /** When it was taken, ms of the server's clock. */
  readonly at_ms: number;
  readonly jpeg: Uint8Array;
}

/** A part of the past as it was when it was asked for: `History` with its frames still as rows. */
export interface HistoryCut extends Omit<History, 'frames'> {
  readonly rows: HistoryRows;
}

export interface HistoryQuery {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly most: number;
}

/**
 * The last ten minutes of what the page is told: numbers at 10 Hz, words when they change, what was seen at 1 Hz, events, and
 * pictures of both cameras at 2 Hz. Memory is bounded whatever comes; times are the server's clock.
 */
export class LiveHistory {
  private readonly joint_names: readonly string[];
  private readonly now_ms: () => number;
  private readonly rows: RowRing;
  private readonly statuses = new StatusRuns();
  private readonly events = new TimedRing<HistoryEvent>(
    EVENTS,
    ({ text, by }) => ITEM_BYTES + 2 * (text.length + by.length),
  );
  private readonly scenes = new TimedRing<HistoryScene>(
    SCENES,
    ({ objects }) => ITEM_BYTES + OBJECT_BYTES * objects.length,
  );
  private readonly pictures: Readonly<Record<PictureCamera, TimedRing<KeptPicture>>>;
  private readonly raised = new Map<string, number>();
  private last: StateFrame | null = null;
  private row_ms = Number.NEGATIVE_INFINITY;

  constructor(
    joint_names: readonly string[],
    now_ms: () => number,
    picture_bytes: number = HISTORY_KEPT.picture_bytes,
  ) {
    this.joint_names = joint_names;
    this.now_ms = now_ms;
    this.rows = new RowRing(joint_names.length, Math.ceil(HISTORY_KEPT.ms / (FRAME_MS - SLACK_MS)));
    const ring = () =>
      new TimedRing<KeptPicture>(
        {
          count: 2 * HISTORY_KEPT.picture_hz * (HISTORY_KEPT.ms / 1000),
          bytes: picture_bytes / 2,
          ms: HISTORY_KEPT.ms,
        },
        ({ jpeg }) => ITEM_BYTES + jpeg.byteLength,
      );
    this.pictures = { overview: ring(), wrist: ring() };
  }

  /** Memory that is accounted for, bytes. */
  get bytes(): number {
    const { rows, statuses, events, scenes, pictures } = this;
    return rows.bytes + statuses.bytes + events.bytes + scenes.bytes + pictures.overview.bytes + pictures.wrist.bytes;
  }

  /** Takes what every page is told; messages of other kinds are left alone. */
  take(message: ServerMessage): void {
    if (message.type === 'state') this.takeState(message);
    else if (message.type === 'scene') this.takeScene(message);
    else if (message.type === 'alarms') this.takeAlarms(message);
  }

  /** What happened now. @param by  who, where somebody did it */
  add(kind: HistoryEventKind, text: string, by = ''): void {
    this.put(this.now_ms(), kind, text, by);
  }

  /** Keeps a picture if one is due. @param at_ms  when it was taken, by the server's clock */
  addPicture(camera: PictureCamera, at_ms: number, jpeg: Uint8Array): void {
    const ring = this.pictures[camera];
    const last_ms = ring.newest?.at_ms ?? Number.NEGATIVE_INFINITY;
    if (at_ms - last_ms < 1000 / HISTORY_KEPT.picture_hz - SLACK_MS) return;
    // A buffer of its own: what it came in may be far larger.
    ring.push({ camera, at_ms, jpeg: jpeg.slice() });
  }

  /** The picture that stood at a moment; null where none is kept. */
  picture(camera: PictureCamera, at_ms: number): KeptPicture | null {
    return this.pictures[camera].at(at_ms) ?? null;
  }

  /** What was in a span of time. */
  query({ from_ms, to_ms, most }: HistoryQuery): HistoryCut {
    const { rows, statuses, joint_names } = this;
    const newest_ms = rows.length === 0 ? this.now_ms() : rows.time(rows.length - 1);
    const start = rows.firstFrom(Math.max(from_ms, newest_ms - HISTORY_KEPT.ms));
    const end = rows.firstFrom(to_ms + TINY_MS);
    const chosen = thinned(start, end, most, (row) => rows.statusOf(row));
    const scenes = this.scenes.between(from_ms, to_ms);
    const shown = thinned(0, scenes.length, SCENES_SHOWN, () => 0);
    const times = (camera: PictureCamera) => this.pictures[camera].between(from_ms, to_ms).map(({ at_ms }) => at_ms);
    const kept = { from_ms: rows.length === 0 ? newest_ms : this.oldest(newest_ms), to_ms: newest_ms };
    return {
      ...{ source: 'live', name: '', joint_names, kept, incomplete: '' },
      ...statuses.renumbered(rows.copy(chosen)),
      scenes: shown.map((k) => scenes[k]),
      events: this.events.between(from_ms, to_ms),
      pictures: { overview: times('overview'), wrist: times('wrist') },
    };
  }

  private oldest(newest_ms: number): number {
    return this.rows.time(this.rows.firstFrom(newest_ms - HISTORY_KEPT.ms));
  }

  private takeState(frame: StateFrame): void {
    this.tellChanges(frame);
    this.last = frame;
    const at_ms = frame.sent_ms;
    if (at_ms - this.row_ms < FRAME_MS - SLACK_MS) return;
    this.row_ms = at_ms;
    const status = this.statuses.number(statusOf(frame));
    const { safety } = frame;
    this.rows.push(at_ms, status, {
      ...frame,
      separation_m: safety?.separation_m ?? null,
      protective_distance_m: safety?.protective_distance_m ?? null,
    });
    this.statuses.forgetBefore(this.rows.statusOf(0));
  }

  private tellChanges({ sent_ms, safety, task }: StateFrame): void {
    const { last } = this;
    if (safety !== null && STOPS.includes(safety.mode) && safety.mode !== last?.safety?.mode)
      this.put(sent_ms, 'stop', [safety.mode.replaceAll('_', ' '), ...safety.reasons].join(': '));
    if (task.stage === '' || (task.stage === last?.task.stage && task.attempt === last.task.attempt)) return;
    this.put(sent_ms, 'stage', task.reason === '' ? task.stage : `${task.stage}: ${task.reason}`);
  }

  private takeScene({ objects }: SceneMessage): void {
    const at_ms = this.now_ms();
    const last_ms = this.scenes.newest?.at_ms ?? Number.NEGATIVE_INFINITY;
    if (at_ms - last_ms >= 1000 / HISTORY_KEPT.scene_hz - SLACK_MS) this.scenes.push({ at_ms, objects });
  }

  private takeAlarms({ alarms }: AlarmsMessage): void {
    for (const { id, count, raised_ms, text, priority } of alarms) {
      if (this.raised.get(id) === count) continue;
      this.put(Math.min(raised_ms, this.now_ms()), 'alarm', `${priority}: ${text}`);
    }
    this.raised.clear();
    for (const { id, count } of alarms) this.raised.set(id, count);
  }

  private put(at_ms: number, kind: HistoryEventKind, text: string, by = ''): void {
    this.events.push({ at_ms, kind, text: text.slice(0, LONGEST_TEXT), by: by.slice(0, LONGEST_TEXT) });
  }
}

function statusOf({ safety, servo, task, lease, lost }: StateFrame): HistoryStatus {
  return {
    mode: safety?.mode ?? null,
    latched: safety?.latched ?? false,
    reasons: safety?.reasons ?? [],
    servo: servo?.state ?? null,
    servo_reason: servo?.reason ?? null,
    ...{ task: task.kind, stage: task.stage, reason: task.reason, paused: task.paused },
    ...{ operator: lease.holder?.user ?? '', lost },
  };
}
