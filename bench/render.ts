import { PerspectiveCamera, Raycaster, type Scene, Vector2, Vector3 } from 'three';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import {
  CAMERA_SPECS,
  createCannonEngine,
  createRenderTarget,
  createTask,
  LABEL,
  type PhysicsEngine,
  type PinholeCamera,
  type RenderTarget,
  SceneView,
  SimCamera,
} from '../sim/index.ts';
import { type Benchmark, type BenchmarkResult, type BenchmarkRow, medianSeconds, row } from './benchmark.ts';

const SIZES = [
  [128, 128],
  [320, 240],
] as const;
const FRAMES = 100;
/** Pixels the reference is asked for in each picture; its time for a whole one follows from them. */
const SAMPLES = 400;
const DEPTH_TOLERANCE_M = 1e-5;

/** Frames per second of the cameras over the task's world, beside three.js's own ray caster on the same scene. */
export const render: Benchmark = {
  name: 'render',
  claim: 'colour, depth and labels of the work cell at over 1,000 frames a second at 320×240 on one core',
  async run(progress): Promise<BenchmarkResult> {
    const robot = loadRobot('panda');
    const { scene } = createTask('pick-place').reset(createRng(0));
    const engine = createCannonEngine(robot, scene);
    // Reaching over the table, so that the arm is in the picture.
    engine.setRobotState(Float64Array.of(0, 0.35, 0, -2.1, 0, 2.45, 0.785, 0.04), new Float64Array(robot.model.nq));
    const view = new SceneView(scene, robot.model);
    const rows: BenchmarkRow[] = [];
    const checks: BenchmarkResult['checks'][number][] = [];
    for (const [width, height] of SIZES) {
      const size = `${width}×${height}`;
      progress(size);
      const camera = new SimCamera({ ...CAMERA_SPECS.overview, width, height }, view, robot.model);
      const image = createRenderTarget(width, height);
      const frame_s = medianSeconds(() => frames(camera, engine, image), 9, 3) / FRAMES;
      const noisy_s = medianSeconds(() => pictures(camera, engine), 5, 1) / FRAMES;
      const rays = castSamples(view.scene, camera.pinhole(engine), image, width, height);
      const reference = { name: 'three.js Raycaster', value: 1 / (rays.seconds_per_pixel * width * height) };
      rows.push(row(`frames ${size}`, 1 / frame_s, 'frame/s', reference));
      rows.push(row(`noisy pictures ${size}`, 1 / noisy_s, 'frame/s'));
      checks.push({
        name: `depth and label at ${SAMPLES} pixels of ${size}`,
        pass: rays.different <= SAMPLES / 100,
        detail: `${rays.different} differ from the reference`,
      });
    }
    return { rows, checks };
  },
};

function frames(camera: SimCamera, engine: PhysicsEngine, image: RenderTarget): void {
  for (let i = 0; i < FRAMES; i++) camera.render(engine, image);
}

function pictures(camera: SimCamera, engine: PhysicsEngine): void {
  const rng = createRng(0);
  for (let i = 0; i < FRAMES; i++) camera.capture(engine, BigInt(i), rng);
}

/** Casts one ray each through pixels spread over the picture; counts those whose depth or label is another. */
function castSamples(
  scene: Scene,
  pinhole: PinholeCamera,
  image: RenderTarget,
  width: number,
  height: number,
): { seconds_per_pixel: number; different: number } {
  const { T_world_camera_optical: T, K, near_m, far_m } = pinhole;
  const eye = new PerspectiveCamera((2 * Math.atan(height / 2 / K[4]) * 180) / Math.PI, width / height, near_m, far_m);
  const axis = new Vector3(T[2], T[6], T[10]);
  eye.up.set(-T[1], -T[5], -T[9]);
  eye.position.set(T[3], T[7], T[11]);
  eye.lookAt(eye.position.clone().add(axis));
  eye.updateMatrixWorld();
  const caster = new Raycaster();
  const started = performance.now();
  let different = 0;
  for (let k = 0; k < SAMPLES; k++) {
    const pixel = Math.floor(((k + 0.5) * width * height) / SAMPLES);
    const at = new Vector2(
      ((pixel % width) + 0.5) / (width / 2) - 1,
      1 - (Math.floor(pixel / width) + 0.5) / (height / 2),
    );
    caster.setFromCamera(at, eye);
    const hit = caster.intersectObject(scene)[0];
    const depth = hit === undefined ? 0 : hit.point.sub(eye.position).dot(axis);
    const label: unknown = hit === undefined ? LABEL.background : hit.object.userData.label;
    if (label !== image.segmentation[pixel] || Math.abs(depth - image.depth[pixel]) > DEPTH_TOLERANCE_M) different++;
  }
  return { seconds_per_pixel: (performance.now() - started) / 1000 / SAMPLES, different };
}
