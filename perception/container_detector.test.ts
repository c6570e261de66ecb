import { describe, expect, test } from 'vitest';
import { type Container, createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import {
  CAMERA_SPECS,
  type CameraPerturbation,
  ClutterTask,
  createEngine,
  NO_PERTURBATION,
  SceneView,
  SimCamera,
} from '../sim/index.ts';
import { sweep } from '../test/support/sweep.ts';
import { ContainerDetector } from './container_detector.ts';
import type { RgbdFrame } from './detector.ts';
import { AS_PUT_UP } from './geometry/index.ts';

const robot = loadRobot('panda');

/** A noisy picture of a drawn bin from 0.3 m above its floor, and what is in it. */
function picture(seed: number, { emptied = false, off = NO_PERTURBATION } = {}) {
  const { scene: drawn, goal } = new ClutterTask().reset(createRng(seed).stream('clutter'));
  const scene = emptied ? { ...drawn, objects: [] } : drawn;
  const [x, y, z] = goal.bin.centre;
  const mount = [1, 0, 0, x, 0, -1, 0, y, 0, 0, -1, z + 0.3, 0, 0, 0, 1];
  const camera = new SimCamera({ ...CAMERA_SPECS.wrist, mount }, new SceneView(scene, robot.model), robot.model, off);
  const engine = createEngine('cannon', robot, scene);
  engine.setRobotState(robot.home_q, new Float64Array(robot.model.nq));
  const frame: RgbdFrame = { request_id: `test/${seed}`, ...camera.capture(engine, 0n, createRng(seed)) };
  return { frame, bin: goal.bin, objects: scene.objects };
}

describe('what touches in a bin, seen from above', () => {
  test('all of it is found: class, colour, place to 3 mm, sizes to 3 mm, height to 1.5 mm; nothing else is', () => {
    let [objects, wrong] = [0, 0];
    const faults: string[] = [];
    for (let seed = 0; seed < 24; seed++) {
      const { frame, bin, objects: truth } = picture(seed);
      const { detections, source, request_id } = new ContainerDetector().detect(frame, bin);
      expect([source, request_id]).toEqual(['classical', `test/${seed}`]);
      objects += truth.length;
      if (detections.length !== truth.length) faults.push(`seed ${seed}: ${detections.length} of ${truth.length}`);
      for (const object of truth) {
        const [x, y, z] = object.pose.position;
        const off = (p: readonly number[]): number => Math.hypot(p[0] - x, p[1] - y);
        const [near] = [...detections].sort((a, b) => off(a.pose.position) - off(b.pose.position));
        const { shape } = object;
        const sizes = (s: typeof near.shape): number[] =>
          s.type === 'box'
            ? [Math.min(...s.size.slice(0, 2)), Math.max(...s.size.slice(0, 2))]
            : s.type === 'cylinder'
              ? [2 * s.radius]
              : [];
        const right =
          off(near.pose.position) < 0.003 &&
          Math.abs(near.pose.position[2] - z) < 0.00075 &&
          near.class === object.class &&
          near.colour === object.colour &&
          shape.type !== 'mesh' &&
          sizes(near.shape).every((size, k) => Math.abs(size - sizes(shape)[k]) < 0.003);
        if (!right) wrong++;
      }
    }
    expect(objects).toBeGreaterThan(150);
    expect(faults.length, faults.join('; ')).toBeLessThanOrEqual(2);
    expect(wrong, `of ${objects}`).toBeLessThanOrEqual(0.04 * objects);
  });

  test('walls are no objects where the camera is a little off the place it is said to have', () => {
    for (let seed = 0; seed < 8; seed++) {
      const { frame, bin } = picture(seed, { emptied: true });
      const rng = createRng(seed).stream('off');
      const T = [...frame.info.T_world_camera_optical];
      for (const k of [3, 7]) T[k] += rng.range(-0.0035, 0.0035);
      const detections = new ContainerDetector().detect(
        { ...frame, info: { ...frame.info, T_world_camera_optical: T } },
        bin,
      ).detections;
      expect(detections, `seed ${seed}`).toEqual([]);
    }
  });

  test('an empty container, and one whose walls are not where the objects are, show nothing', () => {
    const { frame, bin } = picture(1);
    const beside: Container = { ...bin, centre: [bin.centre[0], bin.centre[1] + 0.6, bin.centre[2]] };
    expect(new ContainerDetector().detect(frame, beside).detections).toEqual([]);
    const above: Container = { ...bin, centre: [bin.centre[0], bin.centre[1], bin.centre[2] + 0.1] };
    expect(new ContainerDetector().detect(frame, above).detections).toEqual([]);
  });

  test('its covariances cover where things are, by cameras as they are put up, and its scores are high for what is right', () => {
    const pictures = sweep(16, 200);
    let [objects, covered] = [0, 0];
    const chi2: number[] = [];
    const scores: { readonly right: boolean; readonly score: number }[] = [];
    for (let seed = 0; seed < pictures; seed++) {
      const { frame, bin, objects: truth } = picture(seed, { off: asPutUp(seed) });
      for (const found of new ContainerDetector().detect(frame, bin).detections) {
        const [x, y] = found.pose.position;
        const off = (o: (typeof truth)[number]) => Math.hypot(o.pose.position[0] - x, o.pose.position[1] - y);
        const [near] = [...truth].sort((a, b) => off(a) - off(b));
        scores.push({ right: off(near) < 0.01 && near.class === found.class, score: found.score });
        if (off(near) > 0.015) continue;
        const [dx, dy] = [x - near.pose.position[0], y - near.pose.position[1]];
        const C = found.covariance;
        const d2 = (C[7] * dx * dx - 2 * C[1] * dx * dy + C[0] * dy * dy) / (C[0] * C[7] - C[1] * C[6]);
        objects++;
        chi2.push(d2);
        if (d2 < 5.99) covered++;
      }
    }
    expect(objects).toBeGreaterThan(5 * pictures);
    expect(covered / objects).toBeGreaterThan(0.88);
    // Half of all squared distances in a plane are under 1.39.
    expect(chi2.sort((a, b) => a - b)[objects >> 1]).toBeGreaterThan(0.5);
    const sure = scores.filter(({ score }) => score > 0.8);
    expect(sure.length).toBeGreaterThan(0.7 * scores.length);
    expect(sure.filter(({ right }) => !right).length).toBeLessThanOrEqual(0.02 * sure.length);
  });
});

/** A camera that is off as cameras are that were put up by hand. */
function asPutUp(seed: number): CameraPerturbation {
  const rng = createRng(seed).stream('put up');
  const { position_m: p, rotation_rad: r, focal_share, principal_point_px: c } = AS_PUT_UP;
  const n = () => rng.normal();
  return {
    ...NO_PERTURBATION,
    pose_error: [p * n(), p * n(), p * n(), r * n(), r * n(), r * n()],
    focal_scale: 1 + focal_share * n(),
    principal_point_px: [c * n(), c * n()],
  };
}
