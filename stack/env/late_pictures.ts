interface Kept {
  stamp_ns: bigint;
  readonly rgb: Uint8Array;
  readonly depth: Float32Array;
}

/**
 * Pictures of one camera that come late, or never: what is shown is the one that was taken nearest to `latency_s` ago. The
 * first one is waited for.
 */
export class LatePictures {
  private readonly latency_ns: bigint;
  private readonly pixels: number;
  /** Oldest first; those before what was shown last are free. */
  private readonly kept: Kept[] = [];
  private readonly free: Kept[] = [];

  constructor(latency_s: number, pixels: number) {
    this.latency_ns = BigInt(Math.round(1e9 * latency_s));
    this.pixels = pixels;
  }

  /** Whether none has been taken yet. */
  get empty(): boolean {
    return this.kept.length === 0;
  }

  /** Keeps a copy of a picture: colour (RGB) and depth (m). Where its stamp is not after the last, time began anew. */
  take(stamp_ns: bigint, rgb: Uint8Array, depth: Float32Array): void {
    const { pixels, kept, free } = this;
    if (kept.length > 0 && stamp_ns <= kept[kept.length - 1].stamp_ns) free.push(...kept.splice(0));
    const one = free.pop() ?? { stamp_ns, rgb: new Uint8Array(3 * pixels), depth: new Float32Array(pixels) };
    one.stamp_ns = stamp_ns;
    one.rgb.set(rgb);
    one.depth.set(depth);
    kept.push(one);
  }

  /** Writes what is to be seen at a time. */
  show(now_ns: bigint, rgb: Uint8Array, depth: Float32Array): void {
    const { kept, free } = this;
    const wanted_ns = now_ns - this.latency_ns;
    while (kept.length > 1 && kept[1].stamp_ns - wanted_ns <= wanted_ns - kept[0].stamp_ns) {
      const old = kept.shift();
      if (old !== undefined) free.push(old);
    }
    rgb.set(kept[0].rgb);
    depth.set(kept[0].depth);
  }
}
