import { beforeAll, describe, expect, it } from 'vitest';
import { createRng, type Shape } from '../../contracts/index.ts';
import { crba, forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { randomRobot, randomVector } from '../../test/support/random_robot.ts';
import { PANDA, sceneObject, tableScene } from '../../test/support/sim_rig.ts';
import { buildWorld } from '../cannon/world.ts';
import type { SceneModel } from '../scene.ts';
import { layoutOf } from './layout.ts';
import { writeMjcf } from './mjcf.ts';
import { floats, mujoco, prepareMujoco } from './module.ts';
import { element } from './xml.ts';

const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.06] };
const CAN: Shape = { type: 'cylinder', radius: 0.02, length: 0.05 };

beforeAll(prepareMujoco);

/** Mass matrix and bias of the independent coordinates as MuJoCo has them. */
function fromMujoco(robot: Robot, q: Float64Array, v: Float64Array): { M: number[][]; bias: number[] } {
  const { model } = robot;
  const mj = mujoco();
  const compiled = mj.MjModel.from_xml_string(writeMjcf(robot, tableScene([]), { dt_s: 0.002 }));
  const data = new mj.MjData(compiled);
  const { link_qpos, link_dof } = layoutOf(mj, compiled, model, 0);
  const dense = new mj.DoubleBuffer(model.nb * model.nb);
  for (let b = 0; b < model.nb; b++) {
    const i = model.coordinate[b];
    floats(data.qpos)[link_qpos[b]] = model.multiplier[b] * q[i] + model.offset[b];
    floats(data.qvel)[link_dof[b]] = model.multiplier[b] * v[i];
  }
  mj.mj_forward(compiled, data);
  mj.mj_fullM(compiled, data, dense);
  const full = floats(dense.GetView());
  const h = floats(data.qfrc_bias);
  const M = Array.from({ length: model.nq }, () => new Array<number>(model.nq).fill(0));
  const bias = new Array<number>(model.nq).fill(0);
  for (let a = 0; a < model.nb; a++) {
    const i = model.coordinate[a];
    bias[i] += model.multiplier[a] * h[link_dof[a]];
    for (let b = 0; b < model.nb; b++) {
      const entry = full[link_dof[a] * model.nb + link_dof[b]];
      M[i][model.coordinate[b]] += model.multiplier[a] * model.multiplier[b] * entry;
    }
  }
  for (const handle of [dense, data, compiled]) handle.delete();
  return { M, bias };
}

function expectSameDynamics(robot: Robot, q: Float64Array, v: Float64Array, of: string): void {
  const { model } = robot;
  const data = new RobotData(model);
  const bias = new Float64Array(model.nq);
  forwardKinematics(model, data, q);
  rnea(model, data, v, null, bias);
  crba(model, data);
  const theirs = fromMujoco(robot, q, v);
  const scale = Math.max(1, ...theirs.bias.map(Math.abs));
  for (let i = 0; i < model.nq; i++) {
    expect(Math.abs(theirs.bias[i] - bias[i]) / scale, `${of}: bias ${i}`).toBeLessThan(1e-9);
    for (let k = 0; k < model.nq; k++) {
      const ours = data.M[Math.max(i, k) * model.nq + Math.min(i, k)];
      expect(Math.abs(theirs.M[i][k] - ours) / scale, `${of}: M ${i} ${k}`).toBeLessThan(1e-9);
    }
  }
}

describe('a robot in MJCF', () => {
  it('has the mass matrix and the bias of the model, for the Panda and for random trees with mimics', () => {
    const rng = createRng(3);
    const state = (n: number): [Float64Array, Float64Array] => [randomVector(rng, n, 1.5), randomVector(rng, n, 1)];
    for (let trial = 0; trial < 5; trial++) {
      expectSameDynamics(PANDA, ...state(PANDA.model.nq), `Panda, trial ${trial}`);
      const model = randomRobot(rng, { bodies: 3 + rng.int(8), mimics: 0.3 });
      const robot = { ...PANDA, model, tcp_frame: 'none', gripper: null };
      expectSameDynamics(robot, ...state(model.nq), `tree ${trial} of ${model.nb} bodies`);
    }
  });
});

describe('a scene in MJCF', () => {
  it('lets exactly those colliders touch that cannon lets touch, with the same friction', () => {
    const wall = { pose: { position: [0.5, 0.4, 0.1], orientation: [0, 0, 0, 1] }, rgb: [1, 1, 1] } as const;
    const scene: SceneModel = {
      ...tableScene([sceneObject(BOX, [0.5, 0, 0.03], { friction: 0.4 }), sceneObject(CAN, [0.6, 0, 0.025])], 0.7),
      fixtures: [{ ...wall, size: [0.2, 0.02, 0.2], friction: 0.35 }],
    };
    const { contacts } = buildWorld(PANDA, scene);
    const { collision, nb } = PANDA.model;
    const names = ['fixture0', 'fixture1', 'floor'];
    const links = (body: number) =>
      collision.filter((item) => item.body === body).forEach((_, k) => void names.push(`link${body}_${k}`));
    links(-1);
    names.push('object0', 'object1');
    for (let body = 0; body < nb; body++) links(body);
    const key = (a: string, b: string, friction: number) => `${[a, b].sort().join(' ')} ${friction.toFixed(12)}`;
    const ours = [...contacts.pair_a].map((a, i) =>
      key(names[a], names[contacts.pair_b[i]], contacts.pair_friction[i]),
    );
    const xml = writeMjcf(PANDA, scene, { dt_s: 0.002 });
    const pairs = [...xml.matchAll(/<pair geom1="(\S+)" geom2="(\S+)" condim="4" friction="(\S+) (\S+) /g)];
    for (const [, , , along, across] of pairs) expect(along).toBe(across);
    expect(ours.length).toBeGreaterThan(100);
    expect(pairs.map(([, a, b, friction]) => key(a, b, Number(friction))).sort()).toEqual(ours.sort());
    expect(xml.match(/<geom /g)?.length).toBe(xml.match(/contype="0" conaffinity="0"/g)?.length);
  });

  it('keeps every digit, and what would break the text', () => {
    expect(element('a', { x: 0.1 + 0.2, v: [1e-7, -0], name: 'a"<&' })).toBe(
      '<a x="0.30000000000000004" v="1e-7 0" name="a&quot;&lt;&amp;"/>',
    );
    expect(element('a', {}, [element('b', {}), element('c', {})])).toBe('<a>\n  <b/>\n  <c/>\n</a>');
  });
});
