/** Pictures of a video from some time on, one after another. */
export interface VideoReader {
  /** As PNG; null after the last, and where it cannot be read. */
  next(): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** Opens a video. @param from_s  time of the first picture that is wanted */
export type VideoSource = (file: string, from_s: number, fps: number) => VideoReader;
