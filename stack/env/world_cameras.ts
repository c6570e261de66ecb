import type { Robot } from '../../robots/index.ts';
import {
  CAMERA_SPECS,
  createRenderTarget,
  type PhysicsEngine,
  type RenderTarget,
  type SceneModel,
  SceneView,
  SimCamera,
} from '../../sim/index.ts';

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
  private readonly seeing: readonly SimCamera[];
  private readonly targets: readonly RenderTarget[];
  private shown: { readonly camera: SimCamera; readonly target: RenderTarget } | null = null;

  /** @param seeing  size of the pictures that `capture` writes; null for none */
  constructor(scene: SceneModel, robot: Robot, seeing: PictureSize | null) {
    this.view = new SceneView(scene, robot.model);
    this.robot = robot;
    const names = seeing === null ? [] : ENVIRONMENT_CAMERAS;
    this.seeing = names.map(
      (name) => new SimCamera({ ...CAMERA_SPECS[name], ...(seeing ?? {}) }, this.view, robot.model),
    );
    this.targets = names.map(() => createRenderTarget(seeing?.width ?? 1, seeing?.height ?? 1));
  }

  /** Perfect pictures of the world as it is: per camera colour (RGB) into `rgb` and depth (m) into `depth`, in order. */
  capture(engine: PhysicsEngine, rgb: Uint8Array, depth: Float32Array): void {
    this.seeing.forEach((camera, i) => {
      const target = this.targets[i];
      camera.render(engine, target);
      rgb.set(target.rgb, i * target.rgb.length);
      depth.set(target.depth, i * target.depth.length);
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
