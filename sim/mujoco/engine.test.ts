import { beforeAll, describe, expect, it } from 'vitest';
import type { Shape } from '../../contracts/index.ts';
import { EngineRig, PANDA, sceneObject, tableScene } from '../../test/support/sim_rig.ts';
import { InvalidStateError } from '../engine.ts';
import { MujocoEngine } from './engine.ts';
import { floats, mujoco, prepareMujoco } from './module.ts';
import { warningOf } from './warnings.ts';

const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.04] };
const scene = tableScene([sceneObject(BOX, [0.5, 0, 0.1], { orientation: [0.6, 0, 0, 0.8] })]);

beforeAll(prepareMujoco);

/** State of the object after so many steps. */
function fall(engine: MujocoEngine, steps: number): Float64Array {
  const out = new Float64Array(13);
  for (let k = 0; k < steps; k++) engine.step();
  engine.objectState(0, out, 0);
  return out;
}

function memoryBytes(): number {
  const probe = new (mujoco().DoubleBuffer)(1);
  const bytes = floats(probe.GetView()).buffer.byteLength;
  probe.delete();
  return bytes;
}

describe('WebAssembly memory', () => {
  it('may grow under an engine without a trace', () => {
    const alone = new MujocoEngine(PANDA, scene);
    const expected = fall(alone, 200);
    const engine = new MujocoEngine(PANDA, scene);
    fall(engine, 100);
    const before = memoryBytes();
    const others: MujocoEngine[] = [];
    while (memoryBytes() === before && others.length < 100) others.push(new MujocoEngine(PANDA, scene));
    expect(memoryBytes()).toBeGreaterThan(before);
    expect(fall(engine, 100)).toEqual(expected);
    for (const each of [alone, engine, ...others]) each.dispose();
  });

  it('is given back', () => {
    const before = memoryBytes();
    for (let k = 0; k < 60; k++) {
      const engine = new MujocoEngine(PANDA, scene);
      fall(engine, 2);
      engine.dispose();
    }
    expect(memoryBytes()).toBe(before);
  });
});

describe('joints', () => {
  it('hold the two fingers together, whatever pushes one of them, and at their stops', () => {
    const rig = new EngineRig(new MujocoEngine(PANDA, tableScene([])));
    const { engine } = rig;
    const { body_joint_names, axis, tree_p } = PANDA.model;
    const [left, right] = ['panda_finger_joint1', 'panda_finger_joint2'].map((name) => body_joint_names.indexOf(name));
    const pose = new Float64Array(12);
    /** How far a finger is out of the hand, from the pose of its body. */
    const travel = (body: number): number => {
      engine.bodyPose(6, pose);
      const [R, p] = [pose.slice(0, 9), pose.slice(9)];
      engine.bodyPose(body, pose);
      const local = [0, 1, 2].map((i) => [0, 1, 2].reduce((sum, k) => sum + R[3 * k + i] * (pose[9 + k] - p[k]), 0));
      const from = local.map((x, k) => x - tree_p[3 * body + k]);
      const turn = PANDA.model.tree_R.subarray(9 * body, 9 * body + 9);
      const along = [0, 1, 2].map((i) => [0, 1, 2].reduce((sum, k) => sum + turn[3 * i + k] * axis[3 * body + k], 0));
      return from.reduce((sum, x, k) => sum + x * along[k], 0);
    };
    rig.grip(0.05, 70);
    rig.run(600);
    rig.run(200, () => {
      engine.bodyPose(left, pose);
      engine.pushBody(left, [5 * pose[1], 5 * pose[4], 5 * pose[7], 0, 0, 0]);
    });
    expect(Math.abs(travel(left) - travel(right))).toBeLessThan(2e-5);
    expect(Math.abs((travel(left) + travel(right)) / 2 - engine.q[7])).toBeLessThan(1e-9);
    for (const [width, end] of [
      [0, 0],
      [0.08, 0.04],
    ] as const) {
      rig.grip(width, 70);
      rig.run(900);
      expect(Math.abs(engine.q[7] - end)).toBeLessThan(2e-4);
    }
    engine.dispose();
  });
});

describe('what MuJoCo warns of or gives up at', () => {
  it('ends the world with body or number, and step', () => {
    const boxes = Array.from({ length: 8 }, (_, k) => sceneObject(BOX, [0.4 + 0.06 * k, 0, 0.0199]));
    const cramped = new MujocoEngine(PANDA, tableScene(boxes), { memory_bytes: 40_000 });
    const play = () => {
      for (let k = 0; k < 5; k++) {
        cramped.step();
        cramped.assertFinite();
      }
    };
    expect(play).toThrow(InvalidStateError);
    expect(play).toThrow(/physics engine mujoco, step \d+: .*(no room|out of memory)/);
    cramped.dispose();
  });

  it('is told in words', () => {
    const mj = mujoco();
    const model = mj.MjModel.from_xml_string(
      '<mujoco><option><flag autoreset="disable"/></option><worldbody><body><freejoint/><geom size=".02"/></body></worldbody></mujoco>',
    );
    const data = new mj.MjData(model);
    mj.mj_step(model, data);
    expect(warningOf(mj, data)).toBeNull();
    floats(data.qpos)[1] = 1e11;
    mj.mj_step(model, data);
    expect(warningOf(mj, data)).toMatch(/positions .* at entry 1/);
    data.delete();
    model.delete();
  });
});
