import { RosCodec, toRosTime } from '../../ros/index.ts';
import { McapFile } from '../recording/mcap_file.ts';
import { TASK_NOTE } from './episode_table.ts';
import type { ImportPlan, PlannedCamera } from './import_plan.ts';
import { carrierOf, encodeKept, type KeptFeature, SOURCE_RECORD } from './kept_feature.ts';
import { pictureHeader } from './picture_header.ts';
import type { SourceRow } from './source_row.ts';

/** Stamps begin here: zero means that nobody stamped. */
const FIRST_STAMP_NS = 1_000_000_000n;
const CHUNK_BYTES = 1 << 20;
const LOG_INFO = 20;
/** Times further from their frame than this are their own. */
const SAME_TIME_S = 1e-4;

type Codecs = ReadonlyMap<string, RosCodec>;
const TYPES = {
  joints: 'sensor_msgs/msg/JointState',
  command: 'control_msgs/msg/JointTrajectoryControllerState',
  wrench: 'geometry_msgs/msg/WrenchStamped',
  picture: 'sensor_msgs/msg/CompressedImage',
  note: 'rcl_interfaces/msg/Log',
  floats: 'std_msgs/msg/Float64MultiArray',
  integers: 'std_msgs/msg/Int64MultiArray',
  text: 'std_msgs/msg/String',
} as const;

/** Writes an episode of a set as a recording of standard messages, a row at a time. */
export class EpisodeWriter {
  private readonly file: McapFile;
  private readonly plan: ImportPlan;
  private readonly fps: number;
  private readonly codecs: Codecs = new Map(Object.values(TYPES).map((type) => [type, new RosCodec(type)]));
  private readonly channels = new Map<string, number>();
  private readonly schemas = new Map<string, number>();
  private readonly bad = new Map<string, number>();
  private task = '';
  private last_ns = 0n;
  rows = 0;

  private constructor(file: McapFile, plan: ImportPlan, fps: number) {
    this.file = file;
    this.plan = plan;
    this.fps = fps;
  }

  /** Throws an InputError where it cannot be written. */
  static async create(path: string, plan: ImportPlan, fps: number, facts: Readonly<Record<string, string>>) {
    const file = await McapFile.create({ file: path });
    await file.addMetadata('surepick', facts);
    await file.addMetadata(SOURCE_RECORD, { record: JSON.stringify(plan.record) });
    return new EpisodeWriter(file, plan, fps);
  }

  /** @param task  what is to be done, in words. @param pictures  of cameras whose pictures stand in videos */
  async add(row: SourceRow, task: string, pictures: ReadonlyMap<string, Uint8Array> = new Map()): Promise<void> {
    const stamp_ns = this.stampOf(row);
    if (task !== this.task) this.write('/rosout', TYPES.note, stamp_ns, note(stamp_ns, task));
    this.task = task;
    this.addJoints(row, stamp_ns);
    this.addCommand(row, stamp_ns);
    const wrench = this.plan.wrench === null ? undefined : row.numbers.get(this.plan.wrench);
    if (wrench !== undefined) this.write('/ft_sensor/wrench', TYPES.wrench, stamp_ns, wrenchMessage(stamp_ns, wrench));
    for (const camera of this.plan.cameras) this.addPicture(camera, row, stamp_ns, pictures);
    for (const feature of this.plan.kept) this.addKept(feature, row, stamp_ns);
    this.rows++;
    if (this.file.pending_bytes >= CHUNK_BYTES) await this.file.flush();
  }

  /** What could not be written, counted by its words. */
  get problems(): ReadonlyMap<string, number> {
    return this.bad;
  }

  async finish(outcome: Readonly<Record<string, string>>): Promise<void> {
    if (Object.keys(outcome).length > 0) await this.file.addMetadata('outcome', outcome);
    await this.file.finish();
  }

  async abandon(): Promise<void> {
    await this.file.abandon();
  }

  private stampOf({ frame_index, timestamp_s }: SourceRow): bigint {
    const regular = frame_index / this.fps;
    const time_s = Math.abs(timestamp_s - regular) <= SAME_TIME_S * Math.max(1, regular) ? regular : timestamp_s;
    const usable = Number.isFinite(time_s) && time_s >= 0 && time_s < 1e9 ? time_s : regular;
    const stamp_ns = FIRST_STAMP_NS + BigInt(Math.round(usable * 1e9));
    // Log times must not go back.
    if (stamp_ns > this.last_ns) this.last_ns = stamp_ns;
    return this.last_ns;
  }

  private addJoints({ numbers }: SourceRow, stamp_ns: bigint): void {
    const { state, velocity, effort } = this.plan;
    const position = state === null ? undefined : numbers.get(state.key);
    if (state === null || position === undefined) return;
    const of = (key: string | null) => (key === null ? [] : (numbers.get(key) ?? []));
    const fields = { name: state.names, position, velocity: of(velocity), effort: of(effort) };
    this.write('/joint_states', TYPES.joints, stamp_ns, { header: header(stamp_ns), ...fields });
  }

  private addCommand({ numbers }: SourceRow, stamp_ns: bigint): void {
    const { action, state } = this.plan;
    const positions = action === null ? undefined : numbers.get(action.key);
    if (action === null || positions === undefined) return;
    const measured = state === null ? undefined : numbers.get(state.key);
    const same = state?.names.join('\n') === action.names.join('\n');
    this.write('/arm_controller/controller_state', TYPES.command, stamp_ns, {
      ...{ header: header(stamp_ns), joint_names: action.names, speed_scaling_factor: 1 },
      reference: { positions },
      ...(same && measured !== undefined ? { feedback: { positions: measured } } : {}),
    });
  }

  private addPicture(
    { key, topic, kind, video }: PlannedCamera,
    row: SourceRow,
    stamp_ns: bigint,
    pictures: ReadonlyMap<string, Uint8Array>,
  ): void {
    const data = video ? pictures.get(key) : row.pictures.get(key);
    const head = data ? pictureHeader(data) : null;
    if (data && head !== null) {
      const format = head.format === 'jpeg' ? 'jpeg' : kind === 'depth' ? '16UC1; png' : 'png';
      this.write(topic, TYPES.picture, stamp_ns, { header: { ...header(stamp_ns), frame_id: '' }, format, data });
    } else if (!video) {
      const what = data ? 'bytes that are no picture, or one too large' : 'rows without a picture in the table';
      this.bad.set(`${key}: ${what}`, (this.bad.get(`${key}: ${what}`) ?? 0) + 1);
    }
  }

  private addKept(feature: KeptFeature, { numbers, texts }: SourceRow, stamp_ns: bigint): void {
    const value = feature.dtype === 'string' ? texts.get(feature.key) : numbers.get(feature.key);
    if (value === undefined) return;
    const type = carrierOf(feature.dtype);
    this.file.addMessage(
      this.channel(feature.topic, type),
      stamp_ns,
      stamp_ns,
      encodeKept(this.codec(type), feature, value),
    );
  }

  private write(topic: string, type: string, stamp_ns: bigint, message: object): void {
    this.file.addMessage(this.channel(topic, type), stamp_ns, stamp_ns, this.codec(type).encode(message));
  }

  private channel(topic: string, type: string): number {
    const known = this.channels.get(topic);
    if (known !== undefined) return known;
    const { definition } = this.codec(type);
    const schema = this.schemas.get(type) ?? this.file.addSchema(definition.name, 'ros2msg', definition.text);
    this.schemas.set(type, schema);
    const channel = this.file.addChannel(topic, schema);
    this.channels.set(topic, channel);
    return channel;
  }

  private codec(type: string): RosCodec {
    const codec = this.codecs.get(type);
    if (codec === undefined) throw new Error(`no codec of ${type}`);
    return codec;
  }
}

const header = (stamp_ns: bigint) => ({ stamp: toRosTime(stamp_ns), frame_id: '' });
const note = (stamp_ns: bigint, msg: string) => ({ stamp: toRosTime(stamp_ns), level: LOG_INFO, name: TASK_NOTE, msg });

function wrenchMessage(stamp_ns: bigint, [fx, fy, fz, tx, ty, tz]: Float64Array): object {
  const wrench = { force: { x: fx, y: fy, z: fz }, torque: { x: tx, y: ty, z: tz } };
  return { header: header(stamp_ns), wrench };
}
