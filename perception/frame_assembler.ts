import type { CameraInfo, CameraName, ColourImage, DepthImage } from '../contracts/index.ts';
import type { RgbdFrame } from './detector.ts';

/** Images of this many stamps wait for their partners. */
const WAITING = 4;

export type FramePart =
  | Readonly<{ colour: ColourImage }>
  | Readonly<{ depth: DepthImage }>
  | Readonly<{ info: CameraInfo }>;

interface Parts {
  readonly stamp_ns: bigint;
  colour?: ColourImage;
  depth?: DepthImage;
  info?: CameraInfo;
}

/** Joins the images and the camera info of equal stamp to frames, named and counted by camera. */
export class FrameAssembler {
  private readonly camera: CameraName;
  private waiting: Parts[] = [];
  private frames = 0;

  constructor(camera: CameraName) {
    this.camera = camera;
  }

  /** Keeps one part of a frame; the part that completes a frame gives it. Older incomplete ones are dropped then. */
  add(part: FramePart): RgbdFrame | null {
    const { stamp_ns } = 'colour' in part ? part.colour : 'depth' in part ? part.depth : part.info;
    let parts = this.waiting.find((other) => other.stamp_ns === stamp_ns);
    if (parts === undefined) {
      parts = { stamp_ns };
      this.waiting.push(parts);
      if (this.waiting.length > WAITING) this.waiting.shift();
    }
    Object.assign(parts, part);
    const { colour, depth, info } = parts;
    if (colour === undefined || depth === undefined || info === undefined) return null;
    this.waiting = this.waiting.filter((other) => other.stamp_ns > stamp_ns);
    return { request_id: `${this.camera}/${this.frames++}`, colour, depth, info };
  }

  /** Drops what is incomplete. */
  forget(): void {
    this.waiting = [];
  }

  /** Begins anew. */
  reset(): void {
    this.waiting = [];
    this.frames = 0;
  }
}
