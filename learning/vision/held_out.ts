import { type CameraName, createRng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { TASK_NAMES } from '../../sim/index.ts';
import { type CameraKnowledge, calibratedInfo } from './known_camera.ts';
import { type ScenePainter, WorldGenerator, type WorldOptions, type WorldPicture } from './worlds.ts';

export type HeldOutTask = WorldOptions['task'];

/** One picture of the held-out set, with where it comes from. */
export interface HeldOutPicture extends WorldPicture {
  readonly task: HeldOutTask;
  /** Position in the set: names the world again. */
  readonly world: number;
  /** The run whose cameras took it. */
  readonly run: string;
}

export interface HeldOutOptions {
  readonly cameras?: readonly CameraName[];
  /** What the robot knows of its cameras. Default: where they were meant to be. */
  readonly known?: CameraKnowledge;
}

/** Cameras are put up anew this often; a calibration belongs to one of these runs. */
const RUNS = 40;
/** Chance that the arm reaches over the table. */
const REACHING = 0.5;
const BOTH: readonly CameraName[] = ['overview', 'wrist'];

/**
 * Worlds that no training draws from: hardest randomisation, kinds of objects of the test set, every task in turn; the arm
 * over the table in half of the overview's pictures, the hand's camera looking down from about 0.3 m in its own. World k of a seed is the same alone and in a row.
 */
export class HeldOutSet {
  private readonly generator: WorldGenerator;
  private readonly seed: number;
  private readonly cameras: readonly CameraName[];
  private readonly known: CameraKnowledge;

  constructor(robot: Robot, seed: number, { cameras = BOTH, known = 'as_put_up' }: HeldOutOptions = {}) {
    this.generator = new WorldGenerator(robot);
    this.seed = seed;
    this.cameras = cameras;
    this.known = known;
  }

  world(k: number): HeldOutPicture[] {
    const { rng, options } = this.drawn(k);
    return options.flatMap((one) => this.told(k, one, this.generator.draw(rng, one)));
  }

  /** The same world in the colours that somebody else paints; depth, noise and truth stay. */
  async painted(k: number, paint: ScenePainter): Promise<HeldOutPicture[]> {
    const { rng, options } = this.drawn(k);
    const pictures: HeldOutPicture[] = [];
    for (const one of options) {
      pictures.push(...this.told(k, one, await this.generator.drawPainted(rng, one, paint)));
    }
    return pictures;
  }

  /** What the pictures of a world are drawn from, in their order. */
  private drawn(k: number) {
    const task = TASK_NAMES[k % TASK_NAMES.length];
    const start_up = `held-out/${this.seed}/run/${Math.floor(k / TASK_NAMES.length) % RUNS}`;
    const shared = { task, level: 'hard', object_set: 'test', reaching: REACHING, start_up } as const;
    const options = this.cameras.map((camera): WorldOptions => {
      const posture = camera === 'wrist' ? ({ posture: 'look' } as const) : {};
      return { ...shared, ...posture, cameras: [camera] };
    });
    return { rng: createRng(this.seed).stream(`held-out/${k}`), options };
  }

  private told(world: number, { task, start_up: run }: WorldOptions, pictures: WorldPicture[]): HeldOutPicture[] {
    return pictures.map((picture) => {
      const { frame, perturbation } = picture;
      const info = this.known === 'calibrated' ? calibratedInfo(frame.info, perturbation, run) : frame.info;
      return { ...picture, frame: { ...frame, info }, task, world, run };
    });
  }
}
