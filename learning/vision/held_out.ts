import { type CameraName, createRng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { TASK_NAMES } from '../../sim/index.ts';
import { WorldGenerator, type WorldOptions, type WorldPicture } from './worlds.ts';

export type HeldOutTask = WorldOptions['task'];

/** One picture of the held-out set, with where it comes from. */
export interface HeldOutPicture extends WorldPicture {
  readonly task: HeldOutTask;
  /** Position in the set: names the world again. */
  readonly world: number;
  /** The run whose cameras took it. */
  readonly run: string;
}

/** Cameras are put up anew this often; a calibration belongs to one of these runs. */
const RUNS = 40;
/** Chance that the arm reaches over the table. */
const REACHING = 0.5;

/**
 * Worlds that no training draws from: hardest randomisation, kinds of objects of the test set, every task in turn; the arm
 * over the table in half of the overview's pictures, the hand's camera looking down from about 0.3 m in its own. World k of a seed is the same alone and in a row.
 */
export class HeldOutSet {
  private readonly generator: WorldGenerator;
  private readonly seed: number;
  private readonly cameras: readonly CameraName[];

  constructor(robot: Robot, seed: number, cameras: readonly CameraName[] = ['overview', 'wrist']) {
    this.generator = new WorldGenerator(robot);
    this.seed = seed;
    this.cameras = cameras;
  }

  world(k: number): HeldOutPicture[] {
    const task = TASK_NAMES[k % TASK_NAMES.length];
    const run = `held-out/${this.seed}/run/${Math.floor(k / TASK_NAMES.length) % RUNS}`;
    const options = { task, level: 'hard', object_set: 'test', reaching: REACHING, start_up: run } as const;
    const rng = createRng(this.seed).stream(`held-out/${k}`);
    return this.cameras.flatMap((camera) => {
      const posture = camera === 'wrist' ? ({ posture: 'look' } as const) : {};
      const pictures = this.generator.draw(rng, { ...options, ...posture, cameras: [camera] });
      return pictures.map((picture) => ({ ...picture, task, world: k, run }));
    });
  }
}
