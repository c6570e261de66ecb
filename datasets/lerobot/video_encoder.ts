/** A video encoder of the system's ffmpeg. */
export interface VideoEncoder {
  /** As ffmpeg calls it, e.g. libx264. */
  readonly name: string;
  /** As info.json calls it, e.g. h264. */
  readonly codec: string;
  /** e.g. yuv420p. */
  readonly pixels: string;
  readonly ffmpeg: string;
  readonly options: readonly string[];
}
