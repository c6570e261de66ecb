import type { Node, NodeContext, Subscription } from '../../contracts/index.ts';
import { createChannels, type Encode, RosCodec, type RosSource, toRosTime } from '../../ros/index.ts';
import { McapFile } from './mcap_file.ts';

export interface EpisodeRecorderOptions {
  /** The finished recording, e.g. OUT/episodes/episode_0003.mcap. Until then it is this name with `.part` appended. */
  readonly file: string;
  /** Written at the front of the file as the metadata record `surepick`: seed, options, versions, model. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Depth frames kept a second, of those that come: their noise does not compress. Default 5. */
  readonly depth_hz?: number;
  /** Messages that may wait to be written before publishers are asked to wait. Default 128. */
  readonly queue?: number;
  /** Recorded time after which a chunk is written, s. Default 0.5. */
  readonly flush_s?: number;
  /** Uncompressed size at which a chunk is written before that, bytes. Default 1 MiB. */
  readonly chunk_bytes?: number;
}

export interface RecordingSummary {
  readonly file: string;
  readonly bytes: number;
  readonly messages: number;
}

interface Job {
  readonly channel: number;
  readonly log_ns: bigint;
  readonly data: Uint8Array | Promise<Uint8Array>;
}

const LOG_INFO = 20;
const SLACK_NS = 1_000_000n;

/**
 * Records an episode's topics into one MCAP file of standard ROS 2 messages. Messages are encoded as they come, pictures
 * in the background, and written in the order of their publication; log time is the clock's. A publisher is held up (by a
 * handler that has not finished, which lock-step waits for) only while `queue` messages wait. A killed process loses at
 * most `flush_s` of recorded time beyond what waits. Equal episodes give equal bytes.
 */
export class EpisodeRecorder implements Node {
  readonly name = 'recorder';
  private readonly options: Required<EpisodeRecorderOptions>;
  private open: { readonly file: McapFile; readonly context: NodeContext; readonly log_channel: number } | null = null;
  private sources: { readonly source: RosSource; readonly channel: number; readonly period_ns: bigint }[] = [];
  private subscriptions: Subscription[] = [];
  private readonly log = new RosCodec('rcl_interfaces/msg/Log');
  private readonly jobs: Job[] = [];
  private room: { readonly promise: Promise<void>; readonly free: () => void } | null = null;
  private writing: Promise<void> | null = null;
  private failure: { readonly error: unknown } | null = null;
  private chunk_start_ns: bigint | null = null;

  constructor(options: EpisodeRecorderOptions) {
    this.options = { depth_hz: 5, queue: 128, flush_s: 0.5, chunk_bytes: 1 << 20, ...options };
  }

  /** Creates the file; throws an InputError where it cannot be written. */
  async configure(context: NodeContext): Promise<void> {
    const file = await McapFile.create({ file: this.options.file });
    await file.addMetadata('surepick', this.options.metadata);
    const schemas = new Map<string, number>();
    const add = (topic: string, { definition }: RosCodec) => {
      const schema = schemas.get(definition.name) ?? file.addSchema(definition.name, 'ros2msg', definition.text);
      schemas.set(definition.name, schema);
      return file.addChannel(topic, schema);
    };
    const { overview, wrist, ...others } = createChannels();
    const depth_ns = BigInt(Math.round(1e9 / this.options.depth_hz));
    const all: RosSource[] = [...Object.values(overview), ...Object.values(wrist), ...Object.values(others)];
    this.sources = all.map((source) => ({
      source,
      channel: add(source.topic, source.codec),
      period_ns: source === overview.depth || source === wrist.depth ? depth_ns : 0n,
    }));
    this.open = { file, context, log_channel: add('/rosout', this.log) };
  }

  activate(): void {
    const { bus, clock } = this.opened().context;
    for (const { source, channel, period_ns } of this.sources) {
      let due_ns = 0n;
      const take = (encode: Encode) => {
        const now_ns = clock.now_ns();
        if (period_ns > 0n && now_ns < due_ns) return;
        due_ns = now_ns + period_ns - SLACK_NS;
        return this.enqueue(channel, now_ns, encode);
      };
      this.subscriptions.push(source.attach(bus, this.name, take));
    }
  }

  deactivate(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  /** Records a line of text at the present time, as rcl_interfaces/Log on /rosout: stages, decisions, reasons. */
  note(name: string, text: string): void | Promise<void> {
    const { context, log_channel } = this.opened();
    const now_ns = context.clock.now_ns();
    const message = { stamp: toRosTime(now_ns), level: LOG_INFO, name, msg: text };
    return this.enqueue(log_channel, now_ns, () => this.log.encode(message));
  }

  /**
   * Ends the recording, with how the episode went as the metadata record `outcome`, and gives the file its final name.
   * Throws what kept it from being written; what there is then stays under the partial name.
   */
  async finish(outcome: Readonly<Record<string, string>> = {}): Promise<RecordingSummary> {
    const { file } = this.opened();
    this.deactivate();
    await this.writing;
    this.open = null;
    try {
      if (this.failure !== null) throw this.failure.error;
      if (Object.keys(outcome).length > 0) await file.addMetadata('outcome', outcome);
      await file.finish();
    } catch (error) {
      await file.abandon();
      throw error;
    }
    return { file: this.options.file, bytes: file.bytes, messages: file.messages };
  }

  /** Finishes the recording where `finish` has not. */
  async cleanup(): Promise<void> {
    if (this.open !== null) await this.finish();
  }

  private opened(): NonNullable<typeof this.open> {
    if (this.open === null) throw new Error('the recorder is not configured, or has finished');
    return this.open;
  }

  private enqueue(channel: number, log_ns: bigint, encode: Encode): void | Promise<void> {
    if (this.failure !== null) throw this.failure.error;
    const data = encode();
    // Seen when its turn comes; until then a failed picture must not count as unhandled.
    if (data instanceof Promise) data.catch(() => {});
    this.jobs.push({ channel, log_ns, data });
    this.writing ??= this.drain();
    if (this.jobs.length < this.options.queue) return;
    this.room ??= gate();
    return this.room.promise.then(() => {
      if (this.failure !== null) throw this.failure.error;
    });
  }

  private async drain(): Promise<void> {
    await null;
    try {
      for (let job = this.jobs.shift(); job !== undefined; job = this.jobs.shift()) {
        await this.write(job);
        if (this.jobs.length <= this.options.queue / 2) this.admit();
      }
    } catch (error) {
      this.failure = { error };
      this.jobs.length = 0;
    }
    this.writing = null;
    this.admit();
  }

  private async write({ channel, log_ns, data }: Job): Promise<void> {
    const { file } = this.opened();
    const flush_ns = BigInt(Math.round(this.options.flush_s * 1e9));
    const bytes = data instanceof Promise ? await data : data;
    this.chunk_start_ns ??= log_ns;
    if (log_ns - this.chunk_start_ns >= flush_ns || file.pending_bytes >= this.options.chunk_bytes) {
      await file.flush();
      this.chunk_start_ns = log_ns;
    }
    file.addMessage(channel, log_ns, log_ns, bytes);
  }

  private admit(): void {
    this.room?.free();
    this.room = null;
  }
}

function gate(): { readonly promise: Promise<void>; readonly free: () => void } {
  let free = () => {};
  const promise = new Promise<void>((resolve) => {
    free = resolve;
  });
  return { promise, free };
}
