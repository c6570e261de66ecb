import { z } from 'zod';
import {
  cameraInfo,
  colourImage,
  type Detections,
  depthImage,
  type Node,
  type NodeContext,
  type Subscription,
  secondsToStamp,
  TOPICS,
  type Topic,
} from '../contracts/index.ts';
import { CameraFrames } from './camera_frames.ts';
import type { Detector, RgbdFrame } from './detector.ts';

export interface PerceptionNodeOptions {
  /** Shared and not closed by the node; must keep nothing between frames. */
  readonly detector: Detector;
  /** Of one camera, shared with whoever else looks. By default those of the camera over the table, as they come. */
  readonly frames?: CameraFrames;
  /** From receiving a frame to publishing what is in it, s; modelled, for simulation. Default 0.02. */
  readonly processing_latency_s?: number;
  /** A frame that is older than this when its turn comes is dropped and counted (s). Default 0.5. */
  readonly deadline_s?: number;
  /** Leave frames alone that nobody would read: when they are due, nobody subscribes to the detections. Default false. */
  readonly only_when_subscribed?: boolean;
}

const DEFAULT_LATENCY_S = 0.02;
const DEFAULT_DEADLINE_S = 0.5;

/** Frames on their way to the detector; as a topic, so that the bus knows of the work and keeps the newest. */
const FRAMES: Topic<RgbdFrame> = {
  name: '/perception/frame',
  schema: z.object({ request_id: z.string(), colour: colourImage, depth: depthImage, info: cameraInfo }),
  ros_type: '',
  qos: { reliability: 'reliable', durability: 'volatile', depth: 1 },
  backpressure: { kind: 'latest' },
  units: 'rgb8; m; pixels',
};

/** Turns the frames of one camera into detections: images of equal stamp belong together. */
export class PerceptionNode implements Node {
  readonly name = 'perception';
  private readonly detector: Detector;
  private readonly frames: CameraFrames;
  private readonly latency_ns: bigint;
  private readonly deadline_ns: bigint;
  private readonly lazy: boolean;
  private context: NodeContext | null = null;
  private unlisten = (): void => {};
  private work: Subscription | null = null;
  private readonly cancels = new Set<() => void>();
  /** Why the last frame was not answered by the network where it should run; a change of it is news. */
  private degraded_reason = '';
  private stale = 0;
  private failed = 0;
  private answered = 0;
  /** Frames that waited and were replaced by newer ones, before the node was last deactivated. */
  private replaced = 0;

  constructor(options: PerceptionNodeOptions) {
    this.detector = options.detector;
    this.frames = options.frames ?? new CameraFrames('overview');
    this.latency_ns = secondsToStamp(options.processing_latency_s ?? DEFAULT_LATENCY_S);
    this.deadline_ns = secondsToStamp(options.deadline_s ?? DEFAULT_DEADLINE_S);
    this.lazy = options.only_when_subscribed ?? false;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.frames.reset();
    this.degraded_reason = '';
    this.stale = 0;
    this.failed = 0;
    this.answered = 0;
    this.replaced = 0;
  }

  activate(): void {
    const context = this.required();
    this.work = context.bus.subscribe(FRAMES, this.name, (frame) => this.process(frame));
    this.unlisten = this.frames.listen(context, this.name, (frame) => this.sendWhenDue(frame));
  }

  deactivate(): void {
    this.replaced += this.work?.stats().dropped ?? 0;
    this.unlisten();
    this.work?.unsubscribe();
    for (const cancel of this.cancels) cancel();
    this.unlisten = (): void => {};
    this.work = null;
    this.cancels.clear();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { answered, stale, failed, dropped, queued } = this.counts();
    return {
      ...{ frames_answered: answered, frames_dropped: dropped, frames_stale: stale, frames_failed: failed },
      ...{ frames_queued: queued, degraded: this.degraded_reason },
      ...this.frames.diagnostics(),
      ...this.detector.diagnostics?.(),
    };
  }

  /** Hands the frame to the detector when the modelled latency has passed: its answer is out at that time. */
  private sendWhenDue(frame: RgbdFrame): void {
    const { bus, clock } = this.required();
    let cancel = (): void => {};
    const send = (): void => {
      this.cancels.delete(cancel);
      if (this.lazy && bus.subscribers(TOPICS.detections) === 0) return;
      bus.publish(FRAMES, frame);
    };
    if (this.latency_ns > 0n) {
      cancel = clock.schedule(clock.now_ns() + this.latency_ns, send);
      this.cancels.add(cancel);
    } else send();
  }

  private async process(frame: RgbdFrame): Promise<void> {
    const { log, clock } = this.required();
    const { request_id } = frame;
    const age_ns = clock.now_ns() - frame.colour.stamp_ns;
    if (age_ns > this.deadline_ns) {
      this.stale++;
      log.warn({ request_id, age_s: Number(age_ns) / 1e9, stale: this.stale }, 'frame too old');
      return;
    }
    // What is drawn or decoded when it is first read is no time of the detector's.
    void [frame.colour.data, frame.depth.data];
    try {
      const seen = await this.detector.detect(frame);
      const detections = this.frames.judge(frame, seen, this.detector.masks, clock.now_ns());
      const { degraded_reason } = detections;
      if (degraded_reason !== this.degraded_reason) {
        if (degraded_reason !== '') log.warn({ request_id, reason: degraded_reason }, 'degraded');
        else log.info({ request_id }, 'no longer degraded');
        this.degraded_reason = degraded_reason;
      }
      if (this.work !== null) this.publish(detections);
    } catch (error) {
      this.failed++;
      log.error({ request_id, error: error instanceof Error ? error.message : String(error) }, 'frame not used');
    }
  }

  private publish(detections: Detections): void {
    const { bus, log } = this.required();
    const { stamp_ns, request_id, model } = detections;
    const { timing, placement } = this.detector;
    this.answered++;
    const { queued, dropped } = this.counts();
    bus.publish(TOPICS.detections, detections);
    const latency = { stamp_ns, stage: 'perceive', request_id, ...timing, queue: queued, dropped, model, ...placement };
    bus.publish(TOPICS.latency, latency);
    log.debug({ request_id, model, objects: detections.detections.length, ...timing }, 'detected');
  }

  /** Since the node was configured; whatever had no answer counts as dropped. */
  private counts(): { answered: number; stale: number; failed: number; dropped: number; queued: number } {
    const { answered, stale, failed } = this;
    const { queued, dropped } = this.work?.stats() ?? { queued: 0, dropped: 0 };
    return { answered, stale, failed, queued, dropped: this.replaced + dropped + stale + failed };
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('perception node is not configured');
    return this.context;
  }
}
