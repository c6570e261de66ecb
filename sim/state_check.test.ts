import { beforeAll, describe, expect, it } from 'vitest';
import { bytesPerCall } from '../test/support/heap.ts';
import { graspedObject, PANDA, sceneObject, tableScene } from '../test/support/sim_rig.ts';
import { InvalidStateError, type PhysicsEngine } from './engine.ts';
import { createEngine, ENGINE_NAMES, prepareEngine } from './engines.ts';
import { STATE_LIMITS, StateCheck } from './state_check.ts';

const BOX = { type: 'box', size: [0.04, 0.05, 0.04] } as const;
const SCENE = tableScene([sceneObject(BOX, [0.5, 0, 0.5]), { ...sceneObject(BOX, [0.5, 0.3, 0.02]), name: 'other' }]);

beforeAll(async () => {
  for (const name of ENGINE_NAMES) await prepareEngine(name);
});

describe.each([...ENGINE_NAMES])('the state of %s', (name) => {
  const world = () => createEngine(name, PANDA, SCENE);
  /** Sets entries of the first object's state. */
  const set = (engine: PhysicsEngine, entries: Readonly<Record<number, number>>) => {
    const state = new Float64Array(13);
    engine.objectState(0, state, 0);
    for (const [k, value] of Object.entries(entries)) state[Number(k)] = value;
    engine.setObjectState(0, state);
  };

  it('is sound up to the limits of speed and spin, and named beyond', () => {
    const engine = world();
    set(engine, { 7: 0.99 * STATE_LIMITS.speed_m_s });
    expect(() => engine.assertFinite()).not.toThrow();
    set(engine, { 7: 0, 9: -1.01 * STATE_LIMITS.speed_m_s });
    expect(() => engine.assertFinite()).toThrow(InvalidStateError);
    expect(() => engine.assertFinite()).toThrow(/step 0: object 0 \(box\) velocity is 30.3 m\/s; at most 30/);
    set(engine, { 9: 0, 11: 1.01 * STATE_LIMITS.spin_rad_s });
    expect(() => engine.assertFinite()).toThrow(/object 0 \(box\) angular velocity is 3030 rad\/s; at most 3000/);
  });

  it('is not sound with joints that race', () => {
    const engine = world();
    const v = new Float64Array(8);
    v[3] = -150;
    engine.setRobotState(PANDA.home_q, v);
    expect(() => engine.assertFinite()).toThrow(/joint panda_joint4 velocity is -150; at most 100/);
  });

  it('is not sound with a body pressed deep into another', () => {
    const engine = world();
    engine.setObjectState(0, [0.5, 0.3, 0.03, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    engine.step();
    expect(() => engine.assertFinite()).toThrow(InvalidStateError);
    expect(() => engine.assertFinite()).toThrow(/step 1: \w+ and \w+ are \d+\.\d mm in each other; at most 20/);
  });

  it('names what a push that is no number does', () => {
    const engine = world();
    engine.pushObject(0, [Number.NaN, 0, 0, 0, 0, 0]);
    expect(() => {
      engine.step();
      engine.assertFinite();
    }).toThrow(InvalidStateError);
  });
});

describe('the check of a state', () => {
  it('passes a grasp, at the cost of next to nothing', () => {
    const rig = graspedObject(BOX, 70);
    const check = new StateCheck(PANDA);
    expect(() => check.check(rig.engine, 0)).not.toThrow();
    const checks = (count: number) => {
      for (let k = 0; k < count; k++) check.check(rig.engine, 0);
    };
    checks(20_000);
    expect(bytesPerCall(2000, checks, 12, 199)).toBeLessThan(200);
  });
});
