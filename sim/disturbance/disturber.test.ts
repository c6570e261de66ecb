import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { EngineRig, grasp, PANDA, sceneObject, tableScene } from '../../test/support/sim_rig.ts';
import { sweep } from '../../test/support/sweep.ts';
import { createEngine, ENGINE_NAMES, type PhysicsEngine, prepareEngine } from '../index.ts';
import { PickPlaceTask } from '../tasks/index.ts';
import { Disturber } from './disturber.ts';
import { drawPush, drawSlip } from './draw_events.ts';
import type { DisturbanceEvent } from './record.ts';

const HZ = 500;
const CAN = { type: 'cylinder', radius: 0.025, length: 0.03 } as const;
const { spec } = new PickPlaceTask();
/** How far off a pushed object may come to rest, as a share: MuJoCo lifts a little what slides. */
const SLIDES = { cannon: 0.1, mujoco: 0.4 } as const;

beforeAll(async () => {
  for (const name of ENGINE_NAMES) await prepareEngine(name);
});

/** Steps a world with the events of a record; what came about. */
function play(engine: PhysicsEngine, events: readonly DisturbanceEvent[], steps: number, before = () => {}) {
  const disturber = new Disturber(PANDA, engine, { events });
  for (let k = 0; k < steps; k++) {
    before();
    disturber.act(engine.steps / HZ);
    engine.step();
  }
  return disturber.happened;
}

function stateOf(engine: PhysicsEngine, index = 0): Float64Array {
  const state = new Float64Array(13);
  engine.objectState(index, state, 0);
  return state;
}

describe.each(ENGINE_NAMES)('in %s', (name) => {
  test('a push moves a sliding object by what was asked for, and turns it little', () => {
    for (let seed = 0; seed < sweep(3, 20); seed++) {
      const rng = createRng(seed);
      const asked_m = rng.range(0.02, 0.06);
      const mass_kg = rng.range(0.05, 0.4);
      // Low enough to slide, not to fall over.
      const can = sceneObject(CAN, [0.5, 0.1, CAN.length / 2], { mass_kg, friction: rng.range(0.4, 1) });
      const scene = tableScene([can]);
      const engine = createEngine(name, PANDA, scene, { dt_s: 1 / HZ });
      const start = stateOf(engine);
      const push = { ...drawPush(scene, 0, asked_m, spec, rng), within_m: 5 };
      const happened = play(engine, [push], 400);
      const end = stateOf(engine);
      const moved_m = Math.hypot(end[0] - start[0], end[1] - start[1]);
      expect(happened).toEqual([{ kind: 'push', time_s: 0 }]);
      expect(Math.abs(moved_m - asked_m), `seed ${seed}: ${moved_m} for ${asked_m}`).toBeLessThan(
        SLIDES[name] * asked_m,
      );
      expect(Math.hypot(end[7], end[8], end[9])).toBeLessThan(0.01);
      engine.dispose?.();
    }
  });

  test('a push waits for the tool, a slip for the object to be held and lifted: neither comes about by itself', () => {
    const scene = tableScene([sceneObject(CAN, [0.5, 0.1, CAN.length / 2])]);
    const engine = createEngine(name, PANDA, scene, { dt_s: 1 / HZ });
    const rng = createRng(1);
    expect(play(engine, [drawPush(scene, 0, 0.04, spec, rng), drawSlip(0, 0.04, rng)], 50)).toEqual([]);
    engine.dispose?.();
  });

  test('a held object falls while it slips, by about what was asked for, and is held again where friction is back', () => {
    const shape = { type: 'box', size: [0.04, 0.04, 0.12] } as const;
    const rig = grasp(shape, 30, { mass_kg: 0.2 }, (scene, q) => {
      return new EngineRig(createEngine(name, PANDA, scene, { dt_s: 1 / HZ }), q);
    });
    const { engine } = rig;
    const before = stateOf(engine);
    const dropped_m = 0.03;
    const slip: DisturbanceEvent = { ...drawSlip(0, dropped_m, createRng(2)), kind: 'slip', above_m: 1e-6, wait_s: 0 };
    const lowered = Float64Array.from(before);
    lowered[2] -= 0.05;
    // The disturber takes where the object stands when it begins for where it stood.
    engine.setObjectState(0, lowered);
    const disturber = new Disturber(PANDA, engine, { events: [slip] });
    engine.setObjectState(0, before);
    rig.run(40);
    const held = stateOf(engine);
    rig.run(300, () => disturber.act(engine.steps / HZ));
    const after = stateOf(engine);
    expect(disturber.happened).toHaveLength(1);
    const fell_m = held[2] - after[2];
    expect(fell_m).toBeGreaterThan(0.5 * dropped_m);
    expect(fell_m).toBeLessThan(2 * dropped_m);
    expect(engine.handTouches(0)).toBe(true);
    expect(Math.hypot(after[7], after[8], after[9])).toBeLessThan(0.01);
    engine.dispose?.();
  });

  test('a hand without friction is part of a saved state: the step after it is the same', () => {
    const rig = grasp({ type: 'box', size: [0.04, 0.04, 0.06] }, 30, { mass_kg: 0.2 }, (scene, q) => {
      return new EngineRig(createEngine(name, PANDA, scene, { dt_s: 1 / HZ }), q);
    });
    const { engine } = rig;
    engine.slickenHand(0);
    const saved = engine.saveState();
    engine.step();
    const slipped = stateOf(engine);
    engine.loadState(saved);
    engine.step();
    expect(stateOf(engine)).toEqual(slipped);
    expect(slipped[9]).toBeLessThan(-0.5 * 9.81 * engine.dt_s);
    engine.dispose?.();
  });
});
