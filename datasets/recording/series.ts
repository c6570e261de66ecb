import {
  type ControllerState,
  InputError,
  type JointState,
  type SafetyState,
  TOPICS,
  type Wrench,
} from '../../contracts/index.ts';
import { fromRosTime, type RosFields, safetyStateFromRos, topicMapping } from '../../ros/index.ts';
import type { SignalRole } from '../dataset/schema.ts';
import { type RecordedMessage, readRecording } from './read_recording.ts';
import { roleOf } from './roles.ts';
import { summarizeRecording } from './summary.ts';

/** Rows of a robot's joints: row k of each array, `names.length` wide, is of `time_s[k]`; NaN where nothing was told. */
export interface JointSeries {
  readonly names: readonly string[];
  /** Of the stamp, from the episode's start. */
  readonly time_s: Float64Array;
  /** When it was logged, from the episode's start. */
  readonly logged_s: Float64Array;
  /** rad (m). */
  readonly position: Float64Array;
  /** rad/s (m/s). */
  readonly velocity: Float64Array;
  /** Nm (N); of commands NaN. */
  readonly effort: Float64Array;
}

/** Force (N) and torque (Nm), six a row, in the frame of the sensor. */
export interface WrenchSeries {
  readonly frame_id: string;
  readonly time_s: Float64Array;
  readonly values: Float64Array;
}

/** When a camera's pictures were taken and how large they are; the pictures themselves are read by `readPictures`. */
export interface PictureSeries {
  readonly topic: string;
  readonly camera: string;
  readonly kind: 'colour' | 'depth';
  readonly time_s: Float64Array;
  readonly logged_s: Float64Array;
  readonly bytes: Float64Array;
}

/** Everything of an episode but its pictures. */
export interface EpisodeSeries {
  /** Log time of the first message. */
  readonly start_ns: bigint;
  readonly duration_s: number;
  /** The topic that was read for a role of which only one is. */
  readonly topics: ReadonlyMap<SignalRole, string>;
  /** Null where the recording has none. */
  readonly joints: JointSeries | null;
  /** What the arm was told, by the same names or fewer. */
  readonly command: JointSeries | null;
  readonly wrench: WrenchSeries | null;
  readonly pictures: readonly PictureSeries[];
  readonly safety: readonly { readonly time_s: number; readonly state: SafetyState }[];
  /** Stages of the task and other lines of text. */
  readonly notes: readonly { readonly time_s: number; readonly name: string; readonly text: string }[];
}

const NO_LOOKUPS = { transform: () => null };
const jointState = topicMapping(TOPICS.joint_states);
const controllerState = topicMapping(TOPICS.controller_state);
const wrenchOf = topicMapping(TOPICS.wrench);

/**
 * Reads the numbers of an episode, of one topic each: of its role the first by name, as an index has them; in an unfinished
 * recording the first that is met. Throws an InputError for a recording that cannot
 * be read or has messages that are none of their type; what is missing at the end of an unfinished one is not missed.
 */
export async function readSeries(file: string): Promise<EpisodeSeries> {
  const collected = new Collector(await firstOfRoles(file));
  for await (const message of readRecording(file)) collected.take(message);
  return collected.series();
}

/** By role the topic that stands for it; none where there is no summary to tell. */
async function firstOfRoles(file: string): Promise<Map<SignalRole, string>> {
  const first = new Map<SignalRole, string>();
  try {
    for (const { topic, type, messages } of (await summarizeRecording(file)).channels) {
      const { role } = roleOf(topic, type);
      if (messages > 0 && !first.has(role)) first.set(role, topic);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return first;
}

class Collector {
  private start_ns: bigint | null = null;
  private end_ns = 0n;
  private readonly chosen: Map<SignalRole, string>;
  private readonly joints = new JointRows();
  private readonly command = new JointRows();
  private readonly wrench = { frame_id: '', time_s: [] as number[], values: [] as number[] };
  private readonly pictures = new Map<string, { camera: string; kind: 'colour' | 'depth'; rows: PictureRows }>();
  private readonly safety: { time_s: number; state: SafetyState }[] = [];
  private readonly notes: { time_s: number; name: string; text: string }[] = [];

  /** @param chosen  topics by role; what is not in it is chosen when it is met */
  constructor(chosen: Map<SignalRole, string>) {
    this.chosen = chosen;
  }

  take({ topic, type, log_ns, message, data }: RecordedMessage): void {
    this.start_ns ??= log_ns;
    if (log_ns > this.end_ns) this.end_ns = log_ns;
    const { role, camera } = roleOf(topic, type);
    const logged_s = this.since(log_ns);
    switch (role) {
      case 'joint_state':
        if (this.first(role, topic)) for (const state of told(jointState, message)) this.addJoints(state, logged_s);
        return;
      case 'joint_command':
        if (this.first(role, topic)) for (const s of told(controllerState, message)) this.addCommand(s, logged_s);
        return;
      case 'wrench':
        if (this.first(role, topic)) for (const wrench of told(wrenchOf, message)) this.addWrench(wrench);
        return;
      case 'colour':
      case 'depth':
        this.addPicture(topic, camera, role, stampOf(message) ?? log_ns, logged_s, data.length);
        return;
      case 'safety':
        this.safety.push({ time_s: logged_s, state: safetyStateFromRos(message) });
        return;
      case 'notes':
        this.notes.push({ time_s: logged_s, name: String(message.name), text: String(message.msg) });
        return;
      default:
        return;
    }
  }

  series(): EpisodeSeries {
    const { wrench, safety, notes } = this;
    const start_ns = this.start_ns ?? 0n;
    return {
      start_ns,
      duration_s: this.start_ns === null ? 0 : this.since(this.end_ns),
      topics: this.chosen,
      joints: this.joints.series(),
      command: this.command.series(),
      wrench:
        wrench.time_s.length === 0
          ? null
          : {
              frame_id: wrench.frame_id,
              time_s: Float64Array.from(wrench.time_s),
              values: Float64Array.from(wrench.values),
            },
      pictures: [...this.pictures].map(([topic, { camera, kind, rows }]) => ({
        topic,
        camera,
        kind,
        ...rows.series(),
      })),
      ...{ safety, notes },
    };
  }

  private since(ns: bigint): number {
    return Number(ns - (this.start_ns ?? ns)) / 1e9;
  }

  /** Whether `topic` is the one that stands for the role. */
  private first(role: SignalRole, topic: string): boolean {
    const chosen = this.chosen.get(role);
    if (chosen === undefined) this.chosen.set(role, topic);
    return (chosen ?? topic) === topic;
  }

  private addJoints({ stamp_ns, names, position, velocity, effort }: JointState, logged_s: number): void {
    this.joints.add(names, this.since(stamp_ns), logged_s, position, velocity, effort);
  }

  private addCommand({ stamp_ns, joint_names, reference }: ControllerState, logged_s: number): void {
    this.command.add(joint_names, this.since(stamp_ns), logged_s, reference.position, reference.velocity, []);
  }

  private addWrench({ stamp_ns, frame_id, force, torque }: Wrench): void {
    this.wrench.frame_id = frame_id;
    this.wrench.time_s.push(this.since(stamp_ns));
    this.wrench.values.push(...force, ...torque);
  }

  private addPicture(
    topic: string,
    camera: string,
    kind: 'colour' | 'depth',
    stamp_ns: bigint,
    logged_s: number,
    bytes: number,
  ): void {
    const known = this.pictures.get(topic) ?? { camera, kind, rows: new PictureRows() };
    this.pictures.set(topic, known);
    known.rows.add(this.since(stamp_ns), logged_s, bytes);
  }
}

function told<T>(mapping: { fromRos(fields: RosFields, lookups: typeof NO_LOOKUPS): readonly T[] }, fields: RosFields) {
  return mapping.fromRos(fields, NO_LOOKUPS);
}

/** Stamp of a message with a header; null without one. */
export function stampOf({ header }: RosFields): bigint | null {
  if (typeof header !== 'object' || header === null || !('stamp' in header)) return null;
  const { stamp } = header;
  if (typeof stamp !== 'object' || stamp === null || !('sec' in stamp && 'nanosec' in stamp)) return null;
  const { sec, nanosec } = stamp;
  return typeof sec === 'number' && typeof nanosec === 'number' ? fromRosTime({ sec, nanosec }) : null;
}

/** The names of the first message are kept; later messages may have them in another order. */
class JointRows {
  private names: readonly string[] = [];
  private readonly time_s: number[] = [];
  private readonly logged_s: number[] = [];
  private readonly position: number[] = [];
  private readonly velocity: number[] = [];
  private readonly effort: number[] = [];

  add(
    names: readonly string[],
    time_s: number,
    logged_s: number,
    position: ArrayLike<number>,
    velocity: ArrayLike<number>,
    effort: ArrayLike<number>,
  ): void {
    if (this.time_s.length === 0) this.names = [...names];
    this.time_s.push(time_s);
    this.logged_s.push(logged_s);
    for (const name of this.names) {
      const i = names.indexOf(name);
      this.position.push(position[i] ?? Number.NaN);
      this.velocity.push(velocity[i] ?? Number.NaN);
      this.effort.push(effort[i] ?? Number.NaN);
    }
  }

  series(): JointSeries | null {
    if (this.time_s.length === 0) return null;
    return {
      names: this.names,
      time_s: Float64Array.from(this.time_s),
      logged_s: Float64Array.from(this.logged_s),
      position: Float64Array.from(this.position),
      velocity: Float64Array.from(this.velocity),
      effort: Float64Array.from(this.effort),
    };
  }
}

class PictureRows {
  private readonly time_s: number[] = [];
  private readonly logged_s: number[] = [];
  private readonly bytes: number[] = [];

  add(time_s: number, logged_s: number, bytes: number): void {
    this.time_s.push(time_s);
    this.logged_s.push(logged_s);
    this.bytes.push(bytes);
  }

  series() {
    return {
      time_s: Float64Array.from(this.time_s),
      logged_s: Float64Array.from(this.logged_s),
      bytes: Float64Array.from(this.bytes),
    };
  }
}
