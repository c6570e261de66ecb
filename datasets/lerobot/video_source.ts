import { spawn } from 'node:child_process';
import { MOST_PIXELS } from './picture_header.ts';

/** Pictures of a video from some time on, one after another. */
export interface VideoReader {
  /** As PNG; null after the last, and where it cannot be read. */
  next(): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** Opens a video. @param from_s  time of the first picture that is wanted */
export type VideoSource = (file: string, from_s: number, fps: number) => VideoReader;

const PNG_END = Buffer.from([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
/** A picture that does not end within this is none. */
const MOST_BYTES = 4 * MOST_PIXELS;

/** Decodes with ffmpeg, without loss, a picture at a time: ffmpeg waits until it is asked for more. */
export function ffmpegSource(ffmpeg = 'ffmpeg'): VideoSource {
  return (file, from_s, fps) => {
    // Half a picture early, so that rounding does not lose the first one.
    const from = ['-ss', Math.max(0, from_s - 0.5 / fps).toFixed(6), '-i', `file:${file}`];
    const write = ['-an', '-fps_mode', 'passthrough', '-c:v', 'png', '-pred', 'mixed', '-f', 'image2pipe', 'pipe:1'];
    const child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', '-nostdin', ...from, ...write], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise<void>((resolve) => {
      child.on('exit', () => resolve());
      child.on('error', () => resolve());
    });
    const pictures = splitPictures(child.stdout);
    return {
      next: async () => {
        const { value, done } = await pictures.next();
        return done === true ? null : value;
      },
      close: async () => {
        // What was not read would keep the pipe open.
        child.stdout.destroy();
        child.kill('SIGKILL');
        await ended;
      },
    };
  };
}

/** PNG files that follow each other. */
async function* splitPictures(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const block of stream) {
      rest = Buffer.concat([rest, block]);
      for (let end = rest.indexOf(PNG_END); end >= 0; end = rest.indexOf(PNG_END)) {
        yield new Uint8Array(rest.subarray(0, end + PNG_END.length));
        rest = rest.subarray(end + PNG_END.length);
      }
      if (rest.length > MOST_BYTES) return;
    }
  } catch {
    // ffmpeg was ended while it wrote.
  }
}
