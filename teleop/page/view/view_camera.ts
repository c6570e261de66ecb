import { MOUSE, PerspectiveCamera, TOUCH, Vector3 } from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';

export const VIEW_PRESETS = ['front', 'top', 'side'] as const;
export type ViewPreset = (typeof VIEW_PRESETS)[number];

const CENTRE = [0.3, 0, 0.25] as const;
const START = [1.45, -1.15, 0.95] as const;
const FROM: Readonly<Record<ViewPreset, readonly [number, number, number]>> = {
  front: [1.9, 0, 0.35],
  /** A hair off the vertical, so that x points up. */
  top: [-0.002, 0, 2],
  side: [0, -1.9, 0.25],
};
/** Field of view from top to bottom; wider in a picture narrower than this, so that the sides stay in it. */
const FIELD_DEG = 40;
const LEAST_ASPECT = 1.2;
const TURN_RAD = Math.PI / 12;
const ZOOM = 1.2;

/** The eye of the view: turned about a point by mouse, touch and by steps. */
export class ViewCamera {
  readonly camera = new PerspectiveCamera(FIELD_DEG, 4 / 3, 0.05, 20);
  private readonly controls: OrbitControls;
  private readonly step = new Vector3();
  private following = false;

  constructor(canvas: HTMLCanvasElement, changed: () => void) {
    this.camera.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.minDistance = 0.2;
    this.controls.maxDistance = 6;
    this.controls.mouseButtons = { LEFT: MOUSE.ROTATE, MIDDLE: MOUSE.DOLLY, RIGHT: MOUSE.PAN };
    this.controls.touches = { ONE: TOUCH.ROTATE, TWO: TOUCH.DOLLY_PAN };
    this.lookFrom(START, CENTRE);
    this.controls.addEventListener('change', changed);
  }

  resize(width: number, height: number): void {
    this.camera.aspect = width / height;
    const narrow = Math.max(1, LEAST_ASPECT / this.camera.aspect);
    this.camera.fov = (2 * Math.atan(Math.tan((FIELD_DEG * Math.PI) / 360) * narrow) * 180) / Math.PI;
    this.camera.updateProjectionMatrix();
  }

  preset(preset: ViewPreset): void {
    this.following = false;
    this.lookFrom(FROM[preset], CENTRE);
  }

  turn(left: number, up: number): void {
    this.controls.rotateLeft(left * TURN_RAD);
    this.controls.rotateUp(up * TURN_RAD);
  }

  closer(steps: number): void {
    if (steps > 0) this.controls.dollyIn(ZOOM);
    else this.controls.dollyOut(ZOOM);
  }

  /** Whether the eye moves along with the hand. */
  follow(on: boolean): void {
    this.following = on;
  }

  /** To be told the hand's place before each frame, x y z (m). */
  handAt(x: number, y: number, z: number): void {
    if (!this.following) return;
    this.camera.position.add(this.step.set(x, y, z).sub(this.controls.target));
    this.controls.target.set(x, y, z);
    this.camera.updateMatrixWorld();
  }

  dispose(): void {
    this.controls.dispose();
  }

  private lookFrom(offset: readonly [number, number, number], target: readonly [number, number, number]): void {
    this.controls.target.set(...target);
    this.camera.position.set(...offset).add(this.controls.target);
    this.controls.update();
  }
}
