import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import {
  cameraSpec,
  createCannonEngine,
  createRenderTarget,
  createTask,
  LABEL,
  type RenderTarget,
  SceneView,
  SimCamera,
} from '../../sim/index.ts';

export interface StillOptions {
  readonly task: string;
  /** The world is that of episode 0 of this seed. */
  readonly seed: number;
  readonly camera: string;
  /** Pixels; the camera's own by default. The horizontal field of view stays the camera's. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** Calibration of a picture, as camera.json holds it. */
export interface StillCamera {
  readonly width: number;
  readonly height: number;
  /** Row-major 3×3, pixels; pixel centres have integer coordinates. */
  readonly K: readonly number[];
  readonly D: readonly number[];
  readonly distortion_model: 'plumb_bob';
  readonly T_world_camera_optical: readonly number[];
  readonly near_m: number;
  readonly far_m: number;
  /** What every number of the segmentation stands for. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Still {
  readonly image: RenderTarget;
  readonly camera: StillCamera;
}

/** A picture without noise of a task's world before anything has moved, the robot at home. */
export function takeStill(options: StillOptions): Still {
  const task = createTask(options.task);
  const known = cameraSpec(options.camera);
  const spec = { ...known, width: options.width ?? known.width, height: options.height ?? known.height };
  const robot = loadRobot('panda');
  const { scene } = task.reset(createRng(options.seed).stream('episode/0').stream('task'));
  const engine = createCannonEngine(robot, scene);
  engine.setRobotState(robot.home_q, new Float64Array(robot.model.nq));
  const camera = new SimCamera(spec, new SceneView(scene, robot.model), robot.model);
  const image = createRenderTarget(spec.width, spec.height);
  camera.render(engine, image);
  const labels: Record<string, string> = {
    [LABEL.background]: 'background',
    [LABEL.table]: 'table',
    [LABEL.robot]: 'robot',
  };
  scene.objects.forEach((object, i) => {
    labels[LABEL.object0 + i] = object.name;
  });
  const { width, height } = spec;
  const D = camera.perturbation.distortion;
  return { image, camera: { width, height, ...camera.pinhole(engine), D, distortion_model: 'plumb_bob', labels } };
}
