import {
  CAMERAS,
  type CameraInfo,
  type CameraName,
  type Detections,
  InputError,
  type NodeContext,
  type Subscription,
} from '../contracts/index.ts';
import type { RgbdFrame } from './detector.ts';
import { FrameAssembler } from './frame_assembler.ts';
import type { PictureFinding, PictureWatch } from './monitors/index.ts';

export interface CameraFramesOptions {
  /** Says what is wrong with pictures; these frames' alone. By default nobody does. */
  readonly watch?: PictureWatch | null;
  /** What is known better of the camera than its info says. @throws InputError where that is another camera's */
  readonly correct?: (info: CameraInfo) => CameraInfo;
}

/** So many pictures back a watch knows one again. */
const REMEMBERED = 8;

/**
 * The frames of one camera for all who look at them: whole, corrected by a calibration, the same objects for everybody. What
 * is wrong with a picture is looked at when the first of them uses it, and kept with it.
 */
export class CameraFrames {
  readonly camera: CameraName;
  private readonly watch: PictureWatch | null;
  private readonly correct: (info: CameraInfo) => CameraInfo;
  private readonly assembler: FrameAssembler;
  private readonly listeners = new Set<(frame: RgbdFrame) => void>();
  private subscriptions: readonly Subscription[] = [];
  /** Came, and the watch was not told of them yet. */
  private untold: RgbdFrame[] = [];
  private refusal = '';
  private refused = 0;

  constructor(camera: CameraName, { watch = null, correct = (info) => info }: CameraFramesOptions = {}) {
    this.camera = camera;
    this.watch = watch;
    this.correct = correct;
    this.assembler = new FrameAssembler(camera);
  }

  /** Begins anew, as when it is configured. */
  reset(): void {
    this.assembler.reset();
    this.watch?.reset();
    this.untold = [];
    this.refusal = '';
    this.refused = 0;
  }

  /** Calls back for every frame that comes, until what is returned is called. */
  listen(context: NodeContext, subscriber: string, take: (frame: RgbdFrame) => void): () => void {
    if (this.listeners.size === 0) this.open(context, subscriber);
    const listener = (frame: RgbdFrame): void => take(frame);
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  /** The camera does not stand where it is taken to stand; empty where it does, as far as anybody knows. */
  set moved(how: string) {
    if (this.watch !== null) this.watch.moved = how;
  }

  /** What is wrong with a picture as a whole. */
  findings(frame: RgbdFrame, now_ns: bigint): readonly PictureFinding[] {
    this.tell(frame);
    return this.watch?.look(frame, now_ns) ?? [];
  }

  /** What was detected in a frame, with what is wrong with the picture. @param masks  as of PictureWatch.judge */
  judge(frame: RgbdFrame, seen: Detections, masks: readonly Int32Array[] | null, now_ns: bigint): Detections {
    this.tell(frame);
    return this.watch?.judge(frame, seen, masks, now_ns) ?? seen;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const refused = this.refused === 0 ? {} : { calibration_refused: this.refusal, frames_refused: this.refused };
    return { ...this.watch?.diagnostics(), ...refused };
  }

  private open(context: NodeContext, subscriber: string): void {
    const { bus } = context;
    const topics = CAMERAS[this.camera];
    const take = (frame: RgbdFrame | null): void => {
      if (frame !== null) this.arrive(frame, context);
    };
    this.subscriptions = [
      bus.subscribe(topics.colour, subscriber, (colour) => take(this.assembler.add({ colour }))),
      bus.subscribe(topics.depth, subscriber, (depth) => take(this.assembler.add({ depth }))),
      bus.subscribe(topics.info, subscriber, (info) => take(this.assembler.add({ info }))),
    ];
  }

  private close(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.assembler.forget();
  }

  private arrive(raw: RgbdFrame, { log }: NodeContext): void {
    let frame: RgbdFrame;
    try {
      frame = { ...raw, info: this.correct(raw.info) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.refused++;
      if (error.message !== this.refusal) log.error({ request_id: raw.request_id, error: error.message }, 'not used');
      this.refusal = error.message;
      return;
    }
    this.untold.push(frame);
    if (this.untold.length > REMEMBERED) this.untold.shift();
    for (const listener of [...this.listeners]) listener(frame);
  }

  /** Tells the watch of all that came up to a frame, in their order: nobody looks at what nobody uses. */
  private tell(frame: RgbdFrame): void {
    const last = this.untold.indexOf(frame);
    for (const one of this.untold.splice(0, last + 1)) this.watch?.arrive(one);
  }
}
