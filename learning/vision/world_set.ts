import { type CameraName, createRng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type ObjectSet, TASK_NAMES } from '../../sim/index.ts';
import { type CameraKnowledge, calibratedInfo } from './known_camera.ts';
import { type ScenePainter, WorldGenerator, type WorldOptions, type WorldPicture } from './worlds.ts';

/** One picture of a set of worlds, with where it comes from. */
export interface SetPicture extends WorldPicture {
  readonly task: WorldOptions['task'];
  /** Position in the set: names the world again. */
  readonly world: number;
  /** The run whose cameras took it. */
  readonly run: string;
  readonly known: CameraKnowledge;
}

export interface CamerasOfSet {
  readonly cameras?: readonly CameraName[];
  /** What the robot knows of its cameras; `either`: in one run the one, in the next the other. Default: as put up. */
  readonly known?: CameraKnowledge | 'either';
}

export interface WorldSetOptions extends CamerasOfSet {
  /** Sets of unequal names share no world. */
  readonly name: string;
  readonly object_set: ObjectSet;
}

/** Chance that the arm reaches over the table. */
const REACHING = 0.5;
const BOTH: readonly CameraName[] = ['overview', 'wrist'];

/**
 * Worlds of hardest randomisation, every task in turn; the arm over the table in half of the overview's pictures, the hand's
 * camera looking down from about 0.3 m in its own. Cameras are put up anew for every round of tasks, a run. World k of a seed
 * is the same alone and in a row.
 */
export class WorldSet {
  private readonly generator: WorldGenerator;
  private readonly seed: number;
  private readonly options: Required<WorldSetOptions>;

  constructor(robot: Robot, seed: number, { cameras = BOTH, known = 'as_put_up', ...named }: WorldSetOptions) {
    this.generator = new WorldGenerator(robot);
    this.seed = seed;
    this.options = { ...named, cameras, known };
  }

  world(k: number): SetPicture[] {
    const { rng, options } = this.drawn(k);
    return options.flatMap((one) => this.told(k, one, this.generator.draw(rng, one)));
  }

  /** The same world in the colours that somebody else paints; depth, noise and truth stay. */
  async painted(k: number, paint: ScenePainter): Promise<SetPicture[]> {
    const { rng, options } = this.drawn(k);
    const pictures: SetPicture[] = [];
    for (const one of options) {
      pictures.push(...this.told(k, one, await this.generator.drawPainted(rng, one, paint)));
    }
    return pictures;
  }

  /** What the pictures of a world are drawn from, in their order. */
  private drawn(k: number) {
    const { name, object_set, cameras } = this.options;
    const task = TASK_NAMES[k % TASK_NAMES.length];
    const start_up = `${name}/${this.seed}/run/${runOf(k)}`;
    const shared = { task, level: 'hard', object_set, reaching: REACHING, start_up } as const;
    const options = cameras.map((camera): WorldOptions => {
      const posture = camera === 'wrist' ? ({ posture: 'look' } as const) : {};
      return { ...shared, ...posture, cameras: [camera] };
    });
    return { rng: createRng(this.seed).stream(`${name}/${k}`), options };
  }

  private told(world: number, { task, start_up: run }: WorldOptions, pictures: WorldPicture[]): SetPicture[] {
    const asked = this.options.known;
    const known = asked !== 'either' ? asked : runOf(world) % 2 === 0 ? 'as_put_up' : 'calibrated';
    return pictures.map((picture) => {
      const { frame, perturbation } = picture;
      const info = known === 'calibrated' ? calibratedInfo(frame.info, perturbation, run) : frame.info;
      return { ...picture, frame: { ...frame, info }, task, world, run, known };
    });
  }
}

const runOf = (world: number): number => Math.floor(world / TASK_NAMES.length);
