import type { CameraName, Rng } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import {
  CAMERA_SPECS,
  type CameraFrame,
  CopiedPoses,
  copyPoses,
  type PhysicsEngine,
  type Randomization,
  randomizeCamera,
  type SceneModel,
  SceneView,
  SimCamera,
} from '../../sim/index.ts';
import { CAMERA_HZ, CONTROL_HZ } from '../rates.ts';

const NAMES = Object.values(CAMERA_SPECS).map(({ name }) => name);

/** Which camera is due after so many steps; null for none. Cameras take turns, so that pictures come evenly. */
export function cameraDue(steps: number, camera_hz = CAMERA_HZ): CameraName | null {
  const turns = (count: number) => Math.floor((count * camera_hz * NAMES.length) / CONTROL_HZ);
  return turns(steps) === turns(steps - 1) ? null : NAMES[turns(steps) % NAMES.length];
}

/** Where everything is that a camera may see, when it takes a picture. */
export interface Exposure {
  readonly camera: CameraName;
  readonly stamp_ns: bigint;
  /** As `copyPoses` gives them. */
  readonly poses: Float64Array;
  readonly bodies: number;
}

export function expose(camera: CameraName, stamp_ns: bigint, engine: PhysicsEngine, bodies: number): Exposure {
  return { camera, stamp_ns, poses: copyPoses(engine, bodies), bodies };
}

/** A picture and how long after its stamp it is out, s. */
export interface Picture {
  readonly camera: CameraName;
  readonly frame: CameraFrame;
  readonly latency_s: number;
}

/** The cameras of a cell, which may work apart from its physics. */
export class CameraRig {
  private readonly robot: RobotModel;
  private readonly variation: Randomization;
  private readonly rng: Rng;
  private cameras: readonly SimCamera[] = [];

  /** @param rng  the world's own */
  constructor(robot: RobotModel, variation: Randomization, rng: Rng) {
    this.robot = robot;
    this.variation = variation;
    this.rng = rng.stream('cameras');
  }

  /** Draws another scene from now on. */
  setScene(scene: SceneModel): void {
    const view = new SceneView(scene, this.robot);
    this.cameras = Object.values(CAMERA_SPECS).map(
      (spec) => new SimCamera(spec, view, this.robot, randomizeCamera(this.variation, spec.name)),
    );
  }

  /** Takes a picture of what was exposed; null for one that never comes. */
  take(exposure: Exposure): Picture | null {
    const camera = this.cameras.find(({ spec }) => spec.name === exposure.camera);
    if (camera === undefined || camera.drops(exposure.stamp_ns, this.rng)) return null;
    const frame = camera.capture(new CopiedPoses(exposure.poses, exposure.bodies), exposure.stamp_ns, this.rng);
    return { camera: exposure.camera, frame, latency_s: camera.latency_s };
  }
}
