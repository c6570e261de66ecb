import {
  CAMERAS,
  type CameraInfo,
  type CameraName,
  type ColourImage,
  type DepthImage,
  type Detections,
  type Node,
  type NodeContext,
  type Subscription,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import type { DetectionTiming, Detector } from './detector.ts';

export interface PerceptionNodeOptions {
  /** Shared and not closed by the node; must keep nothing between frames. */
  readonly detector: Detector;
  readonly camera?: CameraName;
  /** From receiving a frame to publishing what is in it, s; modelled, for simulation. Default 0.02. */
  readonly processing_latency_s?: number;
}

const DEFAULT_LATENCY_S = 0.02;
/** Images of this many stamps wait for their partners. */
const WAITING = 4;

interface Parts {
  readonly stamp_ns: bigint;
  colour?: ColourImage;
  depth?: DepthImage;
  info?: CameraInfo;
}

/**
 * Turns the frames of one camera into detections: images of equal stamp belong together. Lazy: a frame is looked at only
 * while somebody subscribes to the detections.
 */
export class PerceptionNode implements Node {
  readonly name = 'perception';
  private readonly detector: Detector;
  private readonly camera: CameraName;
  private readonly latency_ns: bigint;
  private context: NodeContext | null = null;
  private subscriptions: Subscription[] = [];
  private cancels = new Set<() => void>();
  private waiting: Parts[] = [];
  private busy = false;
  private frames = 0;
  private dropped = 0;

  constructor(options: PerceptionNodeOptions) {
    this.detector = options.detector;
    this.camera = options.camera ?? 'overview';
    this.latency_ns = secondsToStamp(options.processing_latency_s ?? DEFAULT_LATENCY_S);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.waiting = [];
    this.busy = false;
    this.frames = 0;
    this.dropped = 0;
  }

  activate(): void {
    const { bus } = this.required();
    const topics = CAMERAS[this.camera];
    this.subscriptions = [
      bus.subscribe(topics.colour, this.name, (colour) => this.take(colour.stamp_ns, { colour })),
      bus.subscribe(topics.depth, this.name, (depth) => this.take(depth.stamp_ns, { depth })),
      bus.subscribe(topics.info, this.name, (info) => this.take(info.stamp_ns, { info })),
    ];
  }

  deactivate(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    for (const cancel of this.cancels) cancel();
    this.subscriptions = [];
    this.cancels.clear();
    this.waiting = [];
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  /** Keeps one part of a frame; the part that completes a frame has it processed. */
  private take(stamp_ns: bigint, part: Omit<Parts, 'stamp_ns'>): Promise<void> | void {
    let parts = this.waiting.find((other) => other.stamp_ns === stamp_ns);
    if (parts === undefined) {
      parts = { stamp_ns };
      this.waiting.push(parts);
      if (this.waiting.length > WAITING) this.waiting.shift();
    }
    Object.assign(parts, part);
    const { colour, depth, info } = parts;
    if (colour === undefined || depth === undefined || info === undefined) return;
    this.waiting = this.waiting.filter((other) => other.stamp_ns > stamp_ns);
    if (this.required().bus.subscribers(TOPICS.detections) === 0) return;
    if (this.busy) {
      this.dropped++;
      return;
    }
    return this.process(colour, depth, info);
  }

  private async process(colour: ColourImage, depth: DepthImage, info: CameraInfo): Promise<void> {
    const { clock, log } = this.required();
    const request_id = `${this.camera}/${this.frames++}`;
    const received_ns = clock.now_ns();
    this.busy = true;
    try {
      const detections = await this.detector.detect({ request_id, colour, depth, info });
      const { timing } = this.detector;
      if (detections.degraded_reason !== '') log.warn({ request_id, reason: detections.degraded_reason }, 'degraded');
      this.publishAt(received_ns + this.latency_ns, detections, timing);
    } catch (error) {
      log.error({ request_id, error: error instanceof Error ? error.message : String(error) }, 'frame not used');
    } finally {
      this.busy = false;
    }
  }

  private publishAt(at_ns: bigint, detections: Detections, timing: DetectionTiming): void {
    if (this.context === null || this.subscriptions.length === 0) return;
    const { clock } = this.context;
    const publish = (): void => {
      this.cancels.delete(cancel);
      this.publish(detections, timing);
    };
    let cancel = (): void => {};
    if (at_ns > clock.now_ns()) {
      cancel = clock.schedule(at_ns, publish);
      this.cancels.add(cancel);
    } else publish();
  }

  private publish(detections: Detections, timing: DetectionTiming): void {
    const { bus, log } = this.required();
    const { stamp_ns, request_id, model } = detections;
    bus.publish(TOPICS.detections, detections);
    bus.publish(TOPICS.latency, {
      stamp_ns,
      stage: 'perceive',
      request_id,
      ...timing,
      queue: this.waiting.length,
      dropped: this.dropped,
      model,
    });
    log.debug({ request_id, model, objects: detections.detections.length, ...timing }, 'detected');
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('perception node is not configured');
    return this.context;
  }
}
