import { type Bus, CAMERAS, type CameraName, type Subscription } from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { FrameAssembler } from '../frame_assembler.ts';

const NAMES = Object.keys(CAMERAS).filter((name): name is CameraName => Object.hasOwn(CAMERAS, name));

/** Keeps the last frames of every camera, whole, so that what was told of a picture can still be shown to somebody. */
export class FrameStore {
  private readonly capacity: number;
  private readonly frames = new Map<string, RgbdFrame[]>();
  private readonly waiting = new Set<(camera: CameraName, frame: RgbdFrame) => void>();
  private subscriptions: Subscription[] = [];

  /** @param capacity  frames kept of each camera */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  listen(bus: Bus, subscriber: string): void {
    for (const name of NAMES) {
      const topics = CAMERAS[name];
      const assembler = new FrameAssembler(name);
      const take = (frame: RgbdFrame | null): void => {
        if (frame !== null) this.keep(name, frame);
      };
      this.subscriptions.push(
        bus.subscribe(topics.colour, subscriber, (colour) => take(assembler.add({ colour }))),
        bus.subscribe(topics.depth, subscriber, (depth) => take(assembler.add({ depth }))),
        bus.subscribe(topics.info, subscriber, (info) => take(assembler.add({ info }))),
      );
    }
  }

  close(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.waiting.clear();
    this.frames.clear();
  }

  /** The frame of a camera with this stamp, named as whoever asks names it; null when it is not kept any more. */
  find(request_id: string, stamp_ns: bigint): RgbdFrame | null {
    const kept = this.frames.get(request_id.split('/')[0])?.find(({ colour }) => colour.stamp_ns === stamp_ns);
    return kept === undefined ? null : { ...kept, request_id };
  }

  /** The newest frame of the camera that this one is of; null before the first. */
  newest(request_id: string): RgbdFrame | null {
    return this.frames.get(request_id.split('/')[0])?.at(-1) ?? null;
  }

  /** Calls back for every frame that comes, until what is returned is called. */
  onFrame(callback: (camera: CameraName, frame: RgbdFrame) => void): () => void {
    this.waiting.add(callback);
    return () => this.waiting.delete(callback);
  }

  private keep(camera: CameraName, frame: RgbdFrame): void {
    for (const callback of [...this.waiting]) callback(camera, frame);
    const kept = this.frames.get(camera) ?? [];
    kept.push(frame);
    if (kept.length > this.capacity) kept.shift();
    this.frames.set(camera, kept);
  }
}
