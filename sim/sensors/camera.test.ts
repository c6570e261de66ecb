import { describe, expect, test } from 'vitest';
import { cameraInfo, colourImage, createRng, depthImage, InputError } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import { PosedEngine } from '../../test/support/posed_engine.ts';
import { sweep } from '../../test/support/sweep.ts';
import { CopiedPoses, copyPoses } from '../copied_poses.ts';
import { LABEL, project, SceneView } from '../render/index.ts';
import type { SceneModel } from '../scene.ts';
import { PickPlaceTask } from '../tasks/index.ts';
import { type CameraFrame, createRenderTarget, SimCamera } from './camera.ts';
import { CAMERA_SPECS, cameraSpec } from './camera_spec.ts';

const FLAT = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** One body with a box on it and the wrist camera 0.1 m under it, looking down. */
const ROBOT: RobotModel = {
  name: 'post',
  root_link: 'base',
  nb: 1,
  nq: 1,
  joint_names: ['lift'],
  body_joint_names: ['lift'],
  parent: Int32Array.of(-1),
  joint_type: Uint8Array.of(1),
  axis: Float64Array.of(0, 0, 1),
  tree_R: Float64Array.from(FLAT),
  tree_p: new Float64Array(3),
  coordinate: Int32Array.of(0),
  multiplier: Float64Array.of(1),
  offset: Float64Array.of(0),
  mass: Float64Array.of(1),
  com: new Float64Array(3),
  inertia: Float64Array.of(1, 1, 1, 0, 0, 0),
  position_lower: Float64Array.of(0),
  position_upper: Float64Array.of(1),
  velocity_limit: Float64Array.of(1),
  effort_limit: Float64Array.of(1),
  damping: new Float64Array(1),
  friction: new Float64Array(1),
  frames: [{ name: 'wrist_camera_optical_frame', body: 0, R: [1, 0, 0, 0, -1, 0, 0, 0, -1], p: [0.2, 0, -0.1] }],
  collision: [],
  visual: [
    {
      name: 'post',
      link: 'post',
      body: 0,
      R: FLAT,
      p: [0, 0, 0],
      shape: { type: 'box', size: [0.1, 0.1, 0.1] },
      rgba: [1, 1, 1, 1],
    },
    {
      name: 'foot',
      link: 'base',
      body: -1,
      R: FLAT,
      p: [0.3, 0.3, 0],
      shape: { type: 'sphere', radius: 0.05 },
      rgba: [1, 1, 1, 1],
    },
  ],
};

function world(seed = 3): { scene: SceneModel; engine: PosedEngine; view: SceneView } {
  const { scene } = new PickPlaceTask().reset(createRng(seed));
  return { scene, engine: new PosedEngine(scene.objects), view: new SceneView(scene, ROBOT) };
}

const bytesOf = ({ colour, depth }: CameraFrame): Buffer =>
  Buffer.concat([colour.data, new Uint8Array(depth.data.buffer)]);

describe('simulated camera', () => {
  test('its messages fit their schemas and are new for every picture', () => {
    const { engine, view } = world();
    const camera = new SimCamera(CAMERA_SPECS.overview, view, ROBOT);
    const first = camera.capture(engine, 0n, createRng(1));
    const kept = first.colour.data.slice();
    const second = camera.capture(engine, 100_000_000n, createRng(1));
    for (const frame of [first, second]) {
      colourImage.parse(frame.colour);
      depthImage.parse(frame.depth);
      cameraInfo.parse(frame.info);
    }
    expect(second.info.stamp_ns).toBe(100_000_000n);
    expect(Buffer.compare(first.colour.data, kept)).toBe(0);
    expect(Buffer.compare(second.colour.data, kept)).not.toBe(0);
  });

  test('the same stream and stamp give the same bytes, whatever was taken before', () => {
    const take = (before: number): Buffer => {
      const { engine, view } = world();
      const camera = new SimCamera(CAMERA_SPECS.overview, view, ROBOT);
      const rng = createRng(9).stream('episode/4');
      for (let i = 0; i < before; i++) camera.capture(engine, BigInt(i), rng);
      return bytesOf(camera.capture(engine, 700n, rng));
    };
    expect(take(3).equals(take(0))).toBe(true);
  });

  test('taken later, it has the bytes of its moment, out of order too, and is drawn once and only if it is read', () => {
    const { engine, view } = world();
    const camera = new SimCamera(CAMERA_SPECS.wrist, view, ROBOT);
    const rng = createRng(9).stream('episode/4');
    let reads = 0;
    const moments = Array.from({ length: 6 }, (_, k) => {
      engine.body = [0.4 + 0.02 * k, 0.1, 0.5];
      engine.state[13] += 0.01;
      const stamp_ns = BigInt(k);
      const poses = new CopiedPoses(copyPoses(engine, ROBOT.nb), ROBOT.nb);
      const counted = {
        bodyPose: poses.bodyPose.bind(poses),
        objectState(...of: Parameters<typeof poses.objectState>) {
          reads++;
          poses.objectState(...of);
        },
      };
      return { now: camera.capture(engine, stamp_ns, rng), later: camera.captureLater(counted, stamp_ns, rng) };
    });
    expect(reads).toBe(0);
    for (const { now, later } of moments.reverse()) {
      expect(later.info).toEqual(now.info);
      expect(Buffer.compare(bytesOf(later), bytesOf(now))).toBe(0);
    }
    expect(reads).toBe(moments.length * engine.object_count);
  });

  test('the middle of every object in sight shows its label, at the depth of its top', () => {
    const labels = new Set<number>();
    for (let seed = 0; seed < sweep(12, 30); seed++) {
      const { scene, engine, view } = world(seed);
      const camera = new SimCamera(CAMERA_SPECS.overview, view, ROBOT);
      const out = createRenderTarget(320, 240);
      engine.body = [-1, 0, 0];
      camera.render(engine, out);
      scene.objects.forEach((object, i) => {
        const height = 2 * object.pose.position[2];
        const [u, v, z] = project(camera.pinhole(engine), [object.pose.position[0], object.pose.position[1], height]);
        const pixel = Math.round(v) * 320 + Math.round(u);
        expect(out.segmentation[pixel], `seed ${seed} ${object.name}`).toBe(LABEL.object0 + i);
        expect(Math.abs(out.depth[pixel] - z), `seed ${seed} ${object.name}`).toBeLessThan(0.0025);
      });
      for (const label of out.segmentation) labels.add(label);
    }
    expect([...labels].sort((a, b) => a - b)).toEqual([0, 1, 2, 10, 11, 12, 13]);
  });

  test('every picture of a world of the task shows all its objects', () => {
    for (let seed = 0; seed < sweep(24, 60); seed++) {
      const { scene, engine, view } = world(seed);
      engine.body = [-1, 0, 0];
      const out = createRenderTarget(320, 240);
      new SimCamera(CAMERA_SPECS.overview, view, ROBOT).render(engine, out);
      const seen = new Map<number, number>();
      for (const label of out.segmentation) seen.set(label, (seen.get(label) ?? 0) + 1);
      scene.objects.forEach((object, i) => {
        expect(seen.get(LABEL.object0 + i) ?? 0, `seed ${seed} ${object.name}`).toBeGreaterThan(60);
      });
    }
  });

  test('a camera on the robot moves with it', () => {
    const { engine, view } = world();
    const camera = new SimCamera(CAMERA_SPECS.wrist, view, ROBOT);
    engine.yaw = 0.7;
    const { T_world_camera_optical: T } = camera.capture(engine, 0n, createRng(0)).info;
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const expected = [c, s, 0, 0.4 + 0.2 * c, s, -c, 0, 0.1 + 0.2 * s, 0, 0, -1, 0.4, 0, 0, 0, 1];
    T.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
    const out = createRenderTarget(128, 128);
    camera.render(engine, out);
    const middle = 63 * 128 + 63;
    if (out.segmentation[middle] === LABEL.table) expect(out.depth[middle]).toBeCloseTo(0.4, 3);
    expect(Math.max(...out.depth)).toBeGreaterThan(0.35);
  });

  test('what the engine moves moves in the picture, and robot parts carry their label', () => {
    const { engine, view } = world();
    const camera = new SimCamera(CAMERA_SPECS.overview, view, ROBOT);
    const [low, high] = [createRenderTarget(320, 240), createRenderTarget(320, 240)];
    engine.body = [0.5, 0, 0.1];
    camera.render(engine, low);
    for (let i = 0; i < engine.object_count; i++) engine.state[13 * i + 2] += 0.1;
    camera.render(engine, high);
    const nearest = (out: { depth: Float32Array; segmentation: Uint16Array }, label: number): number =>
      out.depth.reduce((best, z, i) => (out.segmentation[i] === label ? Math.min(best, z) : best), Infinity);
    expect(nearest(high, 10)).toBeLessThan(nearest(low, 10) - 0.05);
    const eye = camera.pinhole(engine);
    const [u, v] = project(eye, [0.5, 0, 0.15]);
    expect(low.segmentation[Math.round(v) * 320 + Math.round(u)]).toBe(LABEL.robot);
    const [uf, vf] = project(eye, [0.3, 0.3, 0.04]);
    expect(low.segmentation[Math.round(vf) * 320 + Math.round(uf)]).toBe(LABEL.robot);
  });

  test('unknown names and a robot without the frame are refused in one line', () => {
    expect(() => cameraSpec('front')).toThrow("camera 'front': one of overview, wrist");
    const { view } = world();
    expect(() => new SimCamera(CAMERA_SPECS.wrist, view, { ...ROBOT, frames: [] })).toThrow(InputError);
  });
});
