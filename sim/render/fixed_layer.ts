import { Shadable } from './shadable.ts';

/** Images written by the rasteriser, row-major from the top left, owned by the caller. */
export interface RenderTarget {
  /** sRGB, 3 · width · height. */
  readonly rgb: Uint8Array;
  /** Depth along the optical z axis, m, 0 where nothing is seen. */
  readonly depth: Float32Array;
  /** `userData.label` of the mesh seen, 0 where nothing is seen. */
  readonly segmentation: Uint16Array;
}

/** The finished picture of what does not move, where it stands before what does, and where what moves may shade it. */
export interface FixedImages extends RenderTarget {
  /** 1/z, 1/m, of the face seen as it was compared, before rounding to single precision; 0 where nothing is seen. */
  readonly inverse: Float64Array;
  /** sRGB where the key light does not come, 3 · width · height. */
  readonly dark: Uint8Array;
  /** The pixels that are dark where what moves is between them and the sun. */
  readonly shadable: Shadable;
}

/** Keeps the picture of the fixed meshes of a scene for as long as the caller says that nothing it depends on changes. */
export class FixedLayer {
  private readonly pixels: number;
  private kept: FixedImages | null = null;
  private drawn = false;

  constructor(pixels: number) {
    this.pixels = pixels;
  }

  forget(): void {
    this.drawn = false;
  }

  /** The kept picture. When it is not up to date, `draw` is called to write all of it, `inverse` given as zeros and `shadable` empty. */
  images(draw: (images: FixedImages) => void): FixedImages {
    const images = this.kept ?? createImages(this.pixels);
    this.kept = images;
    if (!this.drawn) {
      images.inverse.fill(0);
      images.shadable.clear();
      draw(images);
      this.drawn = true;
    }
    return images;
  }
}

function createImages(pixels: number): FixedImages {
  return {
    rgb: new Uint8Array(3 * pixels),
    depth: new Float32Array(pixels),
    segmentation: new Uint16Array(pixels),
    inverse: new Float64Array(pixels),
    dark: new Uint8Array(3 * pixels),
    shadable: new Shadable(pixels),
  };
}
