import { createRng, type Rng, type Vector3 } from '../../contracts/index.ts';
import { convexHull, loadRobot } from '../../robots/index.ts';
import {
  CAMERA_SPECS,
  createCannonEngine,
  createRenderTarget,
  createTask,
  type PhysicsEngine,
  type PinholeCamera,
  type RenderTarget,
  type SceneLight,
  type SceneModel,
  type SceneObject,
  SceneView,
  SimCamera,
  type SurfaceTexture,
  TASK_NAMES,
} from '../../sim/index.ts';
import { type Solid, solidsOf } from './ray_caster.ts';

export const robot = loadRobot('panda');
export const SIZE = { width: 160, height: 120 };
export const LIGHT: SceneLight = { key_direction: [0.8, -0.9, 1.6], key: 1, ambient: 1, rgb: [1, 0.95, 0.9] };
const KINDS = ['checker', 'stripes', 'noise', 'spot'] as const;

function drawTexture(rng: Rng, kind: SurfaceTexture['kind']): SurfaceTexture {
  const rgb: Vector3 = [rng.uniform(), rng.uniform(), rng.uniform()];
  const offset_m: Vector3 = [rng.range(-0.02, 0.02), rng.range(-0.02, 0.02), rng.range(-0.02, 0.02)];
  return { kind, rgb, scale_m: rng.range(0.015, 0.05), offset_m, strength: rng.range(0.5, 1) };
}

export interface World {
  readonly scene: SceneModel;
  readonly engine: PhysicsEngine;
  readonly view: SceneView;
  readonly solids: Solid[];
}

/** A task's scene with a ball and a hull more, textures and a light on request, and the arm somewhere over the table. */
export function drawWorld(seed: number, dressed: boolean): World {
  const rng = createRng(seed, 'rays');
  const { scene: bare } = createTask(TASK_NAMES[seed % TASK_NAMES.length]).reset(rng.stream('task'));
  // In the air on either side, so that nothing begins in anything.
  const place = (side: number): Vector3 => [rng.range(0.45, 0.65), side * rng.range(0.15, 0.25), rng.range(0.2, 0.25)];
  const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const length = Math.hypot(...q);
  const extra = (name: string, shape: SceneObject['shape'], side: number): SceneObject => ({
    ...bare.objects[0],
    name,
    shape,
    rgb: [0.2, 0.6, 0.5],
    pose: { position: place(side), orientation: [q[0] / length, q[1] / length, q[2] / length, q[3] / length] },
  });
  const points = Float64Array.from({ length: 36 }, () => rng.range(-0.04, 0.04));
  const ball = extra('ball', { type: 'sphere', radius: rng.range(0.02, 0.035) }, -1);
  const objects = [...bare.objects, ball, extra('hull', convexHull(points), 1)];
  const scene: SceneModel = dressed
    ? {
        ...bare,
        light: LIGHT,
        table: { ...bare.table, texture: drawTexture(rng, KINDS[seed % 4]) },
        objects: objects.map((object, i) => ({ ...object, texture: drawTexture(rng, KINDS[(seed + i) % 4]) })),
      }
    : { ...bare, objects };
  const engine = createCannonEngine(robot, scene);
  const pose = Float64Array.of(rng.range(-0.4, 0.4), rng.range(0, 0.5), 0, rng.range(-2.4, -1.9), 0, 2.4, 0.8, 0.03);
  engine.setRobotState(pose, new Float64Array(robot.model.nq));
  return { scene, engine, view: new SceneView(scene, robot.model), solids: solidsOf(scene, robot.model, engine) };
}

export function photograph(world: World, name: 'overview' | 'wrist'): { out: RenderTarget; camera: PinholeCamera } {
  const camera = new SimCamera({ ...CAMERA_SPECS[name], ...SIZE }, world.view, robot.model);
  const out = createRenderTarget(SIZE.width, SIZE.height);
  camera.render(world.engine, out);
  return { out, camera: camera.pinhole(world.engine) };
}
