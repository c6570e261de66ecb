import sharp from 'sharp';
import {
  CAMERAS,
  type CameraInfo,
  type ColourImage,
  type Detections,
  type Node,
  type NodeContext,
  quantile,
  type StageLatency,
  type Subscription,
  stampToSeconds,
  TOPICS,
} from '../contracts/index.ts';
import {
  type AnnotatedImage,
  type EpisodeRecord,
  MaskedBus,
  type PictureMask,
  type StageSpan,
} from '../datasets/index.ts';
import { forwardKinematics, framePose, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { projectedEdges } from './annotate.ts';

const SAMPLES_PER_S = 50;
const JPEG_QUALITY = 85;

type Pictured = { readonly colour: ColourImage; readonly info: CameraInfo; readonly seen: Detections | null };

/** Watches one episode on the bus and keeps what its report shows. It publishes nothing. */
export class EpisodeObserver implements Node {
  readonly name = 'observer';
  private readonly robot: Robot;
  private readonly mask: PictureMask | null;
  private readonly data: RobotData;
  private readonly tcp: number;
  private readonly pose = new Float64Array(12);
  private masked: MaskedBus | null = null;
  private subscriptions: Subscription[] = [];
  private readonly time_s: number[] = [];
  private readonly joint_position: number[][] = [];
  private readonly tool_speed: number[] = [];
  private readonly tool: [number, number, number] = [Number.NaN, Number.NaN, Number.NaN];
  private last_s = Number.NEGATIVE_INFINITY;
  private readonly spans: StageSpan[] = [];
  private readonly latencies = new Map<string, number[]>();
  private readonly frames = new Map<bigint, { colour?: ColourImage; info?: CameraInfo }>();
  private first: Pictured | null = null;
  private latest: Pictured | null = null;

  /** @param mask  of pictures, before any is kept; none by default */
  constructor(robot: Robot, mask: PictureMask | null = null) {
    this.robot = robot;
    this.mask = mask;
    this.data = new RobotData(robot.model);
    this.tcp = robot.model.frames.findIndex((frame) => frame.name === robot.tcp_frame);
  }

  async configure({ bus: whole }: NodeContext): Promise<void> {
    const { overview } = CAMERAS;
    this.masked = this.mask === null ? null : new MaskedBus(whole, this.mask, this.name);
    const bus = this.masked ?? whole;
    this.subscriptions = [
      bus.subscribe(TOPICS.joint_states, this.name, (state) =>
        this.onJoints(stampToSeconds(state.stamp_ns), state.position),
      ),
      bus.subscribe(overview.colour, this.name, (colour) => this.onFrame(colour.stamp_ns, { colour })),
      bus.subscribe(overview.info, this.name, (info) => this.onFrame(info.stamp_ns, { info })),
      bus.subscribe(TOPICS.detections, this.name, (seen) => this.onDetections(seen)),
      bus.subscribe(TOPICS.latency, this.name, (latency) => this.onLatency(latency)),
    ];
  }

  activate(): void {}
  deactivate(): void {}

  async cleanup(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.masked?.close();
  }

  /** A stage of the task begins. */
  enterStage(name: string, at_s: number): void {
    this.endStage(at_s);
    this.spans.push({ name, start_s: at_s, end_s: at_s });
  }

  /** Wall time of a call of a part that has no messages of its own. */
  addLatency(stage: string, seconds: number): void {
    const values = this.latencies.get(stage);
    if (values === undefined) this.latencies.set(stage, [seconds]);
    else values.push(seconds);
  }

  /** What was seen, in the form reports take; pictures are encoded here. */
  async record(
    end_s: number,
  ): Promise<
    Pick<EpisodeRecord, 'stages' | 'time_s' | 'joint_names' | 'joint_position' | 'tool_speed' | 'latency' | 'images'>
  > {
    this.endStage(end_s);
    const pictures = [this.first, this.latest].filter((picture) => picture !== null);
    return {
      stages: this.spans,
      time_s: this.time_s,
      joint_names: this.robot.model.joint_names.slice(0, this.robot.arm_joints),
      joint_position: this.joint_position,
      tool_speed: this.tool_speed,
      latency: Object.fromEntries(
        [...this.latencies].map(([stage, values]) => [
          stage,
          { p50_s: quantile(values, 0.5), p95_s: quantile(values, 0.95), calls: values.length },
        ]),
      ),
      images: await Promise.all(pictures.map(encode)),
    };
  }

  private endStage(at_s: number): void {
    const last = this.spans.pop();
    if (last !== undefined) this.spans.push({ ...last, end_s: at_s });
  }

  private onJoints(time_s: number, q: Float64Array): void {
    if (time_s - this.last_s < 1 / SAMPLES_PER_S - 1e-9) return;
    forwardKinematics(this.robot.model, this.data, q);
    framePose(this.robot.model, this.data, this.tcp, this.pose);
    const moved = Math.hypot(...this.tool.map((value, axis) => this.pose[9 + axis] - value));
    this.tool_speed.push(Number.isNaN(moved) ? 0 : moved / (time_s - this.last_s));
    for (let axis = 0; axis < 3; axis++) this.tool[axis] = this.pose[9 + axis];
    this.last_s = time_s;
    this.time_s.push(time_s);
    this.joint_position.push([...q.subarray(0, this.robot.arm_joints)]);
  }

  private onFrame(stamp_ns: bigint, part: { colour?: ColourImage; info?: CameraInfo }): void {
    const frame = { ...this.frames.get(stamp_ns), ...part };
    this.frames.set(stamp_ns, frame);
    if (frame.colour === undefined || frame.info === undefined) return;
    for (const stamp of this.frames.keys()) if (stamp < stamp_ns - 1_000_000_000n) this.frames.delete(stamp);
    this.first ??= { colour: frame.colour, info: frame.info, seen: null };
    this.latest = { colour: frame.colour, info: frame.info, seen: null };
  }

  private onDetections(seen: Detections): void {
    const frame = this.frames.get(seen.stamp_ns);
    if (frame?.colour === undefined || frame.info === undefined) return;
    const picture = { colour: frame.colour, info: frame.info, seen };
    if (this.first === null || this.first.seen === null) this.first = picture;
    this.latest = picture;
  }

  private onLatency({ stage, pre_s, model_s, post_s }: StageLatency): void {
    for (const [part, seconds] of [
      ['prepare', pre_s],
      ['model', model_s],
      ['pose', post_s],
    ] as const) {
      if (seconds > 0) this.addLatency(stage === 'plan' ? stage : `${stage}: ${part}`, seconds);
    }
  }
}

async function encode({ colour, info, seen }: Pictured): Promise<AnnotatedImage> {
  const { width, height, data, stamp_ns } = colour;
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
  return {
    width,
    height,
    jpeg: new Uint8Array(jpeg),
    time_s: stampToSeconds(stamp_ns),
    source: seen?.source ?? 'none',
    boxes: (seen?.detections ?? []).map((detection) => ({
      label: `${detection.colour} ${detection.class}`,
      score: detection.score,
      edges: projectedEdges(detection, info),
      image_box: detection.image_box,
    })),
  };
}
