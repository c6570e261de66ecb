import sharp, { type Sharp } from 'sharp';
import { type RecordedPicture, readPictures } from '../recording/pictures.ts';
import type { EpisodeSeries } from '../recording/series.ts';

/** Small pictures of one camera, evenly over the episode. */
export interface Filmstrip {
  readonly camera: string;
  readonly frames: readonly FilmFrame[];
}

export interface FilmFrame {
  readonly width: number;
  readonly height: number;
  /** From the episode's start. */
  readonly time_s: number;
  readonly jpeg: Uint8Array;
}

export const FRAMES_A_STRIP = 8;
const HEIGHT = 84;
const QUALITY = 62;
/** A picture that claims more is not opened. */
const MOST_PIXELS = 40_000_000;

/** A filmstrip of every camera with colour; pictures that cannot be opened are left out. */
export async function filmstrips(file: string, series: EpisodeSeries): Promise<Filmstrip[]> {
  const cameras = series.pictures.filter(({ kind, time_s }) => kind === 'colour' && time_s.length > 0);
  const wanted = new Map(cameras.map(({ topic, time_s }) => [topic, evenly(time_s.length, FRAMES_A_STRIP)]));
  const strips = new Map(cameras.map(({ topic, camera }) => [topic, { camera, frames: [] as FilmFrame[] }]));
  const seen = new Map<string, number>();
  for await (const picture of readPictures(file, [...wanted.keys()])) {
    const k = seen.get(picture.topic) ?? 0;
    seen.set(picture.topic, k + 1);
    if (!wanted.get(picture.topic)?.has(k)) continue;
    const frame = await thumbnail(picture, series.start_ns);
    if (frame !== null) strips.get(picture.topic)?.frames.push(frame);
  }
  return [...strips.values()].filter(({ frames }) => frames.length > 0);
}

/** At most `count` of `n`, first and last among them. */
function evenly(n: number, count: number): ReadonlySet<number> {
  const last = Math.max(1, Math.min(n, count) - 1);
  return new Set(Array.from({ length: Math.min(n, count) }, (_, k) => Math.round((k * (n - 1)) / last)));
}

async function thumbnail(picture: RecordedPicture, start_ns: bigint): Promise<FilmFrame | null> {
  const image = imageOf(picture);
  if (image === null) return null;
  try {
    const { data, info } = await image
      .resize({ height: HEIGHT, width: 3 * HEIGHT, fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: QUALITY })
      .toBuffer({ resolveWithObject: true });
    const time_s = Number(picture.stamp_ns - start_ns) / 1e9;
    return { width: info.width, height: info.height, time_s, jpeg: new Uint8Array(data) };
  } catch {
    return null;
  }
}

const RAW_CHANNELS: Readonly<Record<string, 1 | 3 | 4>> = { rgb8: 3, bgr8: 3, mono8: 1, rgba8: 4 };

function imageOf({ format, encoding, width, height, data }: RecordedPicture): Sharp | null {
  if (format === 'jpeg' || format === 'png') return sharp(data, { limitInputPixels: MOST_PIXELS });
  const channels = format === 'raw' ? RAW_CHANNELS[encoding] : undefined;
  if (channels === undefined || width * height * channels !== data.length) return null;
  const image = sharp(data, { raw: { width, height, channels } });
  return encoding === 'bgr8'
    ? image.recomb([
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ])
    : image;
}
