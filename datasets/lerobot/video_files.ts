import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import type { EpisodeTable } from './episode_table.ts';
import type { PictureFeature } from './feature.ts';
import { fillPath, placeOf, VIDEO_PATH } from './layout.ts';
import type { VideoEncoder } from './video_encoder.ts';

const JPEG_START = 0xff;

/** The videos beside one file of data/: one a camera, the pictures of its episodes one after another. */
export class VideoFiles {
  private readonly videos: ReadonlyMap<string, VideoFile>;

  constructor(out: string, n: number, cameras: readonly PictureFeature[], encoder: VideoEncoder, fps: number) {
    const path = (key: string) => join(out, ...fillPath(VIDEO_PATH, { ...placeOf(n), video_key: key }).split('/'));
    this.videos = new Map(cameras.map(({ key }) => [key, new VideoFile(path(key), encoder, fps)]));
  }

  async add({ pictures }: EpisodeTable): Promise<void> {
    for (const [key, video] of this.videos) {
      const { files, shown } = pictures[key];
      for (const k of shown) await video.add(files[k]);
    }
  }

  async finish(): Promise<void> {
    for (const video of this.videos.values()) await video.finish();
  }

  async abandon(): Promise<void> {
    for (const video of this.videos.values()) await video.abandon();
  }
}

/** Encodes pictures as they come; only when it is whole does the file bear its name. */
export class VideoFile {
  private readonly file: string;
  private readonly encoder: VideoEncoder;
  private readonly fps: number;
  private running: { readonly child: ChildProcess; readonly ended: Promise<number | null> } | null = null;
  private said = '';

  constructor(file: string, encoder: VideoEncoder, fps: number) {
    mkdirSync(dirname(file), { recursive: true });
    this.file = file;
    this.encoder = encoder;
    this.fps = fps;
  }

  /** A JPEG or PNG picture; all of a file are of the same kind and size. */
  async add(bytes: Uint8Array): Promise<void> {
    this.running ??= this.start(bytes[0] === JPEG_START ? 'mjpeg' : 'png');
    const { child, ended } = this.running;
    const { stdin } = child;
    if (stdin === null || stdin.destroyed || child.exitCode !== null) return this.fail();
    const room = stdin.write(bytes) || once(stdin, 'drain').catch(() => {});
    await Promise.race([room, ended]);
  }

  async finish(): Promise<void> {
    this.running?.child.stdin?.end();
    if ((await this.running?.ended) !== 0) return this.fail();
    renameSync(`${this.file}.part`, this.file);
  }

  async abandon(): Promise<void> {
    this.running?.child.kill('SIGKILL');
    await this.running?.ended;
    rmSync(`${this.file}.part`, { force: true });
  }

  private start(codec: 'mjpeg' | 'png') {
    const { ffmpeg, name, options, pixels } = this.encoder;
    const read = ['-f', 'image2pipe', '-c:v', codec, '-framerate', String(this.fps), '-i', 'pipe:0'];
    const exact = ['-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1'];
    const write = [
      '-c:v',
      name,
      ...options,
      '-pix_fmt',
      pixels,
      '-an',
      ...exact,
      '-f',
      'mp4',
      '-y',
      `${this.file}.part`,
    ];
    const child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', '-nostdin', ...read, ...write], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, SVT_LOG: '1' },
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said = `${this.said}${text}`.slice(-400);
    });
    // A pipe that breaks is told by how the process ends.
    child.stdin.on('error', () => {});
    const ended = new Promise<number | null>((resolve) => {
      child.on('error', () => resolve(null));
      child.on('close', resolve);
    });
    return { child, ended };
  }

  private fail(): never {
    const why = this.said.trim().split('\n').slice(-2).join('; ') || 'no picture';
    throw new InputError(`video ${this.file}`, `ffmpeg could not write it (${why}); export without --video`);
  }
}
