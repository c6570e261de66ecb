import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import type { EpisodeTable } from './episode_table.ts';
import type { PictureFeature } from './feature.ts';
import { fillPath, placeOf, VIDEO_PATH } from './layout.ts';
import type { VideoEncoder } from './video_encoder.ts';

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
  private readonly child: ChildProcess;
  private said = '';
  private readonly ended: Promise<number | null>;

  constructor(file: string, { ffmpeg, name, options, pixels }: VideoEncoder, fps: number) {
    mkdirSync(dirname(file), { recursive: true });
    this.file = file;
    const read = ['-f', 'image2pipe', '-framerate', String(fps), '-i', 'pipe:0'];
    const exact = ['-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1'];
    const write = ['-c:v', name, ...options, '-pix_fmt', pixels, '-an', ...exact, '-f', 'mp4', '-y', `${file}.part`];
    this.child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', '-nostdin', ...read, ...write], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = `${this.said}${text}`.slice(-400);
    });
    // A pipe that breaks is told by how the process ends.
    this.child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.child.on('error', () => resolve(null));
      this.child.on('close', resolve);
    });
  }

  async add(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.child;
    if (stdin === null || stdin.destroyed) return this.fail();
    if (!stdin.write(bytes)) await Promise.race([once(stdin, 'drain'), this.ended]);
  }

  async finish(): Promise<void> {
    this.child.stdin?.end();
    if ((await this.ended) !== 0) return this.fail();
    renameSync(`${this.file}.part`, this.file);
  }

  async abandon(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    rmSync(`${this.file}.part`, { force: true });
  }

  private fail(): never {
    const why = this.said.trim().split('\n').at(-1) ?? '';
    throw new InputError(`video ${this.file}`, `ffmpeg could not write it (${why}); export without --video`);
  }
}
