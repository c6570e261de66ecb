import { PerspectiveCamera, Raycaster, Vector2, Vector3 } from 'three';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import {
  CAMERA_SPECS,
  createCannonEngine,
  createRenderTarget,
  createTask,
  LABEL,
  type PhysicsEngine,
  type RenderTarget,
  type SceneModel,
  SceneView,
  SimCamera,
  type SurfaceTexture,
} from '../sim/index.ts';
import { type Benchmark, type BenchmarkResult, type BenchmarkRow, row } from './benchmark.ts';

/** Width, height, and frames a second that one core should reach. */
const SIZES = [
  [84, 84, 5000],
  [320, 240, 800],
] as const;
const FRAMES = 60;
/** Pixels the reference is asked for in each picture; its time for a whole one follows from them. */
const SAMPLES = 400;
const DEPTH_TOLERANCE_M = 1e-5;

/**
 * Frames per second of the cameras over the task's world, lit, with shadows and patterns, while the arm moves; beside
 * three.js's own ray caster on the same scene.
 */
export const render: Benchmark = {
  name: 'render',
  claim:
    'colour with shading, shadows and patterns, depth and labels of the work cell, on one core: 5,000 frames a second at 84×84, 800 at 320×240',
  async run(progress): Promise<BenchmarkResult> {
    const { scene } = createTask('pick-place').reset(createRng(0));
    const rows: BenchmarkRow[] = [];
    const checks: BenchmarkResult['checks'][number][] = [];
    for (const [width, height, aim] of SIZES) {
      const size = `${width}×${height}`;
      progress(size);
      for (const name of ['overview', 'wrist'] as const) {
        const cell = makeCell(dressed(scene), name, width, height);
        const frame_s = fastestSeconds(() => frames(cell)) / FRAMES;
        const rays = castSamples(cell, width, height);
        const reference = { name: 'three.js Raycaster', value: 1 / (rays.seconds_per_pixel * width * height) };
        rows.push(row(`${name} ${size}`, 1 / frame_s, 'frame/s', reference));
        if (name === 'overview')
          rows.push(row(`of the ${aim} frames a second aimed at, ${size}`, 1 / frame_s / aim, ''));
        checks.push({
          name: `depth and label at ${SAMPLES} pixels of ${name} ${size}`,
          pass: rays.different <= SAMPLES / 100,
          detail: `${rays.different} differ from the reference`,
        });
      }
      const plain = makeCell(scene, 'overview', width, height);
      rows.push(
        row(`overview ${size}, without shadows and patterns`, FRAMES / fastestSeconds(() => frames(plain)), 'frame/s'),
      );
      rows.push(
        row(
          `overview ${size}, with noise, without shadows and patterns`,
          FRAMES / fastestSeconds(() => pictures(plain)),
          'frame/s',
        ),
      );
    }
    return { rows, checks };
  },
};

interface Cell {
  readonly camera: SimCamera;
  readonly engine: PhysicsEngine;
  readonly view: SceneView;
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly image: RenderTarget;
}

/** The scene with a light that casts shadows and a pattern on everything. */
function dressed(scene: SceneModel): SceneModel {
  const texture = (kind: SurfaceTexture['kind']): SurfaceTexture => ({
    kind,
    rgb: [0.9, 0.85, 0.8],
    scale_m: 0.02,
    offset_m: [0, 0, 0],
    strength: 0.6,
  });
  const kinds = ['checker', 'stripes', 'spot'] as const;
  return {
    ...scene,
    light: { key_direction: [0.8, -0.9, 1.6], key: 1, ambient: 1, rgb: [1, 1, 1] },
    table: { ...scene.table, texture: texture('noise') },
    objects: scene.objects.map((object, i) => ({ ...object, texture: texture(kinds[i % kinds.length]) })),
  };
}

function makeCell(scene: SceneModel, name: 'overview' | 'wrist', width: number, height: number): Cell {
  const robot = loadRobot('panda');
  const engine = createCannonEngine(robot, scene);
  const view = new SceneView(scene, robot.model);
  const camera = new SimCamera({ ...CAMERA_SPECS[name], width, height }, view, robot.model);
  // Reaching over the table, so that the arm is in the picture.
  const q = Float64Array.of(0, 0.35, 0, -2.1, 0, 2.45, 0.785, 0.04);
  return { camera, engine, view, q, v: new Float64Array(robot.model.nq), image: createRenderTarget(width, height) };
}

/** The arm swings a little from frame to frame. */
function frames({ camera, engine, q, v, image }: Cell): void {
  for (let i = 0; i < FRAMES; i++) {
    q[0] = 0.2 * Math.sin((2 * Math.PI * i) / FRAMES);
    engine.setRobotState(q, v);
    camera.render(engine, image);
  }
}

function pictures({ camera, engine }: Cell): void {
  const rng = createRng(0);
  for (let i = 0; i < FRAMES; i++) camera.capture(engine, BigInt(i), rng);
}

/** Least wall time of several runs after some to warm up, s: what else the machine does only adds to it. */
function fastestSeconds(work: () => void): number {
  let least = Infinity;
  for (let k = 0; k < 12; k++) {
    const started = performance.now();
    work();
    if (k >= 3) least = Math.min(least, (performance.now() - started) / 1000);
  }
  return least;
}

/** Casts one ray each through pixels spread over the picture; counts those whose depth or label is another. */
function castSamples(cell: Cell, width: number, height: number): { seconds_per_pixel: number; different: number } {
  const { image } = cell;
  const { scene } = cell.view;
  const { T_world_camera_optical: T, K, near_m, far_m } = cell.camera.pinhole(cell.engine);
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
