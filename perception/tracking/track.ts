import { COLOURS, type Colour, type Confidence, type Detection, type Shape } from '../../contracts/index.ts';
import { Belief } from './belief.ts';
import { Existence, type ExistenceModel } from './existence.ts';
import { type MotionModel, PositionFilter } from './position_filter.ts';

/** What a track may be. */
const KINDS = ['box', 'cylinder', 'unknown'] as const;
export type Kind = (typeof KINDS)[number];

/** Probability that a colour is called what it is. */
const COLOUR_RIGHT = 0.9;
/** Of consecutive pictures of one camera: correlation of their errors of class and colour. */
const CORRELATION = 0.7;
/** However sure it is, a detection may be called otherwise. */
const LEAST_AGREEMENT = 0.01;
/** Pictures that sizes are averaged over. */
const SIZES = 20;
/** A thing that was moving and whose speed is below this (m/s), twice in a row, has come to rest. */
const REST_MPS = 0.03;
const REST_PICTURES = 2;

/** One thing that is followed from picture to picture. */
export class Track {
  readonly id: number;
  readonly filter: PositionFilter;
  readonly existence: Existence;
  readonly kinds = new Belief<Kind>(KINDS, CORRELATION);
  readonly colours = new Belief<Colour>(COLOURS, CORRELATION);
  /** Pictures with a detection of it. */
  hits = 1;
  /** Whether it has once been probable enough to be shown. */
  confirmed = false;
  /** Stamp of the last detection, s. */
  seen_s: number;
  private last: Detection;
  private sizes: Shape;
  private sized = 1;
  private yaw_rad: number;
  private yaw_variance: number;
  private slow = 0;

  constructor(
    id: number,
    camera: string,
    detection: Detection,
    time_s: number,
    motion: MotionModel,
    existence: ExistenceModel,
  ) {
    this.id = id;
    this.last = detection;
    this.sizes = detection.shape;
    this.seen_s = time_s;
    this.yaw_rad = yawOf(detection);
    this.yaw_variance = detection.covariance[35];
    this.filter = new PositionFilter(motion);
    this.filter.start(camera, detection.pose.position, positionCovariance(detection));
    this.existence = new Existence(oddsOf(detection), existence);
    this.believe(camera, detection);
  }

  /** Probability that a detection of this track would be called what it is called. */
  agreement({ class: kind, colour }: Detection): number {
    const p = this.kinds.probabilities();
    const same = p[KINDS.indexOf(kind)] + p[KINDS.indexOf('unknown')] / 2;
    const shade = this.colours.probabilities()[COLOURS.indexOf(colour)];
    return Math.max(LEAST_AGREEMENT, same) * Math.max(LEAST_AGREEMENT, shade);
  }

  /** Takes a detection that is of this track. */
  take(camera: string, detection: Detection, time_s: number): void {
    // Of what is new in a picture that says the same as the one before.
    const odds = oddsOf(detection) ** (1 - CORRELATION);
    this.filter.update(camera, detection.pose.position, positionCovariance(detection));
    this.existence.hit(odds);
    this.believe(camera, detection);
    this.turn(detection);
    this.size(detection);
    this.last = detection;
    this.hits++;
    this.seen_s = time_s;
    this.settle();
  }

  /** What is known of it as one detection. */
  toDetection(): Detection {
    const { filter, last } = this;
    const { name: kind, probability } = this.likeliest();
    const { x, P } = filter;
    const covariance = [...last.covariance];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) covariance[6 * i + j] = P[6 * i + j];
      for (let j = 3; j < 6; j++) {
        covariance[6 * i + j] = 0;
        covariance[6 * j + i] = 0;
      }
    }
    covariance[35] = this.yaw_variance;
    const score = Math.min(1, probability * this.existence.present);
    const confidence: Confidence | undefined = last.confidence;
    return {
      ...last,
      id: this.id,
      class: kind,
      colour: this.colours.best().name,
      score,
      pose: {
        position: [x[0], x[1], x[2]],
        orientation: kind === 'box' ? aboutZ(this.yaw_rad) : [0, 0, 0, 1],
      },
      shape: this.sizes.type === kind ? this.sizes : last.shape,
      covariance,
      ...(confidence === undefined ? {} : { confidence }),
    };
  }

  private likeliest(): { readonly name: 'box' | 'cylinder'; readonly probability: number } {
    const [box, cylinder] = this.kinds.probabilities();
    return cylinder > box ? { name: 'cylinder', probability: cylinder } : { name: 'box', probability: box };
  }

  private believe(camera: string, { class: kind, score, colour }: Detection): void {
    const other = (1 - score) / 2;
    this.kinds.add(camera, (name) => (name === kind ? Math.max(score, 0.02) : Math.max(other, 0.005)));
    this.colours.add(camera, (name) => (name === colour ? COLOUR_RIGHT : (1 - COLOUR_RIGHT) / (COLOURS.length - 1)));
  }

  /** Turns are averaged by their variances, up to half a turn; consecutive ones err alike, so the variance stays. */
  private turn(detection: Detection): void {
    if (detection.shape.type !== 'box') return;
    const variance = detection.covariance[35];
    const gain = this.yaw_variance / (this.yaw_variance + variance);
    const d = (yawOf(detection) - this.yaw_rad) / Math.PI;
    this.yaw_rad += gain * Math.PI * (d - Math.round(d));
    this.yaw_variance = Math.min(this.yaw_variance, variance);
  }

  private size({ shape }: Detection): void {
    const { sizes } = this;
    if (shape.type !== sizes.type) {
      this.sized--;
      if (this.sized < 1) {
        this.sizes = shape;
        this.sized = 1;
      }
      return;
    }
    this.sized = Math.min(SIZES, this.sized + 1);
    const mean = (a: number, b: number): number => a + (b - a) / this.sized;
    if (shape.type === 'box' && sizes.type === 'box') {
      const [a, b, c] = sizes.size;
      this.sizes = { type: 'box', size: [mean(a, shape.size[0]), mean(b, shape.size[1]), mean(c, shape.size[2])] };
    } else if (shape.type === 'cylinder' && sizes.type === 'cylinder') {
      const { radius, length } = sizes;
      this.sizes = { type: 'cylinder', radius: mean(radius, shape.radius), length: mean(length, shape.length) };
    }
  }

  private settle(): void {
    const { filter } = this;
    if (!filter.moving) return;
    const [vx, vy, vz] = filter.x.subarray(3);
    this.slow = Math.hypot(vx, vy, vz) < REST_MPS ? this.slow + 1 : 0;
    if (this.slow < REST_PICTURES) return;
    filter.stopMoving();
    this.slow = 0;
  }
}

/** Upper left 3×3 of a detection's covariance. */
export function positionCovariance({ covariance: C }: Detection): Float64Array {
  return Float64Array.of(C[0], C[1], C[2], C[6], C[7], C[8], C[12], C[13], C[14]);
}

/** Odds of a detection to be of something; bounded, so that one picture never decides for good. */
export function oddsOf({ score }: Detection): number {
  const p = Math.min(0.99, Math.max(0.01, score));
  return p / (1 - p);
}

function yawOf({ pose: { orientation } }: Detection): number {
  const [x, y, z, w] = orientation;
  return Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
}

function aboutZ(yaw_rad: number): readonly [number, number, number, number] {
  const half = (yaw_rad - Math.PI * Math.round(yaw_rad / Math.PI)) / 2;
  return [0, 0, Math.sin(half), Math.cos(half)];
}
