import { z } from 'zod';
import {
  ACTIONS,
  CAMERAS,
  type CameraName,
  type Container,
  cameraInfo,
  colourImage,
  type Detection,
  type Detections,
  depthImage,
  type Node,
  type NodeContext,
  type Subscription,
  secondsToStamp,
  type Topic,
} from '../contracts/index.ts';
import { ContainerDetector, nothingSeen } from './container_detector.ts';
import type { Detector, RgbdFrame } from './detector.ts';
import { FrameAssembler } from './frame_assembler.ts';
import { SurfaceInspector } from './surface_inspector.ts';

export interface RequestsNodeOptions {
  /** From receiving a frame to the answer, s; modelled, for simulation. Default 0.02. */
  readonly processing_latency_s?: number;
  /** A request that gets no frame for this long is given up (s). Default 2. */
  readonly timeout_s?: number;
  /** Looks at patches of the table (containers of no depth); shared and not closed by the node. By default none does. */
  readonly detector?: Detector | null;
}

/** Frames on their way to the detector; as a topic, so that the bus knows of the work. */
const PATCH_FRAMES: Topic<RgbdFrame> = {
  name: '/perception/patch_frame',
  schema: z.object({ request_id: z.string(), colour: colourImage, depth: depthImage, info: cameraInfo }),
  ros_type: '',
  qos: { reliability: 'reliable', durability: 'volatile', depth: 1 },
  backpressure: { kind: 'queue', depth: 4 },
  units: 'rgb8; m; pixels',
};

/**
 * Perception that is asked for: what lies in a container (camera on the hand), and whether the side of a held object that
 * faces the overview camera has a defect. Each answer is by the first frame exposed after the question.
 */
export class PerceptionRequestsNode implements Node {
  readonly name = 'perception_requests';
  private readonly latency_ns: bigint;
  private readonly timeout_s: number;
  private readonly detector: Detector | null;
  private readonly container = new ContainerDetector();
  private readonly surface = new SurfaceInspector();
  private context: NodeContext | null = null;
  private unserve: readonly (() => void)[] = [];
  private readonly ends = new Set<() => void>();

  constructor({ processing_latency_s = 0.02, timeout_s = 2, detector = null }: RequestsNodeOptions = {}) {
    this.detector = detector;
    this.latency_ns = secondsToStamp(processing_latency_s);
    this.timeout_s = timeout_s;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { bus } = this.required();
    this.unserve = [
      bus.serveAction(ACTIONS.detect_inside, ({ container }, handle) => {
        const fail = (reason: string): void =>
          handle.abort({ ok: false, reason, detections: nothingSeen(this.required().clock.now_ns()) });
        const done = (seen: Detections): void => handle.succeed({ ok: true, reason: '', detections: seen });
        const { detector } = this;
        if (detector === null || container.inner[2] > 0) {
          this.nextFrame('wrist', (frame) => this.container.detect(frame, container), done, fail);
          return;
        }
        const look = async (frame: RgbdFrame): Promise<Detections> => {
          const seen = await detector.detect(frame);
          return { ...seen, detections: seen.detections.filter((detection) => isOver(detection, container)) };
        };
        this.nextFrame(
          'wrist',
          (frame) => frame,
          (frame) => this.compute(frame, look, done, fail),
          fail,
        );
      }),
      bus.serveAction(ACTIONS.inspect_surface, (held, handle) => {
        this.nextFrame(
          'overview',
          (frame) => this.surface.inspect(frame, held),
          (judgement) => handle.succeed({ ok: true, reason: '', ...judgement }),
          (reason) => handle.abort({ ok: false, reason, verdict: 'unsure', score: 0, area_m2: 0 }),
        );
      }),
    ];
  }

  deactivate(): void {
    for (const unserve of this.unserve) unserve();
    this.unserve = [];
    for (const end of this.ends) end();
    this.ends.clear();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  /** Gives what `compute` makes of the first frame exposed from now on, or says why there is nothing. */
  private nextFrame<T>(
    camera: CameraName,
    compute: (frame: RgbdFrame) => T,
    done: (result: T) => void,
    fail: (reason: string) => void,
  ): void {
    const { bus, clock } = this.required();
    const asked_ns = clock.now_ns();
    const assembler = new FrameAssembler(camera);
    let open = true;
    let cancelAnswer = (): void => {};
    const finish = (): void => {
      open = false;
      for (const subscription of subscriptions) subscription.unsubscribe();
      cancelTimer();
      cancelAnswer();
      this.ends.delete(finish);
    };
    const take = (frame: RgbdFrame | null): void => {
      if (!open || frame === null || frame.colour.stamp_ns < asked_ns) return;
      open = false;
      cancelAnswer = clock.schedule(clock.now_ns() + this.latency_ns, () => {
        finish();
        this.answer(frame, compute, done, fail);
      });
    };
    const topics = CAMERAS[camera];
    const subscriptions: Subscription[] = [
      bus.subscribe(topics.colour, this.name, (colour) => take(assembler.add({ colour }))),
      bus.subscribe(topics.depth, this.name, (depth) => take(assembler.add({ depth }))),
      bus.subscribe(topics.info, this.name, (info) => take(assembler.add({ info }))),
    ];
    const cancelTimer = clock.schedule(asked_ns + secondsToStamp(this.timeout_s), () => {
      finish();
      fail(`no picture of the ${camera} camera for ${this.timeout_s} s`);
    });
    this.ends.add(finish);
  }

  private answer<T>(
    frame: RgbdFrame,
    compute: (frame: RgbdFrame) => T,
    done: (result: T) => void,
    fail: (reason: string) => void,
  ): void {
    let result: T;
    try {
      result = compute(frame);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.required().log.error({ request_id: frame.request_id, error: reason }, 'frame not used');
      fail(reason);
      return;
    }
    done(result);
  }

  /** As work that the bus waits for. */
  private compute<T>(
    frame: RgbdFrame,
    compute: (frame: RgbdFrame) => Promise<T>,
    done: (result: T) => void,
    fail: (reason: string) => void,
  ): void {
    const { bus, log } = this.required();
    const work = bus.subscribe(PATCH_FRAMES, this.name, async (given) => {
      if (given !== frame) return;
      try {
        done(await compute(frame));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error({ request_id: frame.request_id, error: reason }, 'frame not used');
        fail(reason);
      } finally {
        work.unsubscribe();
      }
    });
    bus.publish(PATCH_FRAMES, frame);
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the perception requests node is not configured');
    return this.context;
  }
}

function isOver({ pose: { position } }: Detection, { centre, inner }: Container): boolean {
  return Math.abs(position[0] - centre[0]) <= inner[0] / 2 && Math.abs(position[1] - centre[1]) <= inner[1] / 2;
}
