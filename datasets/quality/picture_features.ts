import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { type RecordedPicture, rawPixels } from './raw_pixels.ts';

/** What is kept of each picture of a camera; row k of all columns is one picture, in file order. */
export interface PictureFeatures {
  readonly topic: string;
  readonly camera: string;
  /** Of the stamp and of the log, s from the episode's start. */
  readonly time_s: Float64Array;
  readonly logged_s: Float64Array;
  /** Mean grey value, 0..255, and shares of pixels at both ends. */
  readonly brightness: Float64Array;
  readonly black_share: Float64Array;
  readonly white_share: Float64Array;
  /** Mean absolute Laplacian over mean absolute gradient: falls with blur, whatever the contrast. */
  readonly sharpness: Float64Array;
  /** Mean gradient, grey values a pixel: what there is to be sharp. */
  readonly contrast: Float64Array;
  /** Share of pixels that changed by more than noise does since the picture before, whose exposure is matched; NaN for the first. */
  readonly motion: Float64Array;
  /** Largest difference of a pixel to the picture before; NaN for the first. */
  readonly change: Float64Array;
  /** 1 where the pixels of the file are those of the picture before. */
  readonly same: Uint8Array;
  /** 64 bit difference hash (Krawetz, 2013), as 16 hex digits. */
  readonly hash: readonly string[];
  /** Pictures that could not be decoded: their times. */
  readonly broken_s: readonly number[];
}

export const THUMBNAIL_WIDTH = 160;

interface Row {
  readonly time_s: number;
  readonly logged_s: number;
  readonly grey: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly digest: string;
}

/** Takes the pictures of one camera, decodes them small and grey, and keeps numbers alone. */
export class PictureMeter {
  private readonly topic: string;
  private readonly camera: string;
  private readonly columns = {
    time_s: [],
    logged_s: [],
    brightness: [],
    black_share: [],
    white_share: [],
    sharpness: [],
    contrast: [],
    motion: [],
    change: [],
    same: [],
  } as Record<Column, number[]>;
  private readonly hash: string[] = [];
  private readonly broken_s: number[] = [];
  private before: Row | null = null;

  constructor(topic: string, camera: string) {
    this.topic = topic;
    this.camera = camera;
  }

  /** @param start_ns  log time from which times count */
  async take(picture: RecordedPicture, start_ns: bigint): Promise<void> {
    const time_s = Number(picture.stamp_ns - start_ns) / 1e9;
    const logged_s = Number(picture.log_ns - start_ns) / 1e9;
    const decoded = await thumbnail(picture);
    if (decoded === null) {
      this.broken_s.push(time_s);
      return;
    }
    this.add({ ...decoded, time_s, logged_s, digest: createHash('sha1').update(picture.data).digest('base64') });
  }

  features(): PictureFeatures {
    const { columns, topic, camera, hash, broken_s } = this;
    const of = (name: Column) => Float64Array.from(columns[name]);
    return {
      ...{ topic, camera, hash, broken_s },
      ...{ time_s: of('time_s'), logged_s: of('logged_s'), brightness: of('brightness'), contrast: of('contrast') },
      ...{ black_share: of('black_share'), white_share: of('white_share'), sharpness: of('sharpness') },
      ...{ motion: of('motion'), change: of('change'), same: Uint8Array.from(columns.same) },
    };
  }

  private add(row: Row): void {
    const { columns, before } = this;
    const { grey, width, height } = row;
    let [sum, black, white] = [0, 0, 0];
    for (const value of grey) {
      sum += value;
      if (value <= BLACK) black++;
      if (value >= WHITE) white++;
    }
    const { laplacian, gradient } = detail(grey, width, height);
    columns.time_s.push(row.time_s);
    columns.logged_s.push(row.logged_s);
    columns.brightness.push(sum / grey.length);
    columns.black_share.push(black / grey.length);
    columns.white_share.push(white / grey.length);
    columns.sharpness.push(gradient > 0 ? laplacian / gradient : 0);
    columns.contrast.push(gradient);
    const comparable = before !== null && before.grey.length === grey.length;
    const moved = comparable ? difference(before.grey, grey) : { moved: Number.NaN, most: Number.NaN };
    columns.motion.push(moved.moved);
    columns.change.push(moved.most);
    columns.same.push(before?.digest === row.digest ? 1 : 0);
    this.hash.push(differenceHash(grey, width, height));
    this.before = row;
  }
}

type Column =
  | 'time_s'
  | 'logged_s'
  | 'brightness'
  | 'black_share'
  | 'white_share'
  | 'sharpness'
  | 'contrast'
  | 'motion'
  | 'change'
  | 'same';

const BLACK = 4;
const WHITE = 251;

async function thumbnail(picture: RecordedPicture): Promise<Pick<Row, 'grey' | 'width' | 'height'> | null> {
  const source = picture.format === 'raw' ? rawPixels(picture) : sharp(picture.data, { limitInputPixels: 1e8 });
  if (source === null) return null;
  try {
    const { data, info } = await source
      .resize({ width: THUMBNAIL_WIDTH, withoutEnlargement: true })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { grey: data, width: info.width, height: info.height };
  } catch {
    return null;
  }
}

function detail(grey: Uint8Array, width: number, height: number): { laplacian: number; gradient: number } {
  let [laplacian, gradient] = [0, 0];
  for (let v = 1; v < height - 1; v++) {
    for (let i = v * width + 1; i < (v + 1) * width - 1; i++) {
      const [left, right, up, down] = [grey[i - 1], grey[i + 1], grey[i - width], grey[i + width]];
      laplacian += Math.abs(left + right + up + down - 4 * grey[i]);
      gradient += Math.abs(right - left) + Math.abs(down - up);
    }
  }
  const n = Math.max(1, (width - 2) * (height - 2));
  return { laplacian: laplacian / n, gradient: gradient / n };
}

/** Change of one pixel that counts as motion, grey values: beyond the noise of small cameras. */
const MOVED = 16;

function difference(a: Uint8Array, b: Uint8Array): { readonly moved: number; readonly most: number } {
  let [sum_a, sum_b] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    sum_a += a[i];
    sum_b += b[i];
  }
  const gain = sum_a > 0 && sum_b > 0 ? sum_b / sum_a : 1;
  let [moved, most] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (Math.abs(gain * a[i] - b[i]) > MOVED) moved++;
    const off = Math.abs(a[i] - b[i]);
    if (off > most) most = off;
  }
  return { moved: moved / a.length, most };
}

/** Whether each of 8 × 8 cells is brighter than its right neighbour. */
function differenceHash(grey: Uint8Array, width: number, height: number): string {
  let text = '';
  for (let y = 0; y < 8; y++) {
    let bits = 0;
    for (let x = 0; x < 8; x++) {
      if (cell(grey, width, height, x, y) > cell(grey, width, height, x + 1, y)) bits |= 1 << x;
    }
    text += bits.toString(16).padStart(2, '0');
  }
  return text;
}

function cell(grey: Uint8Array, width: number, height: number, x: number, y: number): number {
  const [u0, u1] = [Math.floor((x * width) / 9), Math.floor(((x + 1) * width) / 9)];
  const [v0, v1] = [Math.floor((y * height) / 8), Math.floor(((y + 1) * height) / 8)];
  let sum = 0;
  for (let v = v0; v < v1; v++) for (let u = u0; u < u1; u++) sum += grey[v * width + u];
  return sum / Math.max(1, (u1 - u0) * (v1 - v0));
}
