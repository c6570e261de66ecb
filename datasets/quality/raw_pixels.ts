import sharp, { type Sharp } from 'sharp';
import type { RecordedPicture } from '../recording/pictures.ts';

export type { RecordedPicture } from '../recording/pictures.ts';

const CHANNELS: Readonly<Record<string, 1 | 3 | 4>> = {
  mono8: 1,
  rgb8: 3,
  bgr8: 3,
  rgba8: 4,
  bgra8: 4,
  '8UC1': 1,
  '8UC3': 3,
};

/** Raw pixels of 8 bits as sharp takes them; null for other encodings and for wrong lengths. Red and blue may be swapped. */
export function rawPixels({ encoding, width, height, data }: RecordedPicture): Sharp | null {
  const channels = CHANNELS[encoding];
  if (channels === undefined || !(width > 0 && height > 0)) return null;
  const step = data.length / height;
  if (step < width * channels) return null;
  if (step === width * channels) return sharp(data, { raw: { width, height, channels } });
  if (!Number.isInteger(step)) return null;
  const rows = new Uint8Array(width * channels * height);
  for (let v = 0; v < height; v++) rows.set(data.subarray(v * step, v * step + width * channels), v * width * channels);
  return sharp(rows, { raw: { width, height, channels } });
}
