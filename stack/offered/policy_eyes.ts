import type { Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine, Randomization, SceneModel } from '../../sim/index.ts';
import { WorldCameras } from '../env/world_cameras.ts';
import { picturesOf, type SeatPictures } from '../learned/pictures.ts';
import type { FittingPolicy } from '../policies/task_policy_file.ts';

/** How a cell's cameras differ from their calibration, and the noise of their pictures. */
export interface PolicySeeing {
  readonly randomization: Randomization;
  readonly rng: Rng;
}

/** The cameras of a cell as a policy sees through them: made before it runs, since the first pictures take longer. */
export class PolicyEyes {
  private readonly cameras: WorldCameras;
  private readonly pictures: SeatPictures;

  private constructor(cameras: WorldCameras, pixels: number) {
    this.cameras = cameras;
    this.pictures = picturesOf(pixels);
  }

  /** Null for a policy that is told where everything is. */
  static open(
    { environment }: FittingPolicy,
    robot: Robot,
    scene: SceneModel,
    { randomization, rng }: PolicySeeing,
    engine: PhysicsEngine,
  ): PolicyEyes | null {
    const { observation, image_width: width, image_height: height } = environment;
    if (observation === 'state') return null;
    const eyes = new PolicyEyes(new WorldCameras(scene, robot, { width, height }, randomization, rng), width * height);
    eyes.look(engine);
    return eyes;
  }

  /** The world as it is now; the next look overwrites it. */
  look(engine: PhysicsEngine): SeatPictures {
    this.cameras.capture(engine, this.pictures.rgb, this.pictures.depth);
    return this.pictures;
  }
}
