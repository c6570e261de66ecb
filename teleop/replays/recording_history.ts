import { InputError, type JointState, type SafetyState, stampToSeconds, TOPICS } from '../../contracts/index.ts';
import { pictureOf, type RecordedMessage, readRecording, roleOf } from '../../datasets/index.ts';
import { type RosFields, safetyStateFromRos, topicMapping } from '../../ros/index.ts';
import type { HistoryCut, HistoryQuery, KeptPicture } from '../history/history.ts';
import { StatusRuns } from '../history/status_runs.ts';
import { thinned } from '../history/thin.ts';
import type { HistoryEvent, HistoryEventKind, HistoryScene, HistoryStatus, PictureCamera } from '../protocol/index.ts';
import { PictureShelf } from './picture_shelf.ts';
import { frontOf, RecordedArm } from './recorded_arm.ts';
import { ThinningRows } from './thinning_rows.ts';

/** What is kept of one recording that is open. */
export const OPEN_RECORDING = {
  rows: 20_000,
  row_ms: 1000 / 30 - 2,
  events: 5000,
  scenes: 2000,
  scene_ms: 250,
  picture_ms: 200,
  picture_bytes: 48 << 20,
  file_bytes: 4 * 2 ** 30,
} as const;

const LONGEST_TEXT = 500;
const SCENES_SHOWN = 300;
const MOST_STATUS_BYTES = 16 << 20;
const NO_LOOKUPS = { transform: () => null };
const jointState = topicMapping(TOPICS.joint_states);
const wrench = topicMapping(TOPICS.wrench);
const sent = topicMapping(TOPICS.controller_state);
const detections = topicMapping(TOPICS.detections);
const servoStatus = topicMapping(TOPICS.servo_status);
const answers = topicMapping(TOPICS.escalation_answers);
const BLANK: HistoryStatus = {
  ...{ mode: null, latched: false, reasons: [], servo: null, servo_reason: null, task: null },
  ...{ stage: '', reason: '', paused: false, operator: '', lost: '' },
};
const STOPS: readonly string[] = ['protective_stop', 'fault', 'emergency_stop'];
const STAGE = /^(?<stage>[\w -]+), attempt \d+$/;
/** Cameras that ride on the hand, by the name of their topic. */
const ON_HAND = /wrist|hand|gripper|tool/i;
const WANTED: ReadonlySet<string> = new Set([
  'joint_state',
  'joint_command',
  'wrench',
  'safety',
  'detections',
  'notes',
  'colour',
]);
const ALSO: readonly string[] = [TOPICS.servo_status.name, TOPICS.escalation_answers.name];

/** A recording as the page shows it: what a live history would have kept of it, and its pictures. */
export class RecordingHistory {
  readonly name: string;
  private readonly statuses = new StatusRuns();
  private readonly events: HistoryEvent[] = [];
  private readonly scenes: HistoryScene[] = [];
  private readonly shelves = {
    overview: new PictureShelf(OPEN_RECORDING.picture_bytes / 2, OPEN_RECORDING.picture_ms),
    wrist: new PictureShelf(OPEN_RECORDING.picture_bytes / 2, OPEN_RECORDING.picture_ms),
  };
  private readonly topics = new Map<string, string>();
  private readonly missing = new Map<string, string>();
  private readonly urdf: string | null;
  private joint_names: readonly string[] = [];
  private arm: RecordedArm | null = null;
  private rows: ThinningRows | null = null;
  /** Of the newest row's status. */
  private number = 0;
  private status: HistoryStatus = BLANK;
  private safety: SafetyState | null = null;
  private force: readonly number[] | null = null;
  /** Positions that the drives were sent, by joint. */
  private commanded = new Map<string, number>();
  private from_ms = Number.POSITIVE_INFINITY;
  private to_ms = 0;

  private constructor(name: string, urdf: string | null) {
    this.name = name;
    this.urdf = urdf;
  }

  /** Reads a recording, whole or cut off. Throws an InputError that says what is wrong with one that cannot be read. */
  static async read(file: string, name: string): Promise<RecordingHistory> {
    const { urdf, channels } = await frontOf(file);
    const topics = channels?.filter(({ topic, type }) => wanted(topic, type)).map(({ topic }) => topic) ?? null;
    const history = new RecordingHistory(name, urdf);
    const reader = readRecording(file, topics);
    for await (const message of reader) await history.take(message);
    const { complete, reason, bytes } = reader.end;
    if (!complete) history.missing.set('file', reason);
    if (history.rows === null) {
      const why = complete ? 'has no joint states' : `has no joint states: it ${reason}`;
      throw new InputError(
        `recording ${name} of ${bytes} bytes`,
        `${why}; surepick dataset repair restores what it holds`,
      );
    }
    return history;
  }

  /** Memory of pictures, bytes; the rest is bounded by `OPEN_RECORDING`. */
  get picture_bytes(): number {
    return this.shelves.overview.bytes + this.shelves.wrist.bytes;
  }

  query({ from_ms, to_ms, most }: HistoryQuery): HistoryCut {
    const within = ({ at_ms }: { readonly at_ms: number }) => at_ms >= from_ms && at_ms <= to_ms;
    const rows = (this.rows ?? new ThinningRows(0, 2, 1)).cut(from_ms, to_ms, most);
    const scenes = this.scenes.filter(within);
    const times = (camera: PictureCamera) => this.shelves[camera].times.filter((at_ms) => within({ at_ms }));
    return {
      ...{ source: 'recording', name: this.name, joint_names: this.joint_names },
      kept: { from_ms: this.from_ms, to_ms: this.to_ms },
      ...this.statuses.renumbered(rows),
      scenes: thinned(0, scenes.length, SCENES_SHOWN, () => 0).map((k) => scenes[k]),
      events: this.events.filter(within),
      pictures: { overview: times('overview'), wrist: times('wrist') },
      incomplete: [...this.missing.values()].join('; '),
    };
  }

  picture(camera: PictureCamera, at_ms: number): KeptPicture | null {
    const found = this.shelves[camera].at(at_ms);
    return found === null ? null : { camera, ...found };
  }

  private async take(message: RecordedMessage): Promise<void> {
    const { topic, type, log_ns, message: fields } = message;
    if (!wanted(topic, type)) return;
    const at_ms = 1000 * stampToSeconds(log_ns);
    this.to_ms = Math.max(this.to_ms, at_ms);
    this.from_ms = Math.min(this.from_ms, at_ms);
    const { role, camera } = roleOf(topic, type);
    if (role === 'colour') await this.takePicture(message, camera, at_ms);
    else if (role === 'joint_state' && this.first(role, topic))
      this.takeJoints(jointState.fromRos(fields, NO_LOOKUPS)[0], at_ms);
    else if (role === 'wrench' && this.first(role, topic)) {
      const [{ force, torque }] = wrench.fromRos(fields, NO_LOOKUPS);
      this.force = [...force, ...torque];
    } else if (role === 'joint_command' && type === TOPICS.controller_state.ros_type && this.first(role, topic)) {
      const [{ joint_names, reference }] = sent.fromRos(fields, NO_LOOKUPS);
      this.commanded = new Map(joint_names.map((name, i) => [name, reference.position[i]]));
    } else if (role === 'safety') this.takeSafety(safetyStateFromRos(fields), at_ms);
    else if (role === 'detections') this.takeScene(topic, fields, at_ms);
    else if (role === 'notes') this.takeNote(String(fields.name), String(fields.msg), at_ms);
    else if (topic === TOPICS.servo_status.name) {
      const [{ state, reason }] = servoStatus.fromRos(fields, NO_LOOKUPS);
      this.status = { ...this.status, servo: state, servo_reason: reason };
    } else if (topic === TOPICS.escalation_answers.name) {
      const [{ id, answer, by }] = answers.fromRos(fields, NO_LOOKUPS);
      this.tell(at_ms, 'deed', `answered ${id}: ${answer}`, by);
    }
  }

  private takeJoints({ names, position, velocity, effort }: JointState, at_ms: number): void {
    if (this.rows === null) {
      this.joint_names = [...names];
      this.arm = RecordedArm.of(this.urdf, this.joint_names);
      this.rows = new ThinningRows(names.length, OPEN_RECORDING.rows, OPEN_RECORDING.row_ms);
    }
    if (!this.rows.wants(at_ms) || names.length !== this.joint_names.length) return;
    if (this.statuses.bytes > MOST_STATUS_BYTES)
      this.missing.set('words', 'later changes of stage and mode are not shown');
    else this.number = this.statuses.number(this.status);
    const { gripper_width_m, tool } = this.arm?.at(position, at_ms) ?? { gripper_width_m: null, tool: null };
    this.rows.push(at_ms, this.number, {
      ...{
        q: [...position],
        v: [...velocity],
        effort: [...effort],
        commanded: this.commanded.size === 0 ? [] : names.map((name) => this.commanded.get(name) ?? Number.NaN),
        gripper_width_m,
        tool,
        wrench: this.force,
        speed: 1,
      },
      separation_m: this.safety?.separation_m ?? null,
      protective_distance_m: this.safety?.protective_distance_m ?? null,
    });
  }

  private takeSafety(state: SafetyState, at_ms: number): void {
    const { mode, latched, reasons } = state;
    if (STOPS.includes(mode) && this.safety?.mode !== mode)
      this.tell(at_ms, 'stop', [mode.replaceAll('_', ' '), ...reasons].join(': '));
    this.safety = state;
    if (mode === this.status.mode && latched === this.status.latched && `${reasons}` === `${this.status.reasons}`)
      return;
    this.status = { ...this.status, mode, latched, reasons };
  }

  private takeNote(name: string, text: string, at_ms: number): void {
    const stage = STAGE.exec(text)?.groups?.stage;
    if (stage === undefined) {
      this.tell(at_ms, 'note', name === '' ? text : `${name}: ${text}`);
      return;
    }
    this.status = { ...this.status, task: 'pick', stage };
    this.tell(at_ms, 'stage', text);
  }

  private takeScene(topic: string, fields: RosFields, at_ms: number): void {
    // What all cameras have seen together says more than what one has.
    if (topic === TOPICS.objects.name) this.topics.set('detections', topic);
    if (topic === TOPICS.doubts.name || !this.first('detections', topic)) return;
    const last_ms = this.scenes.at(-1)?.at_ms ?? Number.NEGATIVE_INFINITY;
    if (at_ms - last_ms < OPEN_RECORDING.scene_ms) return;
    if (this.scenes.length === OPEN_RECORDING.scenes) {
      this.missing.set('scenes', 'later detections are not shown');
      return;
    }
    try {
      const [seen] = detections.fromRos(fields, NO_LOOKUPS);
      const objects = seen.detections.map(({ id, class: name, colour, score, pose, shape, confidence }) => {
        const verdict = confidence?.verdict ?? 'accept';
        return { id, class: name, colour, score, pose, shape, verdict, reason: confidence?.reason ?? '' };
      });
      this.scenes.push({ at_ms: Math.round(at_ms), objects });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.missing.set(topic, `${topic}: ${error.message}`);
    }
  }

  private async takePicture(message: RecordedMessage, camera: string, at_ms: number): Promise<void> {
    const side: PictureCamera = ON_HAND.test(camera) ? 'wrist' : 'overview';
    if (!this.first(`picture ${side}`, message.topic)) return;
    const picture = pictureOf(message);
    if (picture === null) return;
    try {
      await this.shelves[side].add(Math.round(at_ms), picture);
    } catch (error) {
      this.missing.set(message.topic, `${message.topic}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private tell(at_ms: number, kind: HistoryEventKind, text: string, by = ''): void {
    if (this.events.length === OPEN_RECORDING.events) {
      this.missing.set('events', 'later events are not shown');
      return;
    }
    this.events.push({
      at_ms: Math.round(at_ms),
      kind,
      text: text.slice(0, LONGEST_TEXT),
      by: by.slice(0, LONGEST_TEXT),
    });
  }

  /** Whether a topic is the one that stands for a role. */
  private first(role: string, topic: string): boolean {
    const chosen = this.topics.get(role);
    if (chosen === undefined) this.topics.set(role, topic);
    return (chosen ?? topic) === topic;
  }
}

function wanted(topic: string, type: string): boolean {
  return WANTED.has(roleOf(topic, type).role) || ALSO.includes(topic);
}
