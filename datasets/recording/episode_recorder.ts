import type { Node, NodeContext, Subscription } from '../../contracts/index.ts';
import { createChannels, JPEG_QUALITY, RosCodec, type RosSource, type Take, toRosTime } from '../../ros/index.ts';
import { WRITE_FAILURE } from '../../safety/index.ts';
import type { PictureMask } from '../governance/mask.ts';
import { MaskedBus } from '../governance/masked_bus.ts';
import { type Disk, SYSTEM_DISK } from './disk.ts';
import { type DiskLimits, DiskSpace } from './disk_space.ts';
import { type McapAttachment, McapFile } from './mcap_file.ts';
import type { RecordedChannel } from './recording_queue.ts';
import { RecordingWriter, type RecordingWriterOptions } from './recording_writer.ts';

export interface EpisodeRecorderOptions extends Partial<Omit<RecordingWriterOptions, 'file'>> {
  /** The finished recording, e.g. OUT/episodes/episode_0003.mcap. Until then it is this name with `.part` appended. */
  readonly file: string;
  /** Written at the front of the file as the metadata record `surepick`: robot, seed, options, versions, model. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Written at the front, too: URDF, safety envelope, what the run was made from. */
  readonly attachments?: readonly McapAttachment[];
  /** Depth frames kept a second, of those that come: their noise does not compress. Default 5. */
  readonly depth_hz?: number;
  /** Of colour pictures, 1 to 100; it is in the metadata and in those of the channel. */
  readonly jpeg_quality?: number;
  /** Blackens what must not be stored; what it masks is the metadata record `masks`, what it withholds `withheld`. */
  readonly mask?: PictureMask;
  readonly disk?: Disk;
  /** What is done when the disk runs full. */
  readonly disk_limits?: Partial<DiskLimits>;
}

export interface RecordingSummary {
  readonly file: string;
  readonly bytes: number;
  readonly messages: number;
  /** Messages that came and are not in the file. */
  readonly left_out: number;
}

interface RecordedSource {
  readonly source: RosSource;
  readonly channel: RecordedChannel;
  readonly period_ns: bigint;
}

interface Opened {
  readonly file: McapFile;
  readonly writer: RecordingWriter;
  readonly space: DiskSpace;
  readonly context: NodeContext;
  readonly sources: readonly RecordedSource[];
  readonly log_channel: RecordedChannel;
}

const LOG_LEVELS = { info: 20, warn: 30 };
const SLACK_NS = 1_000_000n;
const TICK_MS = 100;
/** Messages that may wait: where publishers do not, it is memory that bounds them. */
const QUEUE = { waiting: 128, live: 65_536 };

/**
 * Records an episode's topics into one MCAP file of standard ROS 2 messages. Messages are encoded as they come, pictures
 * beside that, and written in the order of their publication; log time is the clock's. In lock-step a publisher is held up (by
 * a handler that has not finished) while too much waits, and equal episodes give equal bytes; in a live graph nobody is, and
 * what matters least is left out and counted. A killed process, and a power cut, lose less than a second.
 */
export class EpisodeRecorder implements Node {
  readonly name = 'recorder';
  private readonly options: EpisodeRecorderOptions;
  private readonly disk: Disk;
  private readonly log = new RosCodec('rcl_interfaces/msg/Log');
  private open: Opened | null = null;
  private subscriptions: Subscription[] = [];
  private masked: MaskedBus | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(options: EpisodeRecorderOptions) {
    this.options = options;
    this.disk = options.disk ?? SYSTEM_DISK;
  }

  /** Creates the file; throws an InputError where it cannot be written or there is too little room for it. */
  async configure(context: NodeContext): Promise<void> {
    const { options, disk } = this;
    const { jpeg_quality = JPEG_QUALITY, depth_hz = 5, live = false } = options;
    const space = new DiskSpace(disk, options.file, options.disk_limits);
    await space.requireStart();
    const file = await McapFile.create({ file: options.file, disk });
    try {
      await this.writeFront(file, context.clock.now_ns(), jpeg_quality);
    } catch (error) {
      await file.abandon();
      throw error;
    }
    const {
      queue = live ? QUEUE.live : QUEUE.waiting,
      queue_bytes = 64e6,
      flush_s = 0.3,
      chunk_bytes = 1 << 18,
    } = options;
    const limits = { queue, queue_bytes, flush_s, chunk_bytes };
    const writer = new RecordingWriter(
      file,
      space,
      { file: options.file, live, ...limits },
      {
        tell: (level, text) => this.tell(context, level, text),
        ended: () => {
          if (live) this.deactivate();
        },
      },
    );
    const add = channelsOf(file);
    const { overview, wrist, ...others } = createChannels(jpeg_quality);
    const depth_ns = BigInt(Math.round(1e9 / depth_hz));
    const all: RosSource[] = [...Object.values(overview), ...Object.values(wrist), ...Object.values(others)];
    const sources = all.map((source) => ({
      source,
      channel: add(source),
      period_ns: source === overview.depth || source === wrist.depth ? depth_ns : 0n,
    }));
    const notes = add({ topic: '/rosout', codec: this.log, priority: 'state', facts: {} });
    const log_channel = { ...notes, spared: true };
    this.open = { file, writer, space, context, sources, log_channel };
  }

  activate(): void {
    const { context, writer, sources } = this.opened();
    const { clock } = context;
    const { mask } = this.options;
    if (mask !== undefined) this.masked = new MaskedBus(context.bus, mask, this.name);
    const bus = this.masked ?? context.bus;
    for (const { source, channel, period_ns } of sources) {
      let due_ns = 0n;
      const take: Take = (encode, held_bytes) => {
        const now_ns = clock.now_ns();
        if (period_ns > 0n && now_ns < due_ns) return;
        due_ns = now_ns + period_ns - SLACK_NS;
        return writer.add(channel, now_ns, encode, held_bytes);
      };
      this.subscriptions.push(source.attach(bus, this.name, take));
    }
    if (this.options.live === true) this.timer = setInterval(() => writer.tick(), TICK_MS);
  }

  deactivate(): void {
    if (this.timer !== null) {
      clearInterval(this.timer);
      this.open?.writer.flushSoon();
    }
    this.timer = null;
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.masked?.close();
    this.masked = null;
  }

  /** Records a line of text at the present time, as rcl_interfaces/Log on /rosout: stages, decisions, reasons. */
  note(name: string, text: string, level: keyof typeof LOG_LEVELS = 'info'): void | Promise<void> {
    const { context, writer, log_channel } = this.opened();
    const now_ns = context.clock.now_ns();
    const message = { stamp: toRosTime(now_ns), level: LOG_LEVELS[level], name, msg: text };
    return writer.add(log_channel, now_ns, () => this.log.encode(message), 0);
  }

  /**
   * Ends the recording, with how the episode went as the metadata record `outcome`, and gives the file its final name. If
   * anything was left out, and of a live recording always, the metadata record `recording` says what and why. Throws what
   * kept it from being written; what there is then stays under the partial name.
   */
  async finish(outcome: Readonly<Record<string, string>> = {}): Promise<RecordingSummary> {
    const { file, writer } = this.opened();
    this.deactivate();
    this.open = null;
    const withheld = [...(this.options.mask?.withheld ?? [])].map(([why, count]) => [why, String(count)]);
    await writer.finish({
      ...(Object.keys(outcome).length === 0 ? {} : { outcome }),
      ...(withheld.length === 0 ? {} : { withheld: Object.fromEntries(withheld) }),
    });
    const { bytes, messages } = file;
    return { file: this.options.file, bytes, messages, left_out: writer.left_out.messages };
  }

  /** Finishes the recording where `finish` has not. In a live graph what keeps it from being written is only told. */
  async cleanup(): Promise<void> {
    if (this.open === null) return;
    const { context, writer } = this.open;
    try {
      await this.finish();
    } catch (error) {
      if (this.options.live !== true) throw error;
      if (writer.failure === null) this.tell(context, 'error', textOf(error));
    }
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    if (this.open === null) return {};
    const { file, writer, space } = this.open;
    const { messages, bytes } = writer.waiting;
    const left_out = [...writer.left_out.by_topic].map(([topic, count]) => [`${topic} left_out`, count]);
    return {
      [WRITE_FAILURE]: writer.failure === null ? '' : textOf(writer.failure.error),
      recorded_messages: file.messages,
      recorded_MB: (file.bytes / 1e6).toFixed(1),
      waiting_messages: messages,
      waiting_MB: (bytes / 1e6).toFixed(1),
      left_out_messages: writer.left_out.messages,
      ...Object.fromEntries(left_out),
      disk_free_MB: (space.free_bytes / 1e6).toFixed(0),
    };
  }

  /** What is known before the first message, so that a recording that is cut off has it, too. */
  private async writeFront(file: McapFile, log_ns: bigint, jpeg_quality: number): Promise<void> {
    const { metadata, mask, attachments = [] } = this.options;
    await file.addMetadata('surepick', { ...metadata, jpeg_quality: String(jpeg_quality) });
    if (mask !== undefined) await file.addMetadata('masks', maskFacts(mask));
    for (const attachment of attachments) await file.addAttachment(attachment, log_ns);
  }

  private tell({ log }: NodeContext, level: 'warn' | 'error', text: string): void {
    log[level]({ file: this.options.file }, text);
    if (level === 'warn' && this.open !== null) void this.note(this.name, text, level);
  }

  private opened(): Opened {
    if (this.open === null) throw new Error('the recorder is not configured, or has finished');
    return this.open;
  }
}

function maskFacts({ told, rules }: PictureMask): Record<string, string> {
  return { told: JSON.stringify(told), rules: JSON.stringify(rules) };
}

/** Adds channels to a file, each type once. */
function channelsOf(file: McapFile) {
  const schemas = new Map<string, number>();
  return ({ topic, codec, priority, facts }: Pick<RosSource, 'topic' | 'codec' | 'priority' | 'facts'>) => {
    const { name, text } = codec.definition;
    const schema = schemas.get(name) ?? file.addSchema(name, 'ros2msg', text);
    schemas.set(name, schema);
    return { id: file.addChannel(topic, schema, new Map(Object.entries(facts))), topic, priority };
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
