import { z } from 'zod';
import {
  ACTIONS,
  type CameraName,
  type Container,
  cameraInfo,
  colourImage,
  type Detection,
  type Detections,
  DOUBTFUL_FAULTS,
  depthImage,
  type Node,
  type NodeContext,
  secondsToStamp,
  type Topic,
} from '../contracts/index.ts';
import { CameraFrames } from './camera_frames.ts';
import { ContainerDetector, nothingSeen } from './container_detector.ts';
import type { Detector, RgbdFrame } from './detector.ts';
import { ALL_AS_PUT_UP, type CameraUncertainties } from './frame_viewer.ts';
import type { PictureFinding } from './monitors/index.ts';
import { SurfaceInspector } from './surface_inspector.ts';

export interface RequestsNodeOptions {
  /** From receiving a frame to the answer, s; modelled, for simulation. Default 0.02. */
  readonly processing_latency_s?: number;
  /** A request that gets no frame for this long is given up (s). Default 2. */
  readonly timeout_s?: number;
  /** Looks at patches of the table (containers of no depth); shared and not closed by the node. By default none does. */
  readonly detector?: Detector | null;
  /** Of each camera, shared with whoever else looks. By default as they come. */
  readonly frames?: Readonly<Record<CameraName, CameraFrames>>;
  /** How sure the cameras' calibrations are. Default: as put up, not calibrated. */
  readonly cameras?: CameraUncertainties;
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

/** What is asked of a picture. */
interface Question<T> {
  readonly camera: CameraName;
  readonly answer: (frame: RgbdFrame) => T | Promise<T>;
  readonly done: (result: T) => void;
  readonly fail: (reason: string) => void;
  /** Whether a picture with this wrong is still good enough. */
  readonly serves: (finding: PictureFinding) => boolean;
}

/** A question that waits for its picture. */
interface Request {
  readonly camera: CameraName;
  readonly take: (frame: RgbdFrame) => void;
  readonly end: () => void;
}

/**
 * Perception that is asked for: what lies in a container (camera on the hand), and whether the side of a held object that
 * faces the overview camera has a defect. Each answer is by the first sound frame exposed after the question.
 */
export class PerceptionRequestsNode implements Node {
  readonly name = 'perception_requests';
  private readonly latency_ns: bigint;
  private readonly timeout_s: number;
  private readonly detector: Detector | null;
  private readonly frames: Readonly<Record<CameraName, CameraFrames>>;
  private readonly container: ContainerDetector;
  private readonly surface = new SurfaceInspector();
  private context: NodeContext | null = null;
  private undo: readonly (() => void)[] = [];
  private readonly waiting = new Set<Request>();
  private refused = 0;

  constructor(options: RequestsNodeOptions = {}) {
    const { processing_latency_s = 0.02, timeout_s = 2, detector = null, cameras = ALL_AS_PUT_UP } = options;
    this.detector = detector;
    this.latency_ns = secondsToStamp(processing_latency_s);
    this.timeout_s = timeout_s;
    this.frames = options.frames ?? { overview: new CameraFrames('overview'), wrist: new CameraFrames('wrist') };
    this.container = new ContainerDetector(cameras);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.refused = 0;
  }

  activate(): void {
    const context = this.required();
    const { bus } = context;
    const { overview, wrist } = this.frames;
    this.undo = [
      overview.listen(context, this.name, (frame) => this.take('overview', frame)),
      wrist.listen(context, this.name, (frame) => this.take('wrist', frame)),
      bus.serveAction(ACTIONS.detect_inside, ({ container }, handle) => {
        this.ask({
          camera: 'wrist',
          answer: (frame) => this.lookInside(frame, container),
          done: (seen) => handle.succeed({ ok: true, reason: '', detections: seen }),
          fail: (reason) =>
            handle.abort({ ok: false, reason, detections: nothingSeen(this.required().clock.now_ns()) }),
          serves: ({ fault }) => DOUBTFUL_FAULTS.includes(fault),
        });
      }),
      bus.serveAction(ACTIONS.inspect_surface, (held, handle) => {
        this.ask({
          camera: 'overview',
          answer: (frame) => this.surface.inspect(frame, held),
          done: (judgement) => handle.succeed({ ok: true, reason: '', ...judgement }),
          fail: (reason) => handle.abort({ ok: false, reason, verdict: 'unsure', score: 0, area_m2: 0 }),
          // A scratch is finer than what a blurred picture shows; where the camera stands matters little.
          serves: ({ fault }) => fault === 'moved',
        });
      }),
    ];
  }

  deactivate(): void {
    for (const undo of this.undo) undo();
    this.undo = [];
    for (const request of this.waiting) request.end();
    this.waiting.clear();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { wrist } = this.frames;
    const of_wrist = Object.entries(wrist.diagnostics()).map(([key, value]) => [`wrist_${key}`, value]);
    return {
      requests_waiting: this.waiting.size,
      request_pictures_refused: this.refused,
      ...Object.fromEntries(of_wrist),
    };
  }

  /** Gives what is made of the first sound frame exposed from now on, or says why there is none. */
  private ask<T>({ camera, answer, done, fail, serves }: Question<T>): void {
    const { clock } = this.required();
    const asked_ns = clock.now_ns();
    let why = '';
    let busy = false;
    let cancelAnswer = (): void => {};
    const end = (): void => {
      cancelTimer();
      cancelAnswer();
      this.waiting.delete(request);
    };
    const give = (frame: RgbdFrame): void => {
      busy = false;
      const faulty = this.frames[camera].findings(frame, clock.now_ns()).filter((one) => !serves(one));
      if (faulty.length > 0) {
        this.refused++;
        why = faulty.map(({ fault, detail }) => `${fault} (${detail})`).join(', ');
        return;
      }
      end();
      this.answer(frame, answer, done, fail);
    };
    const request: Request = {
      camera,
      end,
      take: (frame) => {
        if (busy || frame.colour.stamp_ns < asked_ns) return;
        busy = true;
        cancelAnswer = clock.schedule(clock.now_ns() + this.latency_ns, () => give(frame));
      },
    };
    const cancelTimer = clock.schedule(asked_ns + secondsToStamp(this.timeout_s), () => {
      end();
      const what = why === '' ? 'no picture' : 'no sound picture';
      fail(`${what} of the ${camera} camera for ${this.timeout_s} s${why === '' ? '' : `: it is ${why}`}`);
    });
    this.waiting.add(request);
  }

  private take(camera: CameraName, frame: RgbdFrame): void {
    for (const request of [...this.waiting]) if (request.camera === camera) request.take(frame);
  }

  private lookInside(frame: RgbdFrame, container: Container): Detections | Promise<Detections> {
    const { detector, frames } = this;
    const judged = (seen: Detections, masks: readonly Int32Array[] | null): Detections =>
      frames.wrist.judge(frame, seen, masks, this.required().clock.now_ns());
    if (detector === null || container.inner[2] > 0) {
      const seen = this.container.detect(frame, container);
      const faults = new Set(frames.wrist.findings(frame, this.required().clock.now_ns()).map(({ fault }) => fault));
      // What is sharp and bright is known of the table; between the walls of a container only the blind faults count.
      return faults.has('moved') ? judged(seen, null) : { ...seen, faults: [...faults] };
    }
    return detector.detect(frame).then((seen) => {
      const told = judged(seen, detector.masks);
      return { ...told, detections: told.detections.filter((detection) => isOver(detection, container)) };
    });
  }

  private answer<T>(
    frame: RgbdFrame,
    answer: (frame: RgbdFrame) => T | Promise<T>,
    done: (result: T) => void,
    fail: (reason: string) => void,
  ): void {
    const failed = (error: unknown): void => {
      const reason = error instanceof Error ? error.message : String(error);
      this.required().log.error({ request_id: frame.request_id, error: reason }, 'frame not used');
      fail(reason);
    };
    try {
      const result = answer(frame);
      if (result instanceof Promise) this.wait(frame, result, done, failed);
      else done(result);
    } catch (error) {
      failed(error);
    }
  }

  /** As work that the bus waits for. */
  private wait<T>(
    frame: RgbdFrame,
    result: Promise<T>,
    done: (result: T) => void,
    failed: (error: unknown) => void,
  ): void {
    const { bus } = this.required();
    const work = bus.subscribe(PATCH_FRAMES, this.name, async (given) => {
      if (given !== frame) return;
      try {
        done(await result);
      } catch (error) {
        failed(error);
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
