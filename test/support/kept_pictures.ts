import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { convertIndexedToRgb, decode, encode } from 'fast-png';
import sharp from 'sharp';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { type Picture, pictureDifference } from './picture_difference.ts';

/** By how much a channel may differ: what a palette and the smoothing of text make out. */
const TOLERANCE = 24;
/** Share of the pixels that may differ by more. */
const MOST_DIFFERING = 0.005;

/** Pictures that a test keeps in a folder of the repository; with SUREPICK_RENEW=1 it writes them instead of comparing. */
export class KeptPictures {
  private readonly folder: string;
  private readonly output: string;
  private readonly renews: boolean;

  /** @param output  folder for what a picture that differs is now, and for its differences */
  constructor(
    folder: string,
    output = join(PACKAGE_ROOT, '.cache', 'screens'),
    renews = process.env.SUREPICK_RENEW === '1',
  ) {
    this.folder = folder;
    this.output = output;
    this.renews = renews;
  }

  /** Empty where the picture is as the kept one, else what differs and where to look at it. */
  async difference(name: string, png: Uint8Array): Promise<string> {
    const kept = join(this.folder, `${name}.png`);
    const small = await sharp(png).removeAlpha().png({ palette: true, colours: 256, dither: 0, effort: 10 }).toBuffer();
    if (this.renews) writeFileSync(kept, small);
    const { share, largest, picture } = pictureDifference(rgbOf(readFileSync(kept)), rgbOf(small), TOLERANCE);
    if (share <= MOST_DIFFERING) return '';
    mkdirSync(this.output, { recursive: true });
    const [now, difference] = [`${name}.png`, `${name}.difference.png`].map((file) => join(this.output, file));
    writeFileSync(now, png);
    writeFileSync(difference, encode({ ...picture, data: picture.rgb, channels: 3 }));
    const seen = [now, difference].map((file) => relative(PACKAGE_ROOT, file)).join(' and ');
    return `${name}: ${(100 * share).toFixed(2)} % of the pixels differ by more than ${TOLERANCE} of 255, at most \
${100 * MOST_DIFFERING} % may; the most, by ${largest.by}, at x ${largest.x}, y ${largest.y}. Look at ${seen}. \
Where the page has to look like this: SUREPICK_RENEW=1 npx vitest run teleop/page/screens.test.ts`;
  }
}

function rgbOf(png: Uint8Array): Picture {
  const decoded = decode(png);
  const { width, height, palette } = decoded;
  const { channels, data } =
    palette === undefined ? decoded : { channels: palette[0].length, data: convertIndexedToRgb(decoded) };
  const rgb = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < 3; channel++) rgb[3 * pixel + channel] = data[channels * pixel + channel];
  return { width, height, rgb };
}
