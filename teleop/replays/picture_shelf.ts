import sharp from 'sharp';
import type { RecordedPicture } from '../../datasets/index.ts';

interface Shelved {
  readonly at_ms: number;
  readonly jpeg: Uint8Array;
}

/** Pictures of one camera as JPEG, evenly thinned to what memory they may take. */
export class PictureShelf {
  private readonly most_bytes: number;
  private shelved: Shelved[] = [];
  private period_ms: number;
  private held = 0;

  /** @param period_ms  of two pictures that are kept, at first */
  constructor(most_bytes: number, period_ms: number) {
    this.most_bytes = most_bytes;
    this.period_ms = period_ms;
  }

  get bytes(): number {
    return this.held;
  }

  get times(): readonly number[] {
    return this.shelved.map(({ at_ms }) => at_ms);
  }

  /** Keeps a picture if one is due. Throws where it cannot be made a JPEG. */
  async add(at_ms: number, picture: RecordedPicture): Promise<void> {
    const last_ms = this.shelved.at(-1)?.at_ms ?? Number.NEGATIVE_INFINITY;
    if (at_ms - last_ms < this.period_ms) return;
    const jpeg = await jpegOf(picture);
    this.shelved.push({ at_ms, jpeg });
    this.held += jpeg.byteLength;
    while (this.held > this.most_bytes && this.shelved.length > 1) this.halve();
  }

  /** The newest at or before a moment, else the oldest; null where there is none. */
  at(at_ms: number): Shelved | null {
    return this.shelved.findLast((one) => one.at_ms <= at_ms) ?? this.shelved.at(0) ?? null;
  }

  private halve(): void {
    this.shelved = this.shelved.filter((_, k) => k % 2 === 0);
    this.held = this.shelved.reduce((sum, { jpeg }) => sum + jpeg.byteLength, 0);
    this.period_ms *= 2;
  }
}

const QUALITY = 85;
const CHANNELS: Readonly<Record<string, 1 | 3 | 4>> = {
  rgb8: 3,
  bgr8: 3,
  rgba8: 4,
  bgra8: 4,
  mono8: 1,
  '8UC3': 3,
  '8UC1': 1,
};

async function jpegOf({ format, encoding, width, height, data }: RecordedPicture): Promise<Uint8Array> {
  if (format === 'jpeg') return data.slice();
  if (format !== 'raw') return sharp(data, { limitInputPixels: 1e8 }).jpeg({ quality: QUALITY }).toBuffer();
  const channels = CHANNELS[encoding];
  if (channels === undefined) throw new Error(`encoding ${encoding}; ${Object.keys(CHANNELS).join(', ')} can be shown`);
  if (data.length !== width * height * channels)
    throw new Error(`${data.length} bytes are no picture of ${width} by ${height} in ${encoding}`);
  const colours = encoding.startsWith('bgr') ? swapped(data, channels) : data;
  return sharp(colours, { raw: { width, height, channels } }).jpeg({ quality: QUALITY }).toBuffer();
}

/** Red where blue was. */
function swapped(data: Uint8Array, channels: number): Uint8Array {
  const out = data.slice();
  for (let i = 0; i + 2 < out.length; i += channels) {
    out[i] = data[i + 2];
    out[i + 2] = data[i];
  }
  return out;
}
