import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import {
  createEngine,
  createTask,
  type PhysicsEngine,
  prepareEngine,
  SHIPPED_SECOND_WORLD,
  ToldEngine,
} from '../../sim/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { Environment } from './environment.ts';
import { standing } from './expert/upright.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, type EnvironmentOptions } from './options.ts';
import { overTable } from './over_table.ts';

const PANDA = loadRobot('panda');

beforeAll(async () => prepareEngine('mujoco'));

function world(task: 'pick-place' | 'clutter', seed: number) {
  const { scene } = createTask(task).reset(createRng(seed));
  const engine = createEngine('cannon', PANDA, scene, {});
  const at = (told: PhysicsEngine, i: number): [number, number, number] => {
    const state = new Float64Array(13);
    told.objectState(i, state, 0);
    const { position, height_m } = standing(scene.objects[i].shape, state);
    return [position[0], position[1], position[2] - height_m / 2];
  };
  return { scene, engine, at };
}

const seenFrom = (engine: PhysicsEngine, dz: number, tilt = 0) =>
  new ToldEngine(engine, Float64Array.of(1, 0, tilt, 0, 1, 0, -tilt, 0, 1, 0.002, -0.001, dz));

describe('heights over the table', () => {
  it('are nought for what stands on it, wherever the camera is believed to be, and nothing moves across', () => {
    for (let seed = 0; seed < sweep(5, 12); seed++) {
      const { scene, engine, at } = world('pick-place', seed);
      const rng = createRng(seed, 'camera');
      const told = seenFrom(engine, (rng.uniform() < 0.5 ? -1 : 1) * rng.range(0.003, 0.008), rng.range(-0.002, 0.002));
      // One that is in the air is no witness.
      const state = new Float64Array(13);
      engine.objectState(0, state, 0);
      state[2] += 0.1;
      engine.setObjectState(0, state, 0);
      const levelled = overTable(told, scene);
      const rest = scene.objects.map((_, i) => i).slice(1);
      for (const i of rest) expect(Math.abs(at(levelled, i)[2]), `seed ${seed}, object ${i}`).toBeLessThan(0.002);
      for (const i of [0, ...rest]) for (const k of [0, 1]) expect(at(levelled, i)[k]).toBeCloseTo(at(told, i)[k], 9);
      expect(at(levelled, 0)[2], `seed ${seed}`).toBeGreaterThan(0.095);
    }
  });

  it('are those of the world itself where that is level, or where things lie in boxes', () => {
    const { scene, engine } = world('pick-place', 1);
    expect(overTable(engine, scene)).toBe(engine);
    const hardly = seenFrom(engine, 0.0009);
    expect(overTable(hardly, scene)).toBe(hardly);
    const boxes = world('clutter', 1);
    const told = seenFrom(boxes.engine, 0.004);
    expect(overTable(told, boxes.scene)).toBe(told);
  });

  it('let the expert put down in the second world as soon as in a plain one', () => {
    const time_s = (options: Partial<EnvironmentOptions>) => {
      const environment = new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, engine: 'mujoco', ...options }, PANDA);
      environment.reset(77, 0);
      while (!environment.status.terminated && !environment.status.truncated)
        environment.step(environment.output.expert_action);
      expect(environment.status.success).toBe(true);
      const { time_s } = environment;
      environment.close();
      return time_s;
    };
    expect(time_s({ second_world: SHIPPED_SECOND_WORLD })).toBeLessThan(1.15 * time_s({}));
  });
});
