import { createRng, type Rng } from '../../contracts/index.ts';
import { type Grid, INPUT_CHANNELS } from '../../perception/index.ts';
import { disturb } from './disturb.ts';
import { HEIGHT_STEPS, NO_HEIGHT, type TrainingPicture } from './training_picture.ts';
import { TARGET_CHANNELS } from './vision_loss.ts';

/** Pictures and truth as the training graph takes them; see `trainingModel`. */
export interface Batch {
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly targets: Float32Array;
}

export interface CropOptions {
  readonly size: Grid;
  /** Crops a batch. */
  readonly batch: number;
}

/** Share of crops that are laid about an object, and how far from its middle theirs may be, cells. */
const ABOUT_OBJECTS = 0.85;
const STRAY_CELLS = 28;
/** Share of crops that are seen smaller or larger, and how much: a size says nothing of a class. */
const ZOOMED = 0.5;
const ZOOM = [0.75, 1.4] as const;
/** Nearness of a centre falls off with this deviation (cells). */
const CENTRE_SIGMA = 1.5;
/** Objects of fewer cells are no one's to find. */
const LEAST_CELLS = 5;
/** Offsets of small objects weigh more: the root of this many cells over theirs, within limits. */
const USUAL_CELLS = 60;
const WEIGHT_LIMITS = [0.5, 2] as const;

/** Cells of an object in a picture and their middle. */
interface Blob {
  readonly cells: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Cuts a batch out of pictures: windows mostly about objects, mirrored and disturbed. The same stream and pictures give the
 * same bytes.
 */
export function cutBatch(rng: Rng, pictures: readonly TrainingPicture[], { size, batch }: CropOptions): Batch {
  const { width, height } = size;
  const cells = width * height;
  const images = new Float32Array(batch * INPUT_CHANNELS * cells);
  const labels = new Int32Array(batch * cells);
  const targets = new Float32Array(batch * TARGET_CHANNELS * cells);
  for (let i = 0; i < batch; i++) {
    const stream = rng.stream(`${i}`);
    const picture = pictures[stream.int(pictures.length)];
    const blobs = blobsOf(picture);
    const cut = drawWindow(stream, picture, blobs, size);
    const image = images.subarray(i * INPUT_CHANNELS * cells, (i + 1) * INPUT_CHANNELS * cells);
    const label = labels.subarray(i * cells, (i + 1) * cells);
    const instances = new Uint8Array(cells);
    copyWindow(picture, cut, size, image, label, instances);
    writeTargets(
      cut,
      size,
      blobs,
      instances,
      targets.subarray(i * TARGET_CHANNELS * cells, (i + 1) * TARGET_CHANNELS * cells),
    );
    disturb(stream.stream('disturb'), image, label, instances, size);
  }
  return { images, labels, targets };
}

/** Batch k of a training: of the pictures that are there by then. */
export function batchOf(seed: number, k: number, pictures: readonly TrainingPicture[], options: CropOptions): Batch {
  return cutBatch(createRng(seed, 'crops').stream(`batch/${k}`), pictures, options);
}

/** Which part of a picture a crop shows. */
interface Window {
  readonly left: number;
  readonly top: number;
  /** Cells of the crop for one of the picture. */
  readonly zoom: number;
  readonly mirrored: boolean;
}

function drawWindow(rng: Rng, picture: Grid, blobs: readonly Blob[], size: Grid): Window {
  const least = Math.max(size.width / picture.width, size.height / picture.height);
  const zoom = Math.max(least, rng.uniform() < ZOOMED ? ZOOM[0] * (ZOOM[1] / ZOOM[0]) ** rng.uniform() : 1);
  const seen = blobs.filter((blob) => blob.cells >= LEAST_CELLS);
  const about = seen.length > 0 && rng.uniform() < ABOUT_OBJECTS ? seen[rng.int(seen.length)] : null;
  const place = (middle: number | null, side: number, all: number): number => {
    const free = rng.uniform();
    const shown = Math.ceil(side / zoom);
    if (middle === null) return Math.floor(free * (all - shown + 1));
    return Math.round(Math.max(0, Math.min(all - shown, middle - shown / 2 + STRAY_CELLS * (2 * free - 1))));
  };
  return {
    left: place(about?.x ?? null, size.width, picture.width),
    top: place(about?.y ?? null, size.height, picture.height),
    zoom,
    mirrored: rng.uniform() < 0.5,
  };
}

function blobsOf({ instances, width }: TrainingPicture): Blob[] {
  const sums: { cells: number; x: number; y: number }[] = [];
  for (let i = 0; i < instances.length; i++) {
    const k = instances[i] - 1;
    if (k < 0) continue;
    while (sums.length <= k) sums.push({ cells: 0, x: 0, y: 0 });
    sums[k].cells++;
    sums[k].x += i % width;
    sums[k].y += Math.floor(i / width);
  }
  return sums.map(({ cells, x, y }) => ({ cells, x: x / Math.max(1, cells), y: y / Math.max(1, cells) }));
}

function copyWindow(
  picture: TrainingPicture,
  { left, top, zoom, mirrored }: Window,
  { width, height }: Grid,
  image: Float32Array,
  label: Int32Array,
  instance: Uint8Array,
): void {
  const { rgb, height_steps, labels, instances } = picture;
  const plane = picture.width * picture.height;
  const cells = width * height;
  for (let row = 0, to = 0; row < height; row++) {
    const start = (top + Math.floor((row + 0.5) / zoom)) * picture.width + left;
    for (let column = 0; column < width; column++, to++) {
      const from = start + Math.floor(((mirrored ? width - 1 - column : column) + 0.5) / zoom);
      for (let c = 0; c < 3; c++) image[c * cells + to] = rgb[c * plane + from] / 255 - 0.5;
      const known = height_steps[from] !== NO_HEIGHT;
      image[3 * cells + to] = known ? height_steps[from] / HEIGHT_STEPS : 0;
      image[4 * cells + to] = known ? 1 : 0;
      label[to] = labels[from];
      instance[to] = instances[from];
    }
  }
}

function writeTargets(
  { left, top, zoom, mirrored }: Window,
  { width, height }: Grid,
  blobs: readonly Blob[],
  instances: Uint8Array,
  out: Float32Array,
): void {
  const cells = width * height;
  const centres = blobs.map(({ cells: size, x, y }) => {
    const u = (x + 0.5 - left) * zoom - 0.5;
    return { size: size * zoom * zoom, x: mirrored ? width - 1 - u : u, y: (y + 0.5 - top) * zoom - 0.5 };
  });
  for (let i = 0; i < cells; i++) {
    if (instances[i] === 0) continue;
    const { size, x, y } = centres[instances[i] - 1];
    if (size < LEAST_CELLS) continue;
    out[i] = x - (i % width);
    out[cells + i] = y - Math.floor(i / width);
    out[2 * cells + i] = Math.min(WEIGHT_LIMITS[1], Math.max(WEIGHT_LIMITS[0], Math.sqrt(USUAL_CELLS / size)));
  }
  const reach = Math.ceil(3 * CENTRE_SIGMA);
  for (const { size, x, y } of centres) {
    if (size < LEAST_CELLS) continue;
    for (let v = Math.max(0, Math.floor(y) - reach); v <= Math.min(height - 1, Math.ceil(y) + reach); v++) {
      for (let u = Math.max(0, Math.floor(x) - reach); u <= Math.min(width - 1, Math.ceil(x) + reach); u++) {
        const near = Math.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * CENTRE_SIGMA ** 2));
        const at = 3 * cells + v * width + u;
        if (near > out[at]) out[at] = near;
      }
    }
  }
}
