import { createRng, type Rng } from '../../contracts/index.ts';
import {
  FrameViewer,
  type Grid,
  INPUT_CHANNELS,
  INPUT_HEIGHT,
  INPUT_SIZE,
  INPUT_WIDTH,
  type RgbdFrame,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { TASK_NAMES } from '../../sim/index.ts';
import { SceneGenerator } from './scenes.ts';
import { WorldGenerator } from './worlds.ts';

export const PLANE = INPUT_WIDTH * INPUT_HEIGHT;
/** Numbers before the cells of a picture: its width and height. */
const HEAD_BYTES = 4;
/** Bytes of the greatest picture: its size; red, green, blue, height (two), class, instance of every cell. */
export const PICTURE_BYTES = HEAD_BYTES + 7 * PLANE;
/** Height of cells without depth, and steps of height in a unit of the network's. */
export const NO_HEIGHT = -32768;
export const HEIGHT_STEPS = 10_000;

/** One picture as the network sees it, without loss that matters, with the truth of every cell. Views of one memory. */
export interface TrainingPicture extends Grid {
  /** Three planes, 0..255. */
  readonly rgb: Uint8Array;
  /** The network's height channel times HEIGHT_STEPS; NO_HEIGHT without depth. */
  readonly height_steps: Int16Array;
  /** Index into VISION_CLASSES. */
  readonly labels: Uint8Array;
  /** Number of the object, from 1; 0 for none. */
  readonly instances: Uint8Array;
}

/** @param offset  multiple of 2, where `startPicture` made a picture */
export function pictureAt(memory: ArrayBufferLike, offset: number): TrainingPicture {
  const [width, height] = new Uint16Array(memory, offset, 2);
  const plane = width * height;
  const first = offset + HEAD_BYTES;
  return {
    ...{ width, height },
    height_steps: new Int16Array(memory, first, plane),
    rgb: new Uint8Array(memory, first + 2 * plane, 3 * plane),
    labels: new Uint8Array(memory, first + 5 * plane, plane),
    instances: new Uint8Array(memory, first + 6 * plane, plane),
  };
}

/** Makes room for a picture of a size, PICTURE_BYTES at most. */
export function startPicture(memory: ArrayBufferLike, offset: number, { width, height }: Grid): TrainingPicture {
  new Uint16Array(memory, offset, 2).set([width, height]);
  return pictureAt(memory, offset);
}

/** Pictures of one drawn world. */
export const PICTURES_PER_WORLD = 2;
/** Cameras are put up in so many ways. */
const START_UPS = 64;
/** Share of worlds that are no task's: other sizes, paints, lights and arms. */
const WIDE_SHARE = 0.25;
const TASKS: readonly (readonly [(typeof TASK_NAMES)[number], number])[] = [
  ['clutter', 0.45],
  ['pick-place', 0.15],
  ['sort', 0.2],
  ['inspect', 0.2],
];

/**
 * Draws the worlds of a training: both cameras of a task's world, of objects of the training set, or two wide scenes. World
 * w depends on the seed and w alone.
 */
export class WorldPainter {
  private readonly worlds: WorldGenerator;
  private readonly scenes = new SceneGenerator();
  private readonly robot: Robot;
  private readonly viewer = new FrameViewer();
  private readonly input = new Float32Array(INPUT_SIZE);

  constructor(robot: Robot) {
    this.robot = robot;
    this.worlds = new WorldGenerator(robot);
  }

  /** Writes the pictures of world w from `offset` on, PICTURE_BYTES each. */
  draw(seed: number, w: number, memory: ArrayBufferLike, offset: number): void {
    const rng = createRng(seed, 'training').stream(`world/${w}`);
    if (rng.uniform() < WIDE_SHARE) {
      for (let i = 0; i < PICTURES_PER_WORLD; i++) {
        const scene = this.scenes.draw(rng.stream(`scene/${i}`), {
          variation: rng.uniform() < 0.2 ? 'task' : 'wide',
          robot: rng.uniform() < 0.8 ? this.robot.model : null,
          object_set: 'train',
          truth: false,
        });
        this.store(scene, memory, offset + i * PICTURE_BYTES);
      }
      return;
    }
    const pictures = this.worlds.draw(rng, {
      task: drawTask(rng),
      level: rng.uniform() < 0.7 ? 'hard' : 'train',
      object_set: 'train',
      cameras: ['overview', 'wrist'],
      reaching: 0.7,
      start_up: `training/${rng.int(START_UPS)}`,
      truth: false,
    });
    for (const [i, picture] of pictures.entries()) this.store(picture, memory, offset + i * PICTURE_BYTES);
  }

  private store(
    { frame, labels, instances }: { frame: RgbdFrame; labels: Uint8Array; instances: Int16Array },
    memory: ArrayBufferLike,
    offset: number,
  ): void {
    const { input } = this;
    const grid = this.viewer.writeInput(frame, input);
    const picture = startPicture(memory, offset, grid);
    const plane = grid.width * grid.height;
    for (let i = 0; i < 3 * plane; i++) picture.rgb[i] = Math.round(255 * (input[i] + 0.5));
    for (let i = 0; i < plane; i++) {
      const known = input[(INPUT_CHANNELS - 1) * plane + i] > 0;
      picture.height_steps[i] = known ? Math.round(HEIGHT_STEPS * input[3 * plane + i]) : NO_HEIGHT;
    }
    writeTruth(labels, instances, frame.info, picture);
  }
}

function drawTask(rng: Rng): (typeof TASK_NAMES)[number] {
  let luck = rng.uniform();
  for (const [name, share] of TASKS) {
    luck -= share;
    if (luck < 0) return name;
  }
  return 'clutter';
}

/** Class and object of every cell: what most of its pixels show, objects before others. */
export function writeTruth(
  labels: Uint8Array,
  instances: Int16Array,
  { width, height }: Grid,
  out: Pick<TrainingPicture, 'width' | 'height' | 'labels' | 'instances'>,
): void {
  const seen = new Int32Array(16);
  const times = new Int32Array(16);
  for (let row = 0, cell = 0; row < out.height; row++) {
    const v0 = Math.floor((row * height) / out.height);
    const v1 = Math.max(v0 + 1, Math.floor(((row + 1) * height) / out.height));
    for (let column = 0; column < out.width; column++, cell++) {
      const u0 = Math.floor((column * width) / out.width);
      const u1 = Math.max(u0 + 1, Math.floor(((column + 1) * width) / out.width));
      let kinds = 0;
      for (let v = v0; v < v1; v++) {
        for (let i = v * width + u0; i < v * width + u1; i++) {
          const key = 256 * (instances[i] + 1) + labels[i];
          let k = 0;
          while (k < kinds && seen[k] !== key) k++;
          if (k === kinds) {
            if (kinds === seen.length) continue;
            seen[kinds++] = key;
            times[k] = 0;
          }
          times[k]++;
        }
      }
      let best = 0;
      for (let k = 1; k < kinds; k++) {
        if (times[k] > times[best] || (times[k] === times[best] && seen[k] > seen[best])) best = k;
      }
      out.labels[cell] = seen[best] & 255;
      out.instances[cell] = seen[best] >> 8;
    }
  }
}
