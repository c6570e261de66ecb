import { type Bus, CAMERAS, type Qos, type Subscription } from '../../contracts/index.ts';
import { type McapAttachment, McapFile } from '../../datasets/index.ts';
import { createChannels, RosCodec, type RosSource, toRosTime } from '../../ros/index.ts';
import type { PictureCamera } from '../protocol/index.ts';
import { SlabRing, type SlabRingLimits } from './slab_ring.ts';
import { Standing } from './standing.ts';

/** What is kept, and in how much memory. */
export const FLIGHT = { window_ms: 60_000, bytes: 96 << 20, slab_bytes: 512 << 10 } as const satisfies SlabRingLimits;

/** Quality that pictures come in. */
const JPEG_QUALITY = 80;
/** Of what was told long ago and still holds: at most so many messages of a topic. */
const STANDING = 16;
/** Uncompressed; a chunk at once is what holds the event loop. */
const CHUNK_BYTES = 128 << 10;
const LOG_TOPIC = '/rosout';
const INFO = 20;

export interface FlightRecorderOptions {
  readonly bus: Bus;
  /** The robot's clock: log times. */
  readonly robot_ns: () => bigint;
  /** A clock that does not go back. */
  readonly now_ms: () => number;
  readonly limits?: SlabRingLimits;
}

interface Channel extends Pick<RosSource, 'topic' | 'facts'> {
  readonly codec: RosCodec;
  /** How many of its last messages hold until there are others. */
  readonly standing: number;
}

/**
 * Keeps the last minute of everything that is recorded, encoded as recordings have it, in bounded memory, and writes it as one
 * MCAP file when somebody asks. Pictures are those that are encoded for the pages; depth is left out.
 */
export class FlightRecorder {
  private readonly options: FlightRecorderOptions;
  private readonly ring: SlabRing;
  private readonly channels: readonly Channel[];
  private readonly sources: readonly RosSource[];
  private readonly pictures: Readonly<Record<PictureCamera, number>>;
  private readonly frame_ids = new Map<PictureCamera, string>();
  private readonly standing = new Standing();
  private subscriptions: Subscription[] = [];

  constructor(options: FlightRecorderOptions) {
    this.options = options;
    const { overview, wrist, ...others } = createChannels(JPEG_QUALITY);
    this.sources = [overview.info, wrist.info, ...Object.values(others)];
    const log = { topic: LOG_TOPIC, facts: {}, codec: new RosCodec('rcl_interfaces/msg/Log'), standing: 0 };
    this.channels = [
      ...[overview.info, wrist.info].map((one) => ({ ...shown(one), standing: 0 })),
      ...Object.values(others).map((one) => ({ ...shown(one), standing: standingOf(one.source.qos) })),
      ...[overview.colour, wrist.colour].map((one) => ({ ...shown(one), standing: 0 })),
      log,
    ];
    this.pictures = { overview: this.sources.length, wrist: this.sources.length + 1 };
    this.ring = new SlabRing(options.limits ?? FLIGHT, ({ channel, log_ns, data }) => {
      // What holds on stays when it has become too old to be kept.
      const { standing } = this.channels[channel];
      if (standing > 0) this.standing.add({ channel, log_ns, data: data.slice() }, standing);
    });
  }

  /** Memory that is accounted for, bytes. */
  get bytes(): number {
    return this.ring.bytes + this.standing.bytes;
  }

  /** How long messages are kept, ms. */
  get window_ms(): number {
    return (this.options.limits ?? FLIGHT).window_ms;
  }

  start(): void {
    const { bus } = this.options;
    this.sources.forEach((source, channel) => {
      const take = (encode: () => Uint8Array | Promise<Uint8Array>): void => {
        const data = encode();
        if (!(data instanceof Promise)) this.keep(channel, data);
      };
      this.subscriptions.push(source.attach(bus, 'flight_recorder', take));
    });
    for (const camera of ['overview', 'wrist'] as const) {
      const note = ({ frame_id }: { readonly frame_id: string }) => void this.frame_ids.set(camera, frame_id);
      this.subscriptions.push(bus.subscribe(CAMERAS[camera].info, 'flight_recorder_frames', note));
    }
  }

  stop(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
  }

  /** Keeps a picture as it was encoded for the pages. @param stamp_ns  of the robot's clock */
  addPicture(camera: PictureCamera, stamp_ns: bigint, jpeg: Uint8Array): void {
    const header = { stamp: toRosTime(stamp_ns), frame_id: this.frame_ids.get(camera) ?? '' };
    this.encode(this.pictures[camera], { header, format: 'jpeg', data: jpeg });
  }

  /** A line of text at the present time, as rcl_interfaces/Log on /rosout. */
  note(name: string, msg: string): void {
    const stamp = toRosTime(this.options.robot_ns());
    this.encode(this.channels.length - 1, { stamp, level: INFO, name, msg });
  }

  /**
   * Writes the last minute; throws an InputError where the file cannot be written.
   * @param front  metadata record `surepick`
   */
  async write(
    file: string,
    front: Readonly<Record<string, string>>,
    attachments: readonly McapAttachment[],
  ): Promise<void> {
    const pieces = this.ring.since(this.options.now_ms() - this.window_ms);
    const from_ns = this.options.robot_ns() - BigInt(Math.round(1e6 * this.window_ms));
    const standing = this.standing.copy();
    const out = await McapFile.create({ file });
    try {
      await out.addMetadata('surepick', front);
      for (const attachment of attachments) await out.addAttachment(attachment, this.options.robot_ns());
      const ids = new ChannelIds(out, this.channels);
      for (const messages of pieces) {
        for (const message of messages) {
          const { channel, log_ns, data } = message;
          if (log_ns < from_ns) {
            standing.add(message, this.channels[channel].standing);
            continue;
          }
          for (const { channel: held, log_ns: told_ns, data: bytes } of standing.takeAll())
            out.addMessage(ids.of(held), log_ns, told_ns, bytes);
          out.addMessage(ids.of(channel), log_ns, log_ns, data);
          if (out.pending_bytes < CHUNK_BYTES) continue;
          await out.flush();
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
      }
      await out.addMetadata('recording', { live: 'true', left_out: JSON.stringify(['depth pictures']) });
      await out.finish();
    } catch (error) {
      await out.abandon();
      throw error;
    }
  }

  private encode(channel: number, message: object): void {
    this.keep(channel, this.channels[channel].codec.encode(message));
  }

  private keep(channel: number, data: Uint8Array): void {
    this.ring.add(channel, this.options.now_ms(), this.options.robot_ns(), data);
  }
}

function standingOf({ durability, depth }: Qos): number {
  return durability === 'transient_local' ? Math.min(depth, STANDING) : 0;
}

function shown({ topic, codec, facts }: RosSource): Omit<Channel, 'standing'> {
  return { topic, codec, facts };
}

/** Channels of a file, declared as they are needed, each type once. */
class ChannelIds {
  private readonly out: McapFile;
  private readonly channels: readonly Channel[];
  private readonly schemas = new Map<string, number>();
  private readonly ids = new Map<number, number>();

  constructor(out: McapFile, channels: readonly Channel[]) {
    this.out = out;
    this.channels = channels;
  }

  of(channel: number): number {
    const known = this.ids.get(channel);
    if (known !== undefined) return known;
    const { topic, codec, facts } = this.channels[channel];
    const { name, text } = codec.definition;
    const schema = this.schemas.get(name) ?? this.out.addSchema(name, 'ros2msg', text);
    this.schemas.set(name, schema);
    const id = this.out.addChannel(topic, schema, new Map(Object.entries(facts)));
    this.ids.set(channel, id);
    return id;
  }
}
