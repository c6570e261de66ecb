import { createHash } from 'node:crypto';
import { createRng, type Rng } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import { FrameViewer, INPUT_CHANNELS, INPUT_HEIGHT, INPUT_SIZE, INPUT_WIDTH } from '../../perception/index.ts';
import { SceneGenerator, type SceneVariation } from './scenes.ts';

const PLANE = INPUT_WIDTH * INPUT_HEIGHT;

/** Pictures and labels as the training graph takes them. */
export interface Batch {
  /** [n, channels, height, width]. */
  readonly images: Float32Array;
  /** Class of every cell, [n, 1, height, width]. */
  readonly labels: Int32Array;
}

/**
 * Makes the batches of a training: batch k depends on the seed and k alone. Every drawn scene is used twice, the second
 * time mirrored and with its light changed, which costs a fraction of drawing another.
 */
export class BatchSource {
  private readonly generator = new SceneGenerator();
  private readonly viewer = new FrameViewer();
  private readonly seed: number;
  private readonly size: number;
  private readonly robot: RobotModel | null;

  /** @param size  images a batch, even */
  constructor(seed: number, size: number, robot: RobotModel | null) {
    this.seed = seed;
    this.size = size;
    this.robot = robot;
  }

  batch(k: number): Batch {
    const images = new Float32Array(this.size * INPUT_SIZE);
    const labels = new Int32Array(this.size * PLANE);
    const rng = createRng(this.seed).stream(`batch/${k}`);
    for (let i = 0; i < this.size; i += 2) {
      const stream = rng.stream(`${i}`);
      const scene = this.generator.draw(stream, {
        variation: drawVariation(stream),
        robot: stream.uniform() < 0.8 ? this.robot : null,
        truth: false,
      });
      this.viewer.writeInput(scene.frame, images, i * INPUT_SIZE);
      writeLabels(scene.labels, scene.frame.info.width, scene.frame.info.height, labels, i * PLANE);
      mirror(images, i * INPUT_SIZE, INPUT_CHANNELS);
      mirror(labels, i * PLANE, 1);
      relight(images, (i + 1) * INPUT_SIZE, stream);
    }
    return { images, labels };
  }
}

function drawVariation(rng: Rng): SceneVariation {
  return rng.uniform() < 0.3 ? 'task' : 'wide';
}

/** Class of every cell of the network's picture: the one most of its pixels have, objects before others. */
export function writeLabels(labels: Uint8Array, width: number, height: number, out: Int32Array, offset: number): void {
  const votes = new Int32Array(8);
  for (let row = 0, cell = offset; row < INPUT_HEIGHT; row++) {
    const v0 = Math.floor((row * height) / INPUT_HEIGHT);
    const v1 = Math.floor(((row + 1) * height) / INPUT_HEIGHT);
    for (let column = 0; column < INPUT_WIDTH; column++, cell++) {
      const u0 = Math.floor((column * width) / INPUT_WIDTH);
      const u1 = Math.floor(((column + 1) * width) / INPUT_WIDTH);
      votes.fill(0);
      for (let v = v0; v < v1; v++) for (let i = v * width + u0; i < v * width + u1; i++) votes[labels[i]]++;
      let most = 0;
      for (let c = 1; c < votes.length; c++) if (votes[c] >= votes[most] && votes[c] > 0) most = c;
      out[cell] = most;
    }
  }
}

/** Copies the picture at `offset` behind itself with left and right exchanged. */
function mirror(data: Float32Array | Int32Array, offset: number, channels: number): void {
  const size = channels * PLANE;
  for (let row = 0; row < channels * INPUT_HEIGHT; row++) {
    const start = offset + row * INPUT_WIDTH;
    for (let u = 0; u < INPUT_WIDTH; u++) data[start + size + INPUT_WIDTH - 1 - u] = data[start + u];
  }
}

/** Changes brightness and tint of one picture. */
function relight(images: Float32Array, offset: number, rng: Rng): void {
  const gain = rng.range(0.8, 1.2);
  for (let c = 0; c < 3; c++) {
    const scale = gain * rng.range(0.95, 1.05);
    for (let i = offset + c * PLANE; i < offset + (c + 1) * PLANE; i++) {
      images[i] = Math.min(0.5, (images[i] + 0.5) * scale - 0.5);
    }
  }
}

/** SHA-256 over the first batches of a training: names what it was trained on. */
export function dataHash(source: BatchSource, batches: number): string {
  const hash = createHash('sha256');
  for (let k = 0; k < batches; k++) {
    const { images, labels } = source.batch(k);
    hash.update(new Uint8Array(images.buffer)).update(new Uint8Array(labels.buffer));
  }
  return hash.digest('hex');
}
