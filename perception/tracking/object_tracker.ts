import type { Detection } from '../../contracts/index.ts';
import { assignGated } from './assignment.ts';
import { DEFAULT_EXISTENCE, type ExistenceModel } from './existence.ts';
import { DEFAULT_MOTION, type MotionModel } from './position_filter.ts';
import { oddsOf, positionCovariance, Track } from './track.ts';

export interface TrackerOptions {
  readonly motion: MotionModel;
  readonly existence: ExistenceModel;
  /** Squared Mahalanobis distance up to which a detection may be of a track at rest, and that of one that moves. */
  readonly gate: number;
  /** Twice the log likelihood ratio, with class, colour and score, up to which it is taken for it. */
  readonly limit: number;
  /** What it costs to believe that a thing at rest has begun to move. */
  readonly moved_cost: number;
  /** Tracks are shown once they have been this probable, as long as they are likely still; and ended below the last. */
  readonly shown_from: number;
  readonly shown_until: number;
  readonly ended_below: number;
  /** Detections less probable than this begin no track. */
  readonly born_from: number;
}

export const DEFAULT_TRACKER: TrackerOptions = {
  motion: DEFAULT_MOTION,
  existence: DEFAULT_EXISTENCE,
  gate: 26,
  limit: 19,
  moved_cost: 20,
  shown_from: 0.9,
  shown_until: 0.4,
  ended_below: 0.05,
  born_from: 0.2,
};

/** One picture's detections. */
export interface SeenFrame {
  /** Names the camera whose errors stay the same, e.g. `overview`. */
  readonly camera: string;
  /** When it was taken, s; may be earlier than another camera's last one. */
  readonly time_s: number;
  readonly detections: readonly Detection[];
  /** How far the camera is from where its last picture was taken, m. */
  readonly camera_way_m: number;
  /** Whether the camera should see something at a place (m, frame world), if nothing hides it. */
  sees(x_m: number, y_m: number, z_m: number): boolean;
}

/**
 * Follows things over pictures of several cameras: predicts where each is, pairs detections with tracks at the least cost
 * (squared Mahalanobis distances within a gate, class and colour; Blackman, Popoli, 1999), begins and ends tracks by the
 * probability that there is something, and keeps a track's number while what it follows is hidden.
 */
export class ObjectTracker {
  private readonly options: TrackerOptions;
  private followed: Track[] = [];
  private next_id = 1;
  private time_s = Number.NaN;

  constructor(options: Partial<TrackerOptions> = {}) {
    this.options = { ...DEFAULT_TRACKER, ...options };
  }

  /** All that is followed, shown or not, in the order of their numbers. */
  get tracks(): readonly Track[] {
    return this.followed;
  }

  /** What is there, in the order of the tracks' numbers. */
  objects(): Detection[] {
    const { shown_until } = this.options;
    const shown = this.followed.filter(({ existence, confirmed }) => confirmed && existence.present >= shown_until);
    return shown.map((track) => track.toDetection());
  }

  update(frame: SeenFrame): void {
    const { camera, time_s, detections, camera_way_m } = frame;
    const dt_s = Number.isNaN(this.time_s) ? 0 : Math.max(0, time_s - this.time_s);
    this.time_s = Number.isNaN(this.time_s) ? time_s : Math.max(this.time_s, time_s);
    for (const { filter, existence } of this.followed) {
      filter.predict(dt_s);
      filter.decorrelate(camera, camera_way_m);
      existence.predict(dt_s);
    }
    const found = this.pair(frame);
    const taken = new Uint8Array(detections.length);
    this.followed.forEach((track, i) => {
      const k = found[i];
      if (k < 0) {
        const [x, y, z] = track.filter.x;
        if (frame.sees(x, y, z)) track.existence.miss();
        return;
      }
      taken[k] = 1;
      const detection = detections[k];
      if (this.resting(track, camera, detection) > this.options.gate)
        track.filter.startMoving(this.sinceSeen(track, time_s));
      track.take(camera, detection, time_s);
    });
    for (const track of this.followed) track.confirmed ||= track.existence.present >= this.options.shown_from;
    this.followed = this.followed.filter(({ existence }) => existence.present >= this.options.ended_below);
    detections.forEach((detection, k) => {
      if (taken[k] === 1 || detection.score < this.options.born_from) return;
      const { motion, existence } = this.options;
      this.followed.push(new Track(this.next_id++, camera, detection, time_s, motion, existence));
    });
  }

  /** Of every track its detection, or −1. */
  private pair({ camera, time_s, detections }: SeenFrame): Int32Array {
    const { followed } = this;
    const { gate, limit } = this.options;
    const cost = new Float64Array(followed.length * detections.length).fill(Number.POSITIVE_INFINITY);
    followed.forEach((track, i) => {
      detections.forEach((detection, k) => {
        const place = this.placeCost(track, camera, detection, time_s);
        const told = 2 * Math.log(track.agreement(detection) * oddsOf(detection));
        if (place <= gate) cost[i * detections.length + k] = place - told;
      });
    });
    return assignGated(cost, followed.length, detections.length, limit);
  }

  /** Squared distance if the thing is as it was, or has begun to move. */
  private placeCost(track: Track, camera: string, detection: Detection, time_s: number): number {
    const resting = this.resting(track, camera, detection);
    if (track.filter.moving) return resting;
    const way_m = this.options.motion.speed_mps * this.sinceSeen(track, time_s);
    const R = positionCovariance(detection);
    const moved = track.filter.distance(camera, detection.pose.position, R, way_m) + this.options.moved_cost;
    return Math.min(resting, moved);
  }

  private resting(track: Track, camera: string, detection: Detection): number {
    return track.filter.distance(camera, detection.pose.position, positionCovariance(detection));
  }

  private sinceSeen({ seen_s }: Track, time_s: number): number {
    return Math.min(0.5, Math.max(0.05, time_s - seen_s));
  }
}
