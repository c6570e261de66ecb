import { beforeAll, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../contracts/index.ts';
import { PANDA, sceneObject, tableScene } from '../test/support/sim_rig.ts';
import { InvalidStateError } from './engine.ts';
import { createEngine, ENGINE_NAMES, type EngineOptions, prepareEngine } from './engines.ts';
import type { SceneModel, SceneObject } from './scene.ts';
import { checkScene } from './scene_check.ts';
import { createTask, TASK_NAMES } from './tasks/index.ts';

const BOX = sceneObject({ type: 'box', size: [0.04, 0.05, 0.04] }, [0.5, 0, 0.02]);
const WALL = {
  size: [0.02, 0.3, 0.1] as const,
  pose: { position: [0.6, 0.3, 0.05], orientation: [0, 0, 0, 1] } as const,
  friction: 0.5,
  rgb: [1, 1, 1] as const,
};
const at = (x: number, y: number, z: number): Partial<SceneObject> => ({
  pose: { position: [x, y, z], orientation: [0, 0, 0, 1] },
});
const only = (change: Partial<SceneObject>): SceneModel => tableScene([{ ...BOX, ...change }]);

beforeAll(async () => {
  for (const name of ENGINE_NAMES) await prepareEngine(name);
});

describe.each([...ENGINE_NAMES])('a scene given to %s', (engine) => {
  const build = (scene: SceneModel, options: EngineOptions = {}) => createEngine(engine, PANDA, scene, options);

  it.each([
    ['no mass', only({ mass_kg: 0 }), /object 0 \(box\) mass_kg 0: a finite number above 0/],
    ['a negative mass', only({ mass_kg: -1 }), /mass_kg -1/],
    ['a mass that is no number', only({ mass_kg: Number.NaN }), /mass_kg NaN/],
    ['negative friction', only({ friction: -0.1 }), /object 0 \(box\) friction -0.1: at least 0/],
    ['no size', only({ shape: { type: 'box', size: [0.04, 0, 0.04] } }), /size 0.04 0 0.04: finite numbers above 0/],
    [
      'an endless cylinder',
      only({ shape: { type: 'cylinder', radius: 0.02, length: Infinity } }),
      /size 0.02 Infinity/,
    ],
    ['a ball of no size', only({ shape: { type: 'sphere', radius: Number.NaN } }), /size NaN/],
    [
      'a quaternion that is none',
      only({ pose: { position: [0.5, 0, 0.02], orientation: [0, 0, 0, 2] } }),
      /orientation of norm 2: a unit quaternion/,
    ],
    ['a position that is no number', only(at(Number.NaN, 0, 0)), /position NaN 0 0/],
    ['a centre of mass that is none', only({ com_m: [0, Number.NaN, 0] }), /com_m/],
    ['an inertia that is none', only({ inertia_kg_m2: [1, 1, -1, 0, 0, 0] }), /inertia 1 1 -1/],
    ['slippery less than ice', { ...tableScene([]), finger_friction: -1 }, /finger_friction -1/],
    [
      'a wall of no width',
      { ...tableScene([]), fixtures: [{ ...WALL, size: [0, 1, 1] as const }] },
      /fixture 0 size 0 1 1/,
    ],
  ])('with %s is refused', (_, scene, message) => {
    expect(() => build(scene)).toThrow(InputError);
    expect(() => build(scene)).toThrow(message);
  });

  it('is refused at an impossible step, or with rotors of negative inertia', () => {
    expect(() => build(only({}), { dt_s: 0 })).toThrow(/dt_s 0: a finite number above 0/);
    expect(() => build(only({}), { dt_s: Number.NaN })).toThrow(InputError);
    expect(() => build(only({}), { armature: [0, -1, 0, 0, 0, 0, 0, 0] })).toThrow(/armature -1 of joint 1/);
  });

  it.each([
    [
      'an object',
      tableScene([BOX, { ...BOX, ...at(0.53, 0, 0.02), name: 'can' }]),
      /object 1 \(can\) and object 0 \(box\) begin 10.0 mm/,
    ],
    ['the table', only(at(0.5, 0, 0.01)), /object 0 \(box\) and table begin 10.0 mm in each other; at most 1/],
    ['a fixture', { ...only(at(0.575, 0.3, 0.02)), fixtures: [WALL] }, /object 0 \(box\) and fixture 0 begin 5.0 mm/],
    ['the floor', only(at(1.5, 0, -0.74)), /object 0 \(box\) and floor begin 10.0 mm/],
    ['the robot at home', only(at(0, 0, 0.4)), /panda_joint\d and object 0 \(box\) begin \d+\.\d mm/],
    [
      'the robot in a fixture',
      {
        ...tableScene([]),
        fixtures: [{ ...WALL, pose: { position: [0, 0, 0.4], orientation: [0, 0, 0, 1] } as const }],
      },
      /panda_joint\d and fixture 0 begin/,
    ],
  ])('with bodies that begin in %s is invalid, and says how deep', (_, scene, message) => {
    expect(() => build(scene)).toThrow(InvalidStateError);
    expect(() => build(scene)).toThrow(message);
  });
});

describe('scenes that are sound', () => {
  it('may touch, rest and lean', () => {
    expect(() => checkScene(PANDA, tableScene([BOX, { ...BOX, ...at(0.54, 0, 0.02) }]))).not.toThrow();
    expect(() => checkScene(PANDA, only(at(0.5, 0, 0.0199)))).not.toThrow();
    expect(() => checkScene(PANDA, { ...only(at(0.57, 0.3, 0.02)), fixtures: [WALL] })).not.toThrow();
  });

  it('are all worlds of all tasks', () => {
    for (const name of TASK_NAMES) {
      for (let seed = 0; seed < 40; seed++) {
        const { scene } = createTask(name).reset(createRng(seed).stream('task'));
        expect(() => checkScene(PANDA, scene), `${name}, seed ${seed}`).not.toThrow();
      }
    }
  });

  it('meet every depth of overlap beyond the limit, and none below', () => {
    const rng = createRng(2);
    for (let trial = 0; trial < 60; trial++) {
      const depth = rng.range(0, 0.003);
      const [along, yaw] = [rng.int(2), rng.range(-0.5, 0.5)];
      const shift = [0.04, 0.05][along] - depth;
      // Both turned alike, so that their faces stay parallel.
      const orientation = [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] as const;
      const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
      const [x, y] = along === 0 ? [c * shift, s * shift] : [-s * shift, c * shift];
      const scene = tableScene([
        { ...BOX, pose: { position: [0.5, 0, 0.02], orientation } },
        { ...BOX, pose: { position: [0.5 + x, y, 0.02], orientation } },
      ]);
      const check = expect(() => checkScene(PANDA, scene), `trial ${trial}: ${depth} m`);
      if (depth > 0.001) check.toThrow(InvalidStateError);
      else check.not.toThrow();
    }
  });
});
