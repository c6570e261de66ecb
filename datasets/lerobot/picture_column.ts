import sharp from 'sharp';
import type { RecordedPicture } from '../recording/pictures.ts';
import type { PictureFeature } from './feature.ts';
import { MOST_PIXELS, pictureHeader } from './picture_header.ts';
import { type FeatureStatistics, PictureHistogram } from './statistics.ts';

/** Pictures of an episode that statistics look at, spread evenly: decoding is most of the work. */
export const PICTURES_LOOKED_AT = 25;
/** Larger pictures are thinned out before they are counted, as lerobot does. */
const [THINNED_FROM, THINNED_TO] = [300, 150];
const MILLIMETRES_PER_METRE = 1000;

/** A picture as bytes that LeRobot reads, and what it is; a reason where it cannot be held. */
export type HeldPicture =
  | { readonly bytes: Uint8Array; readonly width: number; readonly height: number; readonly channels: number }
  | { readonly why: string };

/** JPEG and PNG as they are; raw pixels as PNG, without loss but for float depth, which is rounded to millimetres. */
export async function holdPicture(picture: RecordedPicture): Promise<HeldPicture> {
  const { format, data } = picture;
  if (format === 'raw') return holdRaw(picture);
  const header = pictureHeader(data);
  if (header === null) return { why: `bytes that are no picture, or one of over ${MOST_PIXELS} pixels` };
  return { bytes: data, width: header.width, height: header.height, channels: header.channels };
}

async function holdRaw({ encoding, width, height, data }: RecordedPicture): Promise<HeldPicture> {
  const pixels = width * height;
  if (pixels === 0 || pixels > MOST_PIXELS) return { why: `${width}×${height} pixels` };
  const size = { width, height };
  const channels = { rgb8: 3, bgr8: 3, mono8: 1 }[encoding];
  if (channels !== undefined && data.length >= channels * pixels) {
    const samples = encoding === 'bgr8' ? swapped(data, pixels) : data.subarray(0, channels * pixels);
    const bytes = await sharp(samples, { raw: { ...size, channels: channels === 1 ? 1 : 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    return { bytes, ...size, channels };
  }
  const depth = depthOf(encoding, data, pixels);
  if (depth === null) return { why: `raw pixels of encoding ${encoding}` };
  const bytes = await sharp(depth, { raw: { ...size, channels: 1 } })
    .toColourspace('grey16')
    .png({ compressionLevel: 1 })
    .toBuffer();
  return { bytes, ...size, channels: 1 };
}

function swapped(data: Uint8Array, pixels: number): Uint8Array {
  const rgb = new Uint8Array(3 * pixels);
  for (let k = 0; k < rgb.length; k += 3) {
    rgb[k] = data[k + 2];
    rgb[k + 1] = data[k + 1];
    rgb[k + 2] = data[k];
  }
  return rgb;
}

/** Millimetres, 0 for none. */
function depthOf(encoding: string, data: Uint8Array, pixels: number): Uint16Array | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if ((encoding === '16UC1' || encoding === 'mono16') && data.length >= 2 * pixels)
    return Uint16Array.from({ length: pixels }, (_, k) => view.getUint16(2 * k, true));
  if (encoding !== '32FC1' || data.length < 4 * pixels) return null;
  return Uint16Array.from({ length: pixels }, (_, k) => {
    const millimetres = Math.round(view.getFloat32(4 * k, true) * MILLIMETRES_PER_METRE);
    return millimetres >= 0 && millimetres <= 65535 ? millimetres : 0;
  });
}

/**
 * Statistics of the pictures that rows show: colours from 0 to 1, depth as it is stored. Pictures that cannot be decoded are
 * left out.
 */
export async function pictureStatistics(
  files: readonly Uint8Array[],
  rows: ArrayLike<number>,
  { kind, channels, width, height }: Pick<PictureFeature, 'kind' | 'channels' | 'width' | 'height'>,
): Promise<FeatureStatistics> {
  const looked = Math.min(rows.length, PICTURES_LOOKED_AT);
  const at = Array.from({ length: looked }, (_, k) => Math.round((k * (rows.length - 1)) / Math.max(1, looked - 1)));
  const depth = kind === 'depth';
  const shown = depth || channels === 1 ? 1 : 3;
  const histogram = new PictureHistogram(shown, depth ? 65536 : 256);
  const every = Math.max(width, height) < THINNED_FROM ? 1 : Math.trunc(Math.max(width, height) / THINNED_TO);
  const decoded = at.map((row) => {
    const bytes = files[rows[row]];
    return depth ? depthSamples(bytes) : colourSamples(bytes, shown);
  });
  for (const each of decoded) {
    const samples = await each;
    if (samples?.length === width * height * shown) histogram.add(thinned(samples, width, height, shown, every));
  }
  return histogram.statistics(depth ? 1 : 1 / 255);
}

async function colourSamples(bytes: Uint8Array, channels: 1 | 3): Promise<Uint8Array | null> {
  const picture = sharp(bytes, { limitInputPixels: MOST_PIXELS }).removeAlpha();
  return (channels === 1 ? picture.toColourspace('b-w') : picture.toColourspace('srgb'))
    .raw()
    .toBuffer()
    .catch(() => null);
}

async function depthSamples(bytes: Uint8Array): Promise<Uint16Array | null> {
  const picture = sharp(bytes, { limitInputPixels: MOST_PIXELS }).toColourspace('grey16');
  const raw = await picture
    .raw({ depth: 'ushort' })
    .toBuffer()
    .catch(() => null);
  return raw === null ? null : new Uint16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
}

function thinned(samples: ArrayLike<number>, width: number, height: number, channels: number, every: number) {
  if (every === 1) return samples;
  const kept: number[] = [];
  for (let v = 0; v < height; v += every)
    for (let u = 0; u < width; u += every)
      for (let c = 0; c < channels; c++) kept.push(samples[channels * (v * width + u) + c]);
  return kept;
}
