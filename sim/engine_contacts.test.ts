import { beforeAll, describe, expect, it } from 'vitest';
import type { Shape } from '../contracts/index.ts';
import { EngineRig, grasp, PANDA, sceneObject, tableScene } from '../test/support/sim_rig.ts';
import { createContactPoint, type PhysicsEngine } from './engine.ts';
import { createEngine, ENGINE_NAMES, prepareEngine } from './engines.ts';
import type { SceneModel } from './scene.ts';

const G = 9.81;
const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.04] };
const CAN: Shape = { type: 'cylinder', radius: 0.02, length: 0.05 };
const { model } = PANDA;

describe.each(ENGINE_NAMES)('contacts in physics engine %s', (name) => {
  const opened: PhysicsEngine[] = [];
  beforeAll(async () => {
    await prepareEngine(name);
    return () => {
      for (const engine of opened) engine.dispose?.();
    };
  });
  const open = (scene: SceneModel): PhysicsEngine => {
    const engine = createEngine(name, PANDA, scene);
    opened.push(engine);
    return engine;
  };
  const stateOf = (engine: PhysicsEngine): Float64Array => {
    const out = new Float64Array(13);
    engine.objectState(0, out, 0);
    return out;
  };
  const held = (shape: Shape, force_N: number, mass_kg: number) =>
    grasp(shape, force_N, { mass_kg }, (scene, q) => new EngineRig(open(scene), q));

  it('contacts of a box at rest: at its corners, from the table up, carrying its weight', () => {
    const rig = new EngineRig(open(tableScene([sceneObject(BOX, [0.5, 0.1, 0.02], { mass_kg: 0.4 })])));
    const { engine } = rig;
    rig.run(500);
    const point = createContactPoint();
    const sum = [0, 0, 0];
    const count = engine.contact_count;
    expect(count).toBeGreaterThanOrEqual(4);
    expect(count).toBeLessThanOrEqual(8);
    for (let k = 0; k < count; k++) {
      engine.contact(k, point);
      const sign = engine.body_names[point.b] === 'box' ? 1 : -1;
      expect(new Set([engine.body_names[point.a], engine.body_names[point.b]])).toEqual(new Set(['world', 'box']));
      point.force.forEach((x, i) => {
        sum[i] += sign * x;
      });
      expect(sign * point.normal[2]).toBeCloseTo(1, 6);
      expect(Math.abs(point.position[0] - 0.5)).toBeCloseTo(0.02, 3);
      expect(Math.abs(point.position[1] - 0.1)).toBeCloseTo(0.025, 3);
      expect(point.position[2]).toBeCloseTo(0, 4);
      expect(point.depth_m).toBeGreaterThan(0);
      expect(point.depth_m).toBeLessThan(5e-5);
    }
    expect(sum[0]).toBeCloseTo(0, 4);
    expect(sum[1]).toBeCloseTo(0, 4);
    expect(sum[2]).toBeCloseTo(0.4 * G, 3);
    expect(() => engine.contact(count, point)).toThrow(RangeError);
    expect(engine.handTouches(0)).toBe(false);
    engine.setObjectState(0, stateOf(engine));
    expect(engine.contact_count).toBe(0);
  });

  it.each([['box', BOX] as const, ['cylinder', CAN] as const])(
    'the hand feels the weight of a held %s where it hangs, as its contacts say, until the fingers open',
    (_, shape) => {
      const rig = held(shape, 20, 0.3);
      const { engine } = rig;
      expect(engine.handTouches(0)).toBe(true);
      const wrench = new Float64Array(6);
      engine.handWrench(wrench);
      const pose = new Float64Array(12);
      const tool = model.frames.find((frame) => frame.name === PANDA.tcp_frame);
      if (tool === undefined) throw new Error('no tool frame');
      engine.bodyPose(tool.body, pose);
      const at = [0, 1, 2].map((i) => pose[9 + i] + [0, 1, 2].reduce((sum, k) => sum + pose[3 * i + k] * tool.p[k], 0));
      const object = rig.object(0);
      const r = [0, 1, 2].map((k) => object[k] - at[k]);
      const expected = [0, 0, -0.3 * G, -r[1] * 0.3 * G, r[0] * 0.3 * G, 0];
      expected.forEach((x, k) => void expect(wrench[k], `number ${k}`).toBeCloseTo(x, k < 3 ? 2 : 3));
      const felt = [0, 0, 0, 0, 0, 0];
      const point = createContactPoint();
      for (let k = 0; k < engine.contact_count; k++) {
        engine.contact(k, point);
        const sign = point.a === 1 ? 1 : -1;
        const f = [...point.force].map((x) => sign * x);
        const d = [0, 1, 2].map((i) => point.position[i] - at[i]);
        f.forEach((x, i) => {
          felt[i] += x;
        });
        felt[3] += d[1] * f[2] - d[2] * f[1];
        felt[4] += d[2] * f[0] - d[0] * f[2];
        felt[5] += d[0] * f[1] - d[1] * f[0];
      }
      felt.forEach((x, k) => void expect(x, `sum of contacts, number ${k}`).toBeCloseTo(wrench[k], 3));
      rig.grip(0.08, 20);
      rig.run(600);
      expect(engine.handTouches(0)).toBe(false);
      expect(rig.object(0)[2]).toBeLessThan(0.03);
    },
  );

  it('squeezes with the force asked for, on both pads', () => {
    for (const force_N of [5, 30, 70]) {
      const { engine } = held(BOX, force_N, 0.1);
      const point = createContactPoint();
      const pads = new Map<number, number>();
      for (let k = 0; k < engine.contact_count; k++) {
        engine.contact(k, point);
        const load = [0, 1, 2].reduce((sum, i) => sum + point.force[i] * point.normal[i], 0);
        const pad = Math.max(point.a, point.b);
        pads.set(pad, (pads.get(pad) ?? 0) + load);
      }
      expect(pads.size, `${force_N} N`).toBe(2);
      for (const load of pads.values()) expect(Math.abs(load / force_N - 1), `${force_N} N`).toBeLessThan(0.01);
    }
  });
});
