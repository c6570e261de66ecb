import sharp from 'sharp';
import { type HeldOutPicture, isOff, judgePicture, type PictureAnswer, type WorstCase } from '../../learning/index.ts';
import type { Detector } from '../../perception/index.ts';

/** A picture that went badly, ready to be shown. */
export interface WorstPicture {
  readonly caption: string;
  readonly webp: Uint8Array;
}

type Colour = readonly [number, number, number];
/** What outlines say. */
export const OUTLINES = {
  there: [255, 255, 255],
  missed: [255, 235, 0],
  found: [60, 220, 90],
  off: [255, 150, 30],
  nothing: [255, 50, 50],
} as const satisfies Readonly<Record<string, Colour>>;

/** Pictures are cut to what they are about, with this margin (pixels), and enlarged to about this width. */
const MARGIN = 14;
const LEAST_SIDE = 72;
const SHOWN_WIDTH = 640;

/** What a picture is drawn from. */
export type ShownPicture = Pick<HeldOutPicture, 'camera' | 'frame' | 'instances' | 'objects'>;

/**
 * Draws the worst pictures again, with outlines of what is there and of what was said.
 * @param set  which they are of
 */
export async function worstPictures(
  set: { world(k: number): readonly ShownPicture[] },
  detector: Detector,
  worst: readonly WorstCase[],
): Promise<WorstPicture[]> {
  const shown: WorstPicture[] = [];
  for (const { world, camera, task, faults } of worst) {
    const picture = set.world(world).find((candidate) => candidate.camera === camera);
    if (picture === undefined) continue;
    const { detections } = await detector.detect(picture.frame);
    const { masks } = detector;
    const webp = await drawAnswer(picture, { detections, masks });
    const others = faults.length > 3 ? `; and ${faults.length - 3} more` : '';
    shown.push({ caption: `${task}, ${camera}, world ${world}: ${faults.slice(0, 3).join('; ')}${others}`, webp });
  }
  return shown;
}

/** A picture with outlines of what is there and of what was said of it, as WebP. */
export async function drawAnswer(picture: ShownPicture, answer: PictureAnswer): Promise<Uint8Array> {
  const { objects, detections: said } = judgePicture(picture, answer);
  const missed = new Set(objects.filter(({ found }) => !found).map(({ object }) => object));
  const bad = objects.filter(({ class_right, pose }) => !class_right || (pose !== null && isOff(pose)));
  const off = new Set(bad.map(({ object }) => object));
  return drawn(
    picture,
    answer.masks,
    (object) => (missed.has(object) ? OUTLINES.missed : OUTLINES.there),
    (k) => (!said[k].shows ? OUTLINES.nothing : off.has(said[k].object) ? OUTLINES.off : OUTLINES.found),
  );
}

interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

async function drawn(
  { frame, instances }: ShownPicture,
  masks: readonly Int32Array[],
  ofObject: (object: number) => Colour,
  ofDetection: (k: number) => Colour,
): Promise<Uint8Array> {
  const { width, height, data } = frame.colour;
  const part = partOf(instances, masks, width, height);
  const scale = Math.max(2, Math.floor(SHOWN_WIDTH / part.width));
  const large = await sharp(data, { raw: { width, height, channels: 3 } })
    .extract(part)
    .resize(scale * part.width, scale * part.height, { kernel: 'nearest' })
    .raw()
    .toBuffer();
  const canvas = { large, part, scale, width };
  outline(canvas, (i) => instances[i], ofObject, 0);
  masks.forEach((mask, k) => {
    const inside = new Set(mask);
    outline(
      canvas,
      (i) => (inside.has(i) ? k : -1),
      () => ofDetection(k),
      1,
    );
  });
  const raw = { width: scale * part.width, height: scale * part.height, channels: 3 } as const;
  return sharp(large, { raw }).webp({ quality: 88, smartSubsample: true }).toBuffer();
}

/** The part of a picture that holds all objects and masks. */
function partOf(instances: Int16Array, masks: readonly Int32Array[], width: number, height: number): Part {
  let [left, right, top, bottom] = [width, 0, height, 0];
  const take = (i: number): void => {
    const [u, v] = [i % width, Math.floor(i / width)];
    [left, right, top, bottom] = [Math.min(left, u), Math.max(right, u), Math.min(top, v), Math.max(bottom, v)];
  };
  instances.forEach((instance, i) => {
    if (instance >= 0) take(i);
  });
  for (const mask of masks) mask.forEach(take);
  if (right < left) return { left: 0, top: 0, width, height };
  const [x, w] = widened(left, right, width);
  const [y, h] = widened(top, bottom, height);
  return { left: x, top: y, width: w, height: h };
}

/** A range with its margin and at least LEAST_SIDE long, within 0..limit: its start and length. */
function widened(low: number, high: number, limit: number): readonly [number, number] {
  const length = Math.min(limit, Math.max(LEAST_SIDE, high - low + 1 + 2 * MARGIN));
  const start = Math.round((low + high + 1 - length) / 2);
  return [Math.max(0, Math.min(limit - length, start)), length];
}

interface Canvas {
  readonly large: Buffer;
  readonly part: Part;
  readonly scale: number;
  /** Of the whole picture, pixels. */
  readonly width: number;
}

/** Colours the border of every set of equal labels ≥ 0, `inset` lines inside it. */
function outline(
  { large, part, scale, width }: Canvas,
  labelOf: (pixel: number) => number,
  colourOf: (label: number) => Colour,
  inset: number,
): void {
  const stride = scale * part.width;
  const thick = Math.max(1, Math.floor(scale / 3));
  for (let y = 0; y < part.height; y++) {
    for (let x = 0; x < part.width; x++) {
      const i = (part.top + y) * width + part.left + x;
      const label = labelOf(i);
      if (label < 0) continue;
      const colour = colourOf(label);
      const paint = (px: number, py: number): void => {
        for (let c = 0; c < 3; c++) large[3 * (py * stride + px) + c] = colour[c];
      };
      const [left, top] = [scale * x, scale * y];
      const [right, bottom] = [left + scale - 1, top + scale - 1];
      for (let k = 0; k < scale; k++) {
        for (let d = inset * thick; d < (inset + 1) * thick; d++) {
          if (x === 0 || labelOf(i - 1) !== label) paint(left + d, top + k);
          if (x === part.width - 1 || labelOf(i + 1) !== label) paint(right - d, top + k);
          if (y === 0 || labelOf(i - width) !== label) paint(left + k, top + d);
          if (y === part.height - 1 || labelOf(i + width) !== label) paint(left + k, bottom - d);
        }
      }
    }
  }
}
