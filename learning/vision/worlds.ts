import {
  type CameraName,
  createRng,
  InputError,
  type ObjectClass,
  type Pose,
  type Rng,
  type Shape,
} from '../../contracts/index.ts';
import { forwardKinematics, RobotData } from '../../dynamics/index.ts';
import { type RgbdFrame, VISION_CLASSES } from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import {
  CAMERA_SPECS,
  type CameraFrame,
  type CameraPerturbation,
  type CameraSpec,
  createRenderTarget,
  createTask,
  drawRandomization,
  LABEL,
  type ObjectSet,
  type PinholePicture,
  type RandomizationLevel,
  randomizeCamera,
  randomizeScene,
  type SceneLight,
  type SceneModel,
  SceneView,
  SimCamera,
  type TASK_NAMES,
  type WorldPoses,
} from '../../sim/index.ts';
import { type Posture, Postures } from './postures.ts';

/** What pictures of the tasks' worlds are drawn from. */
export interface WorldOptions {
  readonly task: (typeof TASK_NAMES)[number];
  readonly level: RandomizationLevel;
  readonly object_set: ObjectSet;
  readonly cameras: readonly CameraName[];
  /** Chance that the arm is over the table, reaching or looking at it, instead of at home. */
  readonly reaching: number;
  /** Where the arm is; left out, by chance. */
  readonly posture?: Posture;
  /** Names the run whose cameras stand as they were put up once; runs of equal names share them. */
  readonly start_up: string;
  /** What is put into the scene besides, after the task's own objects. */
  readonly add?: (scene: SceneModel) => SceneModel;
  /** Of the pictures; at another stamp the same world gives the same picture with other noise. Default 0. */
  readonly stamp_ns?: bigint;
  /** False leaves `objects` empty and saves drawing each of them alone. Default true. */
  readonly truth?: boolean;
}

/** An object as it stands in the world, and how much of it one camera sees. */
export interface SeenObject {
  readonly name: string;
  readonly class: ObjectClass;
  readonly shape: Shape;
  /** Of the shape's centre, frame world. */
  readonly pose: Pose;
  /** Pixels in view, and those of the same object with nothing before it in a picture without borders. */
  readonly pixels: number;
  readonly whole_pixels: number;
}

/** One picture with all that is true of it. */
export interface WorldPicture {
  readonly camera: CameraName;
  readonly frame: RgbdFrame;
  /** How the camera differs from what the frame's info says of it. */
  readonly perturbation: CameraPerturbation;
  /** Of every pixel, row-major: index into `objects`, or −1. */
  readonly instances: Int16Array;
  /** Index into VISION_CLASSES of every pixel. */
  readonly labels: Uint8Array;
  readonly objects: readonly SeenObject[];
  readonly scene: SceneModel;
}

/** Gives the colours (sRGB, 3 · width · height) of a pinhole picture of a scene in a light. */
export type ScenePainter = (
  seen: PinholePicture,
  scene: SceneView['scene'],
  light: SceneLight | undefined,
) => Promise<Uint8Array>;

/** A drawn world at rest, ready to be looked at. */
interface StillScene {
  readonly scene: SceneModel;
  readonly view: SceneView;
  readonly poses: WorldPoses;
  readonly camera: (name: CameraName) => SimCamera;
}

/**
 * Draws worlds of the tasks as episodes do (the task's scene, its randomisation, the true and the believed cameras) and
 * takes pictures of them at rest. The same stream and options give the same pictures, whatever was drawn before.
 */
export class WorldGenerator {
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly postures: Postures;

  constructor(robot: Robot) {
    this.robot = robot;
    this.postures = new Postures(robot);
    this.data = new RobotData(robot.model);
  }

  draw(rng: Rng, options: WorldOptions): WorldPicture[] {
    const still = this.pose(rng, options);
    return options.cameras.map((name) => {
      const camera = still.camera(name);
      return this.describe(still, camera, camera.capture(still.poses, options.stamp_ns ?? 0n, rng), options);
    });
  }

  /** The same pictures in the colours that somebody else paints; depth, noise and truth stay. */
  async drawPainted(rng: Rng, options: WorldOptions, paint: ScenePainter): Promise<WorldPicture[]> {
    const still = this.pose(rng, options);
    const pictures: WorldPicture[] = [];
    for (const name of options.cameras) {
      const camera = still.camera(name);
      const seen = camera.renderPinhole(still.poses);
      const rgb = await paint(seen, still.view.scene, still.scene.light);
      const taken = camera.develop({ ...seen.picture, rgb }, options.stamp_ns ?? 0n, rng);
      pictures.push(this.describe(still, camera, taken, options));
    }
    return pictures;
  }

  private pose(rng: Rng, options: WorldOptions): StillScene {
    const { robot } = this;
    const task = createTask(options.task);
    const drawn = task.reset(rng.stream('task'), options.object_set);
    const streams = { start_up: createRng(0, options.start_up), episode: rng.stream('randomization') };
    const change = drawRandomization(options.level, streams, robot, task, drawn, options.object_set);
    const randomized = randomizeScene(change, drawn.scene, task.spec.touching);
    const scene = options.add?.(randomized) ?? randomized;
    const chance = rng.stream('posture');
    const over = chance.uniform() < options.reaching;
    const posture = options.posture ?? (over ? (chance.uniform() < 0.5 ? 'reach' : 'look') : 'home');
    forwardKinematics(robot.model, this.data, this.postures.draw(posture, chance));
    const view = new SceneView(scene, robot.model);
    const camera = (name: CameraName) =>
      new SimCamera(CAMERA_SPECS[name], view, robot.model, randomizeCamera(change, name));
    return { scene, view, poses: new StillWorld(this.data, scene), camera };
  }

  private describe(still: StillScene, camera: SimCamera, taken: CameraFrame, { truth }: WorldOptions): WorldPicture {
    const { scene, poses } = still;
    const { name, width, height } = camera.spec;
    const target = createRenderTarget(width, height);
    camera.render(poses, target);
    const instances = Int16Array.from(target.segmentation, (label) =>
      label >= LABEL.object0 ? label - LABEL.object0 : -1,
    );
    return {
      camera: name,
      frame: { request_id: `${name}/0`, ...taken },
      perturbation: camera.perturbation,
      instances,
      labels: labelsOf(target.segmentation, scene),
      objects: truth === false ? [] : this.seenObjects(camera, still, instances),
      scene,
    };
  }

  /** Renders every object alone through the same lens: what it would show with nothing before it. */
  private seenObjects(
    { spec, perturbation }: SimCamera,
    { scene, view, poses }: StillScene,
    instances: Int16Array,
  ): SeenObject[] {
    const pixels = new Int32Array(scene.objects.length);
    for (const i of instances) if (i >= 0) pixels[i]++;
    const camera = new SimCamera(borderless(spec), view, this.robot.model, perturbation);
    const target = createRenderTarget(camera.spec.width, camera.spec.height);
    const { children } = view.scene;
    const shown = children.map((child) => child.visible);
    const objects = scene.objects.map((object, i) => {
      const { shape } = object;
      if (shape.type === 'mesh') throw new InputError(`object ${object.name} of a mesh`, 'a primitive shape');
      for (const child of children) child.visible = child === view.objects[i];
      camera.render(poses, target);
      let whole_pixels = 0;
      for (const label of target.segmentation) if (label === LABEL.object0 + i) whole_pixels++;
      return { name: object.name, class: object.class, shape, pose: object.pose, pixels: pixels[i], whole_pixels };
    });
    children.forEach((child, i) => {
      child.visible = shown[i];
    });
    return objects;
  }
}

/** The same camera with a picture twice as wide and high about the same middle. */
function borderless(spec: CameraSpec): CameraSpec {
  const horizontal_fov_rad = 2 * Math.atan(2 * Math.tan(spec.horizontal_fov_rad / 2));
  return { ...spec, width: 2 * spec.width, height: 2 * spec.height, horizontal_fov_rad };
}

/** A world that stands still: the arm as its data has it, objects where the scene puts them. */
class StillWorld implements WorldPoses {
  private readonly data: RobotData;
  private readonly scene: SceneModel;

  constructor(data: RobotData, scene: SceneModel) {
    this.data = data;
    this.scene = scene;
  }

  bodyPose(body: number, out: Float64Array): void {
    for (let k = 0; k < 9; k++) out[k] = this.data.R[9 * body + k];
    for (let k = 0; k < 3; k++) out[9 + k] = this.data.p[3 * body + k];
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    const { position, orientation } = this.scene.objects[index].pose;
    out.fill(0, offset, offset + 13);
    out.set(position, offset);
    out.set(orientation, offset + 3);
  }
}

function labelsOf(segmentation: Uint16Array, scene: SceneModel): Uint8Array {
  const ofObject = scene.objects.map((object) => VISION_CLASSES.indexOf(object.class));
  return Uint8Array.from(segmentation, (label) => (label >= LABEL.object0 ? ofObject[label - LABEL.object0] : label));
}
