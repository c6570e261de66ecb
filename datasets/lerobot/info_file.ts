import { z } from 'zod';
import { type FeatureSet, INDEX_FEATURES, writtenFeature } from './feature.ts';
import { CHUNKS_SIZE, CODEBASE_VERSION, DATA_FILE_MB, DATA_PATH, VIDEO_FILE_MB, VIDEO_PATH } from './layout.ts';

const count = z.number().int().nonnegative();
/** meta/info.json as it is read. */
export const infoFile = z.looseObject({
  codebase_version: z.string(),
  fps: z.number().positive().max(100_000),
  features: z.record(z.string().min(1).max(200), writtenFeature),
  total_episodes: count.max(10_000_000),
  total_frames: count,
  total_tasks: count.optional(),
  data_path: z.string().max(400),
  video_path: z.string().max(400).nullish(),
  robot_type: z.string().max(200).nullish(),
  splits: z.record(z.string(), z.string().max(100)).optional(),
});
export type InfoFile = Readonly<z.infer<typeof infoFile>>;

/** How the pictures of a camera were encoded; null for pictures that stand in the table. */
export interface VideoCodec {
  readonly codec: string;
  readonly pixels: string;
}

export interface InfoFacts {
  readonly fps: number;
  readonly features: FeatureSet;
  readonly episodes: number;
  readonly frames: number;
  readonly tasks: number;
  readonly robot: string;
  readonly splits: Readonly<Record<string, string>>;
  readonly video: VideoCodec | null;
}

/** The content of meta/info.json. */
export function infoOf({ fps, features, episodes, frames, tasks, robot, splits, video }: InfoFacts): object {
  return {
    codebase_version: CODEBASE_VERSION,
    robot_type: robot === '' ? null : robot,
    total_episodes: episodes,
    total_frames: frames,
    total_tasks: tasks,
    chunks_size: CHUNKS_SIZE,
    data_files_size_in_mb: DATA_FILE_MB,
    video_files_size_in_mb: VIDEO_FILE_MB,
    fps,
    splits,
    data_path: DATA_PATH,
    video_path: video === null ? null : VIDEO_PATH,
    features: writtenFeatures(features, fps, video),
  };
}

function writtenFeatures({ numbers, pictures, texts }: FeatureSet, fps: number, video: VideoCodec | null): object {
  const cameras = pictures.map(({ key, kind, width, height, channels }) => {
    const shape = { shape: [height, width, channels], names: ['height', 'width', 'channels'] };
    if (kind === 'depth') return [key, { dtype: 'image', ...shape, info: { is_depth_map: true, depth_unit: 'mm' } }];
    if (video === null) return [key, { dtype: 'image', ...shape }];
    const info = {
      ...{ 'video.height': height, 'video.width': width, 'video.channels': channels, 'video.fps': fps },
      ...{ 'video.codec': video.codec, 'video.pix_fmt': video.pixels, 'video.is_depth_map': false, has_audio: false },
    };
    return [key, { dtype: 'video', ...shape, info }];
  });
  const written = [...numbers, ...INDEX_FEATURES].map(({ key, dtype, shape, names }) => [key, { dtype, shape, names }]);
  const words = texts.map(({ key }) => [key, { dtype: 'string', shape: [1], names: null }]);
  return Object.fromEntries([
    ...written.slice(0, numbers.length),
    ...cameras,
    ...words,
    ...written.slice(numbers.length),
  ]);
}

/** `"0:12"` as the positions of episodes; null for what is no such range. */
export function rangeOf(text: string, episodes: number): readonly [number, number] | null {
  const [, from, to] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (from === undefined) return null;
  const [first, end] = [Number(from), Math.min(Number(to), episodes)];
  return first <= end ? [first, end] : null;
}
