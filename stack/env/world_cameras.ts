import { type Rng, secondsToStamp } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import {
  CAMERA_SPECS,
  createRenderTarget,
  type PhysicsEngine,
  type Randomization,
  type RenderTarget,
  randomizeCamera,
  type SceneModel,
  SceneView,
  type SecondWorld,
  SimCamera,
} from '../../sim/index.ts';
import { LatePictures } from './late_pictures.ts';

/** The cameras that an environment sees with, in the order of their pictures. */
export const ENVIRONMENT_CAMERAS = ['overview', 'wrist'] as const;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Both cameras of the cell in one world, at a size of choice, and the picture that people look at. */
export class WorldCameras {
  private readonly view: SceneView;
  private readonly robot: Robot;
  private readonly perfect: boolean;
  private readonly second: SecondWorld | null;
  private readonly rng: Rng;
  private readonly seeing: readonly SimCamera[];
  private readonly targets: readonly RenderTarget[];
  /** Of each camera whose pictures come late, or some of them never; null of the others. */
  private readonly late: readonly (LatePictures | null)[];
  private shown: { readonly camera: SimCamera; readonly target: RenderTarget } | null = null;

  /**
   * @param seeing  size of the pictures that `capture` writes; null for none
   * @param randomization  how the cameras differ from their calibration; at level `none` pictures are perfect
   * @param rng  stream of the pictures' noise
   * @param second  what the world and its cameras have beyond that
   */
  constructor(
    scene: SceneModel,
    robot: Robot,
    seeing: PictureSize | null,
    randomization: Randomization,
    rng: Rng,
    second: SecondWorld | null = null,
  ) {
    this.view = new SceneView(second?.scene(scene) ?? scene, robot.model);
    this.second = second;
    this.robot = robot;
    const names = seeing === null ? [] : ENVIRONMENT_CAMERAS;
    const late: (LatePictures | null)[] = [];
    this.perfect = randomization.level === 'none';
    this.rng = rng;
    this.seeing = names.map((name) => {
      const spec = { ...CAMERA_SPECS[name], ...(seeing ?? {}) };
      const varied = randomizeCamera(randomization, name);
      const drawn = second?.camera(name, varied) ?? varied;
      // Drawn in pixels of the camera's own size.
      const scale = spec.width / CAMERA_SPECS[name].width;
      const [x, y] = drawn.principal_point_px;
      const { latency_s, drop_probability } = drawn;
      late.push(latency_s + drop_probability > 0 ? new LatePictures(latency_s, spec.width * spec.height) : null);
      const principal_point_px = [scale * x, scale * y] as const;
      return new SimCamera(spec, this.view, robot.model, { ...drawn, principal_point_px });
    });
    this.late = late;
    this.targets = names.map(() => createRenderTarget(seeing?.width ?? 1, seeing?.height ?? 1));
  }

  /** Pictures of the world as it is seen now: per camera colour (RGB) into `rgb` and depth (m) into `depth`, in order. */
  capture(engine: PhysicsEngine, rgb: Uint8Array, depth: Float32Array): void {
    const stamp_ns = secondsToStamp(engine.steps * engine.dt_s);
    this.seeing.forEach((camera, i) => {
      const target = this.targets[i];
      const late = this.late[i];
      const pixels = target.depth.length;
      const shown = rgb.subarray(3 * i * pixels, 3 * (i + 1) * pixels);
      const measured = depth.subarray(i * pixels, (i + 1) * pixels);
      if (late !== null && !late.empty && camera.drops(stamp_ns, this.rng)) {
        late.show(stamp_ns, shown, measured);
        return;
      }
      const seen = this.second?.seen(camera.spec.name, engine, stamp_ns, this.rng) ?? engine;
      if (this.perfect) camera.render(seen, target);
      const picture = this.perfect ? null : camera.capture(seen, stamp_ns, this.rng);
      const colours = picture?.colour.data ?? target.rgb;
      const depths = picture?.depth.data ?? target.depth;
      this.second?.spoil(camera.spec.name, stamp_ns, colours, depths, camera.spec.width, this.rng);
      if (late === null) {
        shown.set(colours);
        measured.set(depths);
      } else {
        late.take(stamp_ns, colours, depths);
        late.show(stamp_ns, shown, measured);
      }
    });
  }

  /** What every pixel of the pictures shows, by label (`LABEL`), camera after camera. */
  label(engine: PhysicsEngine, out: Uint16Array): void {
    this.seeing.forEach((camera, i) => {
      const target = this.targets[i];
      camera.render(engine, target);
      out.set(target.segmentation, i * target.segmentation.length);
    });
  }

  /** Colour picture of the overview camera for people, RGB. Overwritten by the next. */
  show(engine: PhysicsEngine, size: PictureSize): Uint8Array {
    this.shown ??= {
      camera: new SimCamera({ ...CAMERA_SPECS.overview, ...size }, this.view, this.robot.model),
      target: createRenderTarget(size.width, size.height),
    };
    this.shown.camera.render(engine, this.shown.target);
    return this.shown.target.rgb;
  }
}
