import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { createCannonEngine } from '../cannon/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import { project, type RenderTarget, SceneView, unproject } from '../render/index.ts';
import { PickPlaceTask } from '../tasks/index.ts';
import { createRenderTarget, SimCamera } from './camera.ts';
import { CAMERA_SPECS, type CameraPerturbation, NO_PERTURBATION } from './camera_spec.ts';
import { distort, undistort } from './lens.ts';

const robot = loadRobot('panda');
const { scene } = new PickPlaceTask().reset(createRng(3));
const engine: PhysicsEngine = createCannonEngine(robot, scene);
engine.setRobotState(robot.home_q, new Float64Array(robot.model.nq));
const spec = CAMERA_SPECS.overview;

function cameraWith(change: Partial<CameraPerturbation>): SimCamera {
  return new SimCamera(spec, new SceneView(scene, robot.model), robot.model, { ...NO_PERTURBATION, ...change });
}

function picture(camera: SimCamera): RenderTarget {
  const out = createRenderTarget(spec.width, spec.height);
  camera.render(engine, out);
  return out;
}

/** Median of |depth − that of the ray| over pixels of the table's top, m, for rays as `toRay` says. */
function tableError(out: RenderTarget, toRay: (u: number, v: number) => readonly [number, number]): number {
  const camera = cameraWith({}).pinhole(engine);
  const errors: number[] = [];
  for (let i = 0; i < out.depth.length; i += 7) {
    if (out.segmentation[i] !== 1) continue;
    const [x, y] = toRay(i % spec.width, Math.floor(i / spec.width));
    const u = camera.K[2] + camera.K[0] * x;
    const v = camera.K[5] + camera.K[4] * y;
    errors.push(Math.abs(unproject(camera, u, v, out.depth[i])[2]));
  }
  expect(errors.length).toBeGreaterThan(1000);
  return errors.sort((a, b) => a - b)[errors.length >> 1];
}

const { K: CALIBRATED } = cameraWith({}).pinhole(engine);
const straight = (u: number, v: number): readonly [number, number] => [
  (u - CALIBRATED[2]) / CALIBRATED[0],
  (v - CALIBRATED[5]) / CALIBRATED[4],
];

describe('lens', () => {
  const D = [-0.25, 0.08, 0.001, -0.002, 0.01] as const;

  test('undistort inverts distort, for random rays and lenses', () => {
    const rng = createRng(1, 'lens');
    for (let i = 0; i < 500; i++) {
      const lens = [
        rng.range(-0.25, 0.25),
        rng.range(-0.1, 0.1),
        rng.range(-0.005, 0.005),
        rng.range(-0.005, 0.005),
        0,
      ];
      const [k1, k2, p1, p2, k3] = lens;
      const [x, y] = [rng.range(-0.5, 0.5), rng.range(-0.4, 0.4)];
      const back = undistort(...distort(x, y, [k1, k2, p1, p2, k3]), [k1, k2, p1, p2, k3]);
      expect(Math.hypot((back?.[0] ?? 9) - x, (back?.[1] ?? 9) - y), `${x} ${y} ${lens}`).toBeLessThan(1e-8);
    }
  });

  test('depth of the table is right along the rays that D says, and wrong along straight ones', () => {
    const out = picture(cameraWith({ distortion: D }));
    const rays = (u: number, v: number) => undistort(...straight(u, v), D) ?? ([9, 9] as const);
    expect(tableError(out, rays)).toBeLessThan(2e-5);
    expect(tableError(out, straight)).toBeGreaterThan(1e-3);
    expect(cameraWith({ distortion: D }).capture(engine, 0n, createRng(0)).info.D).toEqual([...D]);
  });

  test('the middle of every object is where the distorted projection of its top says', () => {
    const camera = cameraWith({ distortion: D });
    const out = picture(camera);
    scene.objects.forEach((object, i) => {
      const [x, y, z] = object.pose.position;
      const { K, ...pinhole } = camera.pinhole(engine);
      const [u, v] = project({ K, ...pinhole }, [x, y, 2 * z]);
      const [xd, yd] = distort((u - K[2]) / K[0], (v - K[5]) / K[4], D);
      const pixel = Math.round(K[5] + K[4] * yd) * spec.width + Math.round(K[2] + K[0] * xd);
      expect(out.segmentation[pixel], object.name).toBe(10 + i);
    });
  });

  test('a lens that folds the picture is refused in one line', () => {
    expect(() => cameraWith({ distortion: [-3, 0, 0, 0, 0] })).toThrow(/distortion -3.*take smaller coefficients/);
  });
});

describe('calibration', () => {
  test('without errors the perturbed camera gives the bytes of the plain one', () => {
    const plain = new SimCamera(spec, new SceneView(scene, robot.model), robot.model);
    const [a, b] = [plain, cameraWith({})].map((camera) => camera.capture(engine, 5n, createRng(1)));
    expect(Buffer.from(a.depth.data.buffer).equals(Buffer.from(b.depth.data.buffer))).toBe(true);
    expect(Buffer.from(a.colour.data).equals(Buffer.from(b.colour.data))).toBe(true);
  });

  test.each<[string, Partial<CameraPerturbation>]>([
    ['pose', { pose_error: [0.004, -0.003, 0.005, 0.01, -0.006, 0.008] }],
    ['focal length', { focal_scale: 1.03 }],
    ['principal point', { principal_point_px: [3, -2] }],
  ])('a true error of %s moves the picture and not what the robot is told', (_, change) => {
    const told = cameraWith({}).capture(engine, 0n, createRng(0)).info;
    const camera = cameraWith(change);
    const { info } = camera.capture(engine, 0n, createRng(0));
    expect(info).toEqual(told);
    expect(tableError(picture(cameraWith({})), straight)).toBeLessThan(1e-5);
    expect(tableError(picture(camera), straight)).toBeGreaterThan(5e-4);
  });

  test('a camera moved forwards by a centimetre is a centimetre nearer to the table along its axis', () => {
    const middle = 120 * 320 + 160;
    const [near, far] = [picture(cameraWith({ pose_error: [0, 0, 0.01, 0, 0, 0] })), picture(cameraWith({}))];
    expect(far.depth[middle] - near.depth[middle]).toBeCloseTo(0.01, 3);
  });

  test('exposure scales colours until they saturate', () => {
    const mean = (gain: number): number => {
      const { data } = cameraWith({ exposure_gain: gain }).capture(engine, 0n, createRng(0)).colour;
      return data.reduce((sum, value) => sum + value, 0) / data.length;
    };
    expect(mean(0.5) / mean(1)).toBeCloseTo(0.5, 1);
    expect(mean(3)).toBeGreaterThan(240);
    expect(mean(3)).toBeLessThanOrEqual(255);
  });

  test('frames are lost as often as asked for, always the same ones, and latencies add', () => {
    const camera = cameraWith({ drop_probability: 0.2, latency_s: 0.05 });
    const lost = Array.from({ length: 4000 }, (_, i) => camera.drops(BigInt(i), createRng(4)));
    expect(lost.filter(Boolean).length / 4000).toBeCloseTo(0.2, 1);
    expect(lost).toEqual(Array.from({ length: 4000 }, (_, i) => camera.drops(BigInt(i), createRng(4))));
    expect(camera.latency_s).toBeCloseTo(0.08, 12);
    expect(cameraWith({}).drops(0n, createRng(4))).toBe(false);
  });
});
