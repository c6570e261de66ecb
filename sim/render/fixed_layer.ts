import type { BufferGeometry } from 'three';

/** Images written by the rasteriser, row-major from the top left, owned by the caller. */
export interface RenderTarget {
  /** sRGB, 3 · width · height. */
  readonly rgb: Uint8Array;
  /** Depth along the optical z axis, m, 0 where nothing is seen. */
  readonly depth: Float32Array;
  /** `userData.label` of the mesh seen, 0 where nothing is seen. */
  readonly segmentation: Uint16Array;
}

/** The finished picture of what does not move, and where it stands before what does. */
export interface FixedImages extends RenderTarget {
  /** 1/z, 1/m, of the face seen as it was compared, before rounding to single precision; 0 where nothing is seen. */
  readonly inverse: Float64Array;
}

/**
 * Keeps the picture of the fixed meshes of a scene for as long as nothing that it depends on changes. Every frame tells
 * it all of that, number by number, between `begin` and `end`.
 */
export class FixedLayer {
  private readonly pixels: number;
  private kept: FixedImages | null = null;
  private drawn = false;
  private key = new Float64Array(256);
  private at = 0;
  private length = 0;
  private readonly geometries: BufferGeometry[] = [];
  private meshes = 0;
  private same = true;

  constructor(pixels: number) {
    this.pixels = pixels;
  }

  begin(): void {
    this.at = 0;
    this.meshes = 0;
    this.same = true;
  }

  add(value: number): void {
    if (this.at === this.key.length) {
      const longer = new Float64Array(2 * this.at);
      longer.set(this.key);
      this.key = longer;
    }
    if (this.key[this.at] !== value) {
      this.key[this.at] = value;
      this.same = false;
    }
    this.at++;
  }

  addAll(values: ArrayLike<number>, count: number): void {
    for (let i = 0; i < count; i++) this.add(values[i]);
  }

  addGeometry(geometry: BufferGeometry): void {
    if (this.geometries[this.meshes] !== geometry) {
      this.geometries[this.meshes] = geometry;
      this.same = false;
    }
    this.meshes++;
  }

  /** True if there are fixed meshes and all is as it was one frame ago, so that a picture of them is worth keeping. */
  end(): boolean {
    const same = this.same && this.at === this.length && this.meshes > 0;
    this.length = this.at;
    if (!same) this.drawn = false;
    return same;
  }

  /** The kept picture. When it is not up to date, `draw` is called to write all of it but `inverse`, given as zeros. */
  images(draw: (images: FixedImages) => void): FixedImages {
    const images = this.kept ?? createImages(this.pixels);
    this.kept = images;
    if (!this.drawn) {
      images.inverse.fill(0);
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
  };
}
