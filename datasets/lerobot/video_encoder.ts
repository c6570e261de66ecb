import { execFile } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '../../contracts/index.ts';
import { VideoFile } from './video_files.ts';

const run = promisify(execFile);

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

/** What lerobot's decoders read, best first; a key frame every second picture lets them jump. */
const KNOWN = [
  { name: 'libsvtav1', codec: 'av1', options: ['-crf', '30', '-g', '2', '-preset', '10'] },
  { name: 'libx264', codec: 'h264', options: ['-crf', '23', '-g', '2', '-preset', 'veryfast'] },
  { name: 'libvpx-vp9', codec: 'vp9', options: ['-crf', '31', '-b:v', '0', '-g', '2', '-deadline', 'realtime'] },
  { name: 'mpeg4', codec: 'mpeg4', options: ['-q:v', '3', '-g', '2'] },
] as const;
const REMEDY = 'install ffmpeg (apt-get install ffmpeg, brew install ffmpeg), or export without --video';

/** The best encoder that ffmpeg has. Throws an InputError with the remedy where there is none. */
export async function findVideoEncoder(ffmpeg = 'ffmpeg'): Promise<VideoEncoder> {
  const { stdout } = await run(ffmpeg, ['-hide_banner', '-encoders'], { maxBuffer: 1 << 24 }).catch(
    (error: unknown) => {
      throw new InputError('--video', `${ffmpeg} cannot be run; ${REMEDY}`, { cause: error });
    },
  );
  const found = KNOWN.find(({ name }) => new RegExp(`^ V\\S* ${name} `, 'm').test(stdout));
  if (found === undefined) {
    throw new InputError('--video', `${ffmpeg} has none of ${KNOWN.map(({ name }) => name).join(', ')}; ${REMEDY}`);
  }
  return { ...found, pixels: 'yuv420p', ffmpeg };
}

/** Whether ffmpeg can be run. */
export async function hasFfmpeg(ffmpeg = 'ffmpeg'): Promise<boolean> {
  return run(ffmpeg, ['-version']).then(
    () => true,
    () => false,
  );
}

/**
 * Encodes pictures into a file in `folder` and removes it: pictures a second and the share of their bytes that is left.
 * @param now_s  wall time
 */
export async function measureEncoder(
  encoder: VideoEncoder,
  pictures: readonly Uint8Array[],
  folder: string,
  now_s: () => number,
): Promise<{ readonly pictures_per_s: number; readonly size: number }> {
  const file = join(folder, 'measured.mp4');
  const from_s = now_s();
  const video = new VideoFile(file, encoder, 30);
  try {
    for (const picture of pictures) await video.add(picture);
    await video.finish();
    const bytes = pictures.reduce((sum, { length }) => sum + length, 0);
    return { pictures_per_s: pictures.length / (now_s() - from_s), size: statSync(file).size / bytes };
  } finally {
    await video.abandon();
    rmSync(file, { force: true });
  }
}
