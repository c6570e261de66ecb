import { describe, expect, it } from 'vitest';
import { type CameraName, createRng, secondsToStamp } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { CAMERA_SPECS, createEngine, randomizeCamera, SceneView, SimCamera } from '../../sim/index.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import { CameraRig, cameraDue, expose } from './exposure.ts';

const robot = loadRobot('panda');
const world = { task: 'pick-place', seed: 4, randomize: 'hard', objects: 'all' } as const;

describe('exposures', () => {
  it('take turns, each camera ten times a second', () => {
    const due = Array.from({ length: 500 }, (_, k) => cameraDue(k + 1));
    for (const { name } of Object.values(CAMERA_SPECS)) {
      const at = due.flatMap((camera, k) => (camera === name ? [k] : []));
      expect(at).toHaveLength(10);
      expect(new Set(at.slice(1).map((k, i) => k - at[i]))).toEqual(new Set([50]));
    }
    const all = due.flatMap((camera, k) => (camera === null ? [] : [k]));
    expect(new Set(all.slice(1).map((k, i) => k - all[i]))).toEqual(new Set([25]));
  });

  it('give the bytes that a camera in the world itself gives, while the world goes on', () => {
    const { instance, randomization, rng } = drawUnrecordedWorld(world, 0, robot);
    const engine = createEngine('cannon', robot, instance.scene);
    const rig = new CameraRig(robot.model, randomization, rng);
    rig.setScene(instance.scene);
    const view = new SceneView(instance.scene, robot.model);
    const noise = rng.stream('cameras');
    for (const camera of Object.keys(CAMERA_SPECS) as CameraName[]) {
      for (let k = 0; k < 20; k++) engine.step();
      const stamp_ns = secondsToStamp(engine.steps * engine.dt_s);
      const there = new SimCamera(CAMERA_SPECS[camera], view, robot.model, randomizeCamera(randomization, camera));
      const expected = there.capture(engine, stamp_ns, noise);
      const exposure = structuredClone(expose(camera, stamp_ns, engine, robot.model.nb));
      for (let k = 0; k < 20; k++) engine.step();
      expect(there.drops(stamp_ns, noise)).toBe(false);
      const picture = rig.take(exposure);
      expect(picture?.latency_s).toBe(there.latency_s);
      expect(picture?.frame.info).toEqual(expected.info);
      expect(Buffer.compare(picture?.frame.colour.data ?? Buffer.alloc(0), expected.colour.data)).toBe(0);
      expect(picture?.frame.depth.data).toEqual(expected.depth.data);
    }
  });

  it('that a record drops give no picture', () => {
    const { instance, randomization, rng } = drawUnrecordedWorld(world, 0, robot);
    const engine = createEngine('cannon', robot, instance.scene);
    const { reset } = randomization;
    const losing = { ...randomization, reset: { ...reset, sensors: { ...reset.sensors, drop_probability: 0.5 } } };
    const rig = new CameraRig(robot.model, losing, createRng(rng.int(1000)));
    rig.setScene(instance.scene);
    const taken = Array.from({ length: 20 }, (_, k) =>
      rig.take(expose('wrist', BigInt(k) * 100_000_000n, engine, robot.model.nb)),
    );
    const lost = taken.filter((picture) => picture === null).length;
    expect(lost).toBeGreaterThan(3);
    expect(lost).toBeLessThan(17);
  });
});
