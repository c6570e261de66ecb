import {
  CAMERAS,
  type CameraInfo,
  type CameraName,
  type Detections,
  type Node,
  type NodeContext,
  type Subscription,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import { ObjectTracker, type TrackerOptions } from './object_tracker.ts';

export interface TracksNodeOptions {
  readonly tracker?: Partial<TrackerOptions>;
  /** Detections that are older than the newest by more than this are left out, s. Default 0.3. */
  readonly latest_s?: number;
}

/** Within this many pixels of its edge a picture need not show what is there. */
const EDGE_PX = 8;
const NAMES = Object.keys(CAMERAS).filter((name): name is CameraName => name in CAMERAS);

/**
 * Joins the detections of all cameras to objects with numbers that last, and publishes them after every picture. Of the
 * pictures it reads the geometry alone: where a camera looks decides whether it should have seen an object.
 */
export class TracksNode implements Node {
  readonly name = 'tracks';
  private readonly options: TracksNodeOptions;
  private context: NodeContext | null = null;
  private subscriptions: Subscription[] = [];
  private tracker: ObjectTracker;
  private readonly infos = new Map<string, CameraInfo>();
  /** Where each camera was when its last detections were taken. */
  private readonly places = new Map<string, CameraInfo['T_world_camera_optical']>();
  private newest_s = Number.NEGATIVE_INFINITY;
  private late = 0;

  constructor(options: TracksNodeOptions = {}) {
    this.options = options;
    this.tracker = new ObjectTracker(options.tracker);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.forget();
  }

  activate(): void {
    const { bus } = this.required();
    this.subscriptions = [
      bus.subscribe(TOPICS.detections, this.name, (message) => this.onDetections(message)),
      ...NAMES.map((name) =>
        bus.subscribe(CAMERAS[name].info, this.name, (info) => {
          this.infos.set(name, info);
        }),
      ),
    ];
  }

  deactivate(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.forget();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  private forget(): void {
    this.tracker = new ObjectTracker(this.options.tracker);
    this.infos.clear();
    this.places.clear();
    this.newest_s = Number.NEGATIVE_INFINITY;
    this.late = 0;
  }

  private onDetections(message: Detections): void {
    const { bus, log } = this.required();
    const time_s = stampToSeconds(message.stamp_ns);
    if (time_s < this.newest_s - (this.options.latest_s ?? 0.3)) {
      this.late++;
      log.warn({ request_id: message.request_id, late: this.late }, 'detections too late to be followed');
      return;
    }
    this.newest_s = Math.max(this.newest_s, time_s);
    const camera = message.request_id.split('/')[0];
    const info = this.infos.get(camera);
    // A picture with a fault shows less than is there.
    const whole = message.faults === undefined || message.faults.length === 0;
    this.tracker.update({
      ...{ camera, time_s, detections: message.detections, camera_way_m: this.wayOf(camera, info) },
      sees: (x_m, y_m, z_m) => whole && info !== undefined && sees(info, x_m, y_m, z_m),
    });
    bus.publish(TOPICS.objects, { ...message, detections: this.tracker.objects() });
  }

  private wayOf(camera: string, info: CameraInfo | undefined): number {
    if (info === undefined) return 0;
    const T = info.T_world_camera_optical;
    const before = this.places.get(camera) ?? T;
    this.places.set(camera, T);
    return Math.hypot(T[3] - before[3], T[7] - before[7], T[11] - before[11]);
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the tracks node is not configured');
    return this.context;
  }
}

/** Whether a point of the world lies well within a camera's picture, by its pinhole. */
export function sees(
  { K, T_world_camera_optical: T, width, height }: CameraInfo,
  x: number,
  y: number,
  z: number,
): boolean {
  const [dx, dy, dz] = [x - T[3], y - T[7], z - T[11]];
  const depth = T[2] * dx + T[6] * dy + T[10] * dz;
  if (depth <= 0) return false;
  const u = (K[0] * (T[0] * dx + T[4] * dy + T[8] * dz)) / depth + K[2];
  const v = (K[4] * (T[1] * dx + T[5] * dy + T[9] * dz)) / depth + K[5];
  return u >= EDGE_PX && v >= EDGE_PX && u < width - EDGE_PX && v < height - EDGE_PX;
}
