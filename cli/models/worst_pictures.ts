import sharp from 'sharp';
import { type HeldOutPicture, type HeldOutSet, judgePicture, type WorstCase } from '../../learning/index.ts';
import type { Detector } from '../../perception/index.ts';
import type { WorstPicture } from './accuracy_page.ts';

const SCALE = 3;
const WHITE = [255, 255, 255] as const;
const GREEN = [60, 220, 90] as const;
const RED = [255, 50, 50] as const;

/** Draws the worst pictures again, with outlines of what is there and of what was said. */
export async function worstPictures(
  set: HeldOutSet,
  detector: Detector,
  worst: readonly WorstCase[],
): Promise<WorstPicture[]> {
  const shown: WorstPicture[] = [];
  for (const { world, camera, task, faults } of worst) {
    const picture = set.world(world).find((candidate) => candidate.camera === camera);
    if (picture === undefined) continue;
    const { detections } = await detector.detect(picture.frame);
    const { masks } = detector;
    const judged = judgePicture(picture, { detections, masks });
    const png = await drawn(picture, masks, (k) => judged.detections[k].shows);
    shown.push({ caption: `${task}, ${camera}, world ${world}: ${faults.slice(0, 3).join('; ')}`, png });
  }
  return shown;
}

async function drawn(
  { frame, instances }: HeldOutPicture,
  masks: readonly Int32Array[],
  shows: (detection: number) => boolean,
): Promise<Uint8Array> {
  const { width, height, data } = frame.colour;
  const raw = { width, height, channels: 3 } as const;
  const large = await sharp(data, { raw })
    .resize(SCALE * width, SCALE * height, { kernel: 'nearest' })
    .raw()
    .toBuffer();
  outline(large, width, height, (i) => instances[i], WHITE, 0);
  masks.forEach((mask, k) => {
    const inside = new Set(mask);
    outline(large, width, height, (i) => (inside.has(i) ? 1 : -1), shows(k) ? GREEN : RED, 1);
  });
  return sharp(large, { raw: { ...raw, width: SCALE * width, height: SCALE * height } })
    .png()
    .toBuffer();
}

/** Colours the border of every set of equal labels ≥ 0, `inset` pixels of the enlarged picture inside it. */
function outline(
  large: Buffer,
  width: number,
  height: number,
  labelOf: (pixel: number) => number,
  colour: readonly [number, number, number],
  inset: number,
): void {
  const stride = SCALE * width;
  const paint = (x: number, y: number): void => {
    for (let c = 0; c < 3; c++) large[3 * (y * stride + x) + c] = colour[c];
  };
  for (let i = 0; i < width * height; i++) {
    const label = labelOf(i);
    if (label < 0) continue;
    const [u, v] = [i % width, Math.floor(i / width)];
    const [left, top] = [SCALE * u, SCALE * v];
    const [right, bottom] = [left + SCALE - 1, top + SCALE - 1];
    for (let k = 0; k < SCALE; k++) {
      if (u === 0 || labelOf(i - 1) !== label) paint(left + inset, top + k);
      if (u === width - 1 || labelOf(i + 1) !== label) paint(right - inset, top + k);
      if (v === 0 || labelOf(i - width) !== label) paint(left + k, top + inset);
      if (v === height - 1 || labelOf(i + width) !== label) paint(left + k, bottom - inset);
    }
  }
}
