import { describe, expect, test } from 'vitest';
import { type Container, createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { CAMERA_SPECS, ClutterTask, createEngine, SceneView, SimCamera } from '../sim/index.ts';
import { ContainerDetector } from './container_detector.ts';
import type { RgbdFrame } from './detector.ts';

const robot = loadRobot('panda');

/** A noisy picture of a drawn bin from 0.3 m above its floor, and what is in it. */
function picture(seed: number, { emptied = false } = {}) {
  const { scene: drawn, goal } = new ClutterTask().reset(createRng(seed).stream('clutter'));
  const scene = emptied ? { ...drawn, objects: [] } : drawn;
  const [x, y, z] = goal.bin.centre;
  const mount = [1, 0, 0, x, 0, -1, 0, y, 0, 0, -1, z + 0.3, 0, 0, 0, 1];
  const camera = new SimCamera({ ...CAMERA_SPECS.wrist, mount }, new SceneView(scene, robot.model), robot.model);
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
});
