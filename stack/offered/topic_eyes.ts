import {
  type Bus,
  CAMERAS,
  type CameraInfo,
  type CameraName,
  type ColourImage,
  type DepthImage,
  type Subscription,
} from '../../contracts/index.ts';
import { CAMERA_SPECS, distort, intrinsics } from '../../sim/index.ts';
import { ENVIRONMENT_CAMERAS } from '../env/world_cameras.ts';
import { type PictureLayout, picturesOf, type SeatPictures } from '../learned/pictures.ts';

/** A camera that stands in the world may be so far from where policies have learned that it is (m, rad). */
const APART_M = 0.02;
const APART_RAD = 0.03;

/** One camera's newest pictures on the bus, cut and sampled to what a policy has learned to see through. */
class TopicEye {
  readonly name: CameraName;
  /** When the picture that was taken over last was made; −1 before the first. */
  stamp_ns = -1n;
  /** What speaks against this camera; empty where nothing does. */
  problem = '';
  readonly subscriptions: readonly Subscription[];
  private readonly layout: PictureLayout;
  private readonly rgb: Uint8Array;
  private readonly depth: Float32Array;
  private lens = '';
  /** For every pixel the one of the camera's picture that shows the same; −1 where that has none. */
  private source: Int32Array = new Int32Array(0);
  private colour: ColourImage | null = null;
  private depths: DepthImage | null = null;

  /** @param out  of all cameras; this one writes its part */
  constructor(bus: Bus, name: CameraName, layout: PictureLayout, out: SeatPictures) {
    const pixels = layout.width * layout.height;
    const first = ENVIRONMENT_CAMERAS.indexOf(name) * pixels;
    const topics = CAMERAS[name];
    this.name = name;
    this.layout = layout;
    this.rgb = out.rgb.subarray(3 * first, 3 * (first + pixels));
    this.depth = out.depth.subarray(first, first + pixels);
    this.subscriptions = [
      bus.subscribe(topics.info, 'policies', (info) => this.know(info)),
      bus.subscribe(topics.colour, 'policies', (picture) => {
        this.colour = picture;
        this.take();
      }),
      bus.subscribe(topics.depth, 'policies', (picture) => {
        this.depths = picture;
        this.take();
      }),
    ];
  }

  private know(info: CameraInfo): void {
    const { K, D, width, height } = info;
    const lens = JSON.stringify([K, D, width, height]);
    if (lens !== this.lens) this.source = samples(this.name, this.layout, info);
    this.lens = lens;
    this.problem = misplaced(this.name, info);
  }

  private take(): void {
    const { colour, depths, source, rgb, depth } = this;
    if (colour === null || depths === null || colour.stamp_ns !== depths.stamp_ns || this.lens === '') return;
    for (let k = 0; k < source.length; k++) {
      const from = source[k];
      depth[k] = from < 0 ? 0 : depths.data[from];
      for (let c = 0; c < 3; c++) rgb[3 * k + c] = from < 0 ? 0 : colour.data[3 * from + c];
    }
    this.stamp_ns = colour.stamp_ns;
  }
}

/** The cameras on the bus as a policy sees through them. */
export class TopicEyes {
  private readonly pictures: SeatPictures;
  private readonly eyes: readonly TopicEye[];

  constructor(bus: Bus, layout: PictureLayout) {
    this.pictures = picturesOf(layout.width * layout.height);
    this.eyes = layout.cameras.map((name) => new TopicEye(bus, name, layout, this.pictures));
  }

  /** The newest of every camera. */
  look(): SeatPictures {
    return this.pictures;
  }

  /** Why nothing can be decided by what is seen at `now_ns`, if pictures may be `oldest_s` old; empty where it can. */
  blindness(now_ns: bigint, oldest_s: number): string {
    for (const { name, stamp_ns, problem } of this.eyes) {
      if (problem !== '') return problem;
      if (stamp_ns < 0n) return `there is no picture of the ${name} camera with depth and calibration`;
      const age_s = Number(now_ns - stamp_ns) / 1e9;
      if (age_s > oldest_s) return `the newest picture of the ${name} camera is ${age_s.toFixed(2)} s old`;
    }
    return '';
  }

  close(): void {
    for (const { subscriptions } of this.eyes) for (const subscription of subscriptions) subscription.unsubscribe();
  }
}

/** By the nearest pixel, through pinholes of both and the lens of the camera. */
function samples(
  name: CameraName,
  { width, height }: PictureLayout,
  { K, D, width: of, height: high }: CameraInfo,
): Int32Array {
  const wanted = intrinsics(width, height, CAMERA_SPECS[name].horizontal_fov_rad);
  const [k1, k2, p1, p2, k3] = D;
  return Int32Array.from({ length: width * height }, (_, k) => {
    const x = ((k % width) - wanted[2]) / wanted[0];
    const y = (Math.floor(k / width) - wanted[5]) / wanted[4];
    const [bent_x, bent_y] = distort(x, y, [k1, k2, p1, p2, k3]);
    const u = Math.round(K[0] * bent_x + K[2]);
    const v = Math.round(K[4] * bent_y + K[5]);
    return u >= 0 && v >= 0 && u < of && v < high ? v * of + u : -1;
  });
}

/** Of a camera that stands in the world: policies have learned where it is. */
function misplaced(name: CameraName, { T_world_camera_optical: T }: CameraInfo): string {
  const { mount } = CAMERA_SPECS[name];
  if (typeof mount === 'string') return '';
  const apart_m = Math.hypot(T[3] - mount[3], T[7] - mount[7], T[11] - mount[11]);
  let trace = 0;
  for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) trace += T[4 * r + c] * mount[4 * r + c];
  const apart_rad = Math.acos(Math.min(1, Math.max(-1, (trace - 1) / 2)));
  if (apart_m <= APART_M && apart_rad <= APART_RAD) return '';
  return `the ${name} camera is ${(1000 * apart_m).toFixed(0)} mm and ${apart_rad.toFixed(2)} rad from where policies have learned that it is`;
}
