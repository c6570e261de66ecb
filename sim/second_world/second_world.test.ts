import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { EngineRig, PANDA, sceneObject, tableScene, toolDown } from '../../test/support/sim_rig.ts';
import { MujocoEngine, prepareMujoco } from '../mujoco/index.ts';
import { drawEffects } from './draw_effects.ts';
import type { Effects } from './effects.ts';
import { SecondWorldEngine } from './engine.ts';
import { sealedText } from './sealed.ts';
import { openSecondWorld, type SecondWorld } from './second_world.ts';

const JOINTS = 7;
const LIMITS_NM = [...PANDA.model.effort_limit.slice(0, JOINTS)];
const folder = mkdtempSync(join(tmpdir(), 'second-world-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(prepareMujoco);

/** A world of these effects and none other. */
function worldWith(changed: Partial<Effects>): SecondWorld {
  const drawn = drawEffects(createRng(1), LIMITS_NM);
  const file = join(folder, 'effects.json');
  writeFileSync(file, sealedText(1, JOINTS, { ...drawn, ...changed }));
  const off = Object.keys(drawn).filter((name) => !(name in changed));
  return openSecondWorld(`${file}#without=${off.join('+')}`);
}

describe('encoder offsets', () => {
  it('leave the true tool beside the believed one, by the turn of each joint', () => {
    const offset_rad = [0.002, 0, 0, 0, 0, 0, 0];
    const engine = worldWith({ encoder_offset: { offset_rad } }).createEngine(PANDA, tableScene([]), { dt_s: 0.002 });
    const straight = new MujocoEngine(PANDA, tableScene([]));
    const [told, truth] = [new Float64Array(12), new Float64Array(12)];
    straight.bodyPose(6, told);
    engine.bodyPose(6, truth);
    expect([...engine.q]).toEqual([...straight.q]);
    // Joint 1 stands back by the offset, about the vertical through the base.
    expect(Math.atan2(truth[10], truth[9]) - Math.atan2(told[10], told[9])).toBeCloseTo(-0.002, 9);
    expect(truth[11]).toBeCloseTo(told[11], 9);
    engine.dispose?.();
    straight.dispose();
  });
});

describe('soft pads', () => {
  /** How much less apart than a box of 40 mm between them the fingers are, gripping with `force_N`, m. */
  const overlap = (force_N: number, soft_pads?: Effects['soft_pads']): number => {
    const box = sceneObject({ type: 'box', size: [0.04, 0.04, 0.05] }, [0.5, 0.1, 0.025]);
    const q = toolDown([0.5, 0.1, 0.025], Math.PI / 2);
    q[q.length - 1] = 0.025;
    const play = soft_pads === undefined ? {} : { soft_pads };
    const rig = new EngineRig(new SecondWorldEngine(PANDA, tableScene([box]), play, { dt_s: 0.002 }), q);
    rig.grip(0, force_N);
    rig.run(200);
    const finger_m = rig.engine.q[q.length - 1];
    rig.engine.dispose();
    return 0.04 - 2 * finger_m;
  };

  it('give way like springs: by twice as much under twice the force, and with the square of the time constant', () => {
    const pads = { time_constant_s: 0.008, impedance: 0.7 };
    const [stiff, soft, harder] = [overlap(20), overlap(20, pads), overlap(40, pads)];
    const slower = overlap(20, { ...pads, time_constant_s: 0.012 });
    expect(soft).toBeGreaterThan(1.5 * stiff);
    expect(harder / soft).toBeCloseTo(2, 1);
    expect(slower / soft).toBeCloseTo((0.012 / 0.008) ** 2, 0);
    expect(harder).toBeLessThan(0.008);
  });
});

describe('masses and friction of contacts', () => {
  it('are scaled, inertia with mass', () => {
    const object = { ...sceneObject({ type: 'box', size: [0.04, 0.04, 0.04] }, [0.5, 0, 0.02]), mass_kg: 0.2 };
    const world = worldWith({
      mass: { object_scale: 1.5 },
      contact_friction: { object_scale: 0.5, finger_scale: 0.8 },
    });
    const inertia_kg_m2 = [1, 2, 3, 0, 0, 0];
    const scene = world.scene(tableScene([{ ...object, inertia_kg_m2 }]));
    expect(scene.objects[0].mass_kg).toBeCloseTo(0.3, 12);
    expect(scene.objects[0].inertia_kg_m2).toEqual([1.5, 3, 4.5, 0, 0, 0]);
    expect(scene.objects[0].friction).toBeCloseTo(0.5 * object.friction, 12);
    expect(scene.finger_friction).toBeCloseTo(0.8 * tableScene([]).finger_friction, 12);
  });
});

describe('gain and latency', () => {
  it('come on top of what the actuators have', () => {
    const world = worldWith({ gain: { gain_scale: 0.5 }, latency: { cycles: 4 } });
    expect(world.actuators({})).toMatchObject({ gain_scale: 0.5, latency_cycles: 4 });
    expect(world.actuators({ gain_scale: 1.2, latency_cycles: 1 })).toMatchObject({
      gain_scale: 0.6,
      latency_cycles: 5,
    });
  });
});

describe('jitter of frames', () => {
  const most_s = 0.015;
  const stamps = Array.from({ length: 500 }, (_, k) => BigInt(k) * 100_000_000n);
  const world = () => worldWith({ frame_jitter: { most_s } });

  it('makes pictures older than they say, evenly up to its most, each stream and stamp alike', () => {
    const late = stamps.map((stamp) => world().lateness('overview', stamp, createRng(1)));
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(most_s);
    expect(late.reduce((sum, x) => sum + x, 0) / late.length / most_s).toBeCloseTo(0.5, 1);
    expect(stamps.map((stamp) => world().lateness('overview', stamp, createRng(1)))).toEqual(late);
    expect(stamps.map((stamp) => world().lateness('wrist', stamp, createRng(1)))).not.toEqual(late);
  });

  it('shows a falling box where it was then', () => {
    const box = sceneObject({ type: 'box', size: [0.04, 0.04, 0.04] }, [0.5, 0.2, 0.5]);
    const engine = world().createEngine(PANDA, tableScene([box]), { dt_s: 0.002 });
    const heights: number[] = [];
    const state = new Float64Array(13);
    for (let k = 0; k < 60; k++) {
      engine.step();
      engine.objectState(0, state, 0);
      heights.push(state[2]);
    }
    for (const stamp of stamps.slice(0, 20)) {
      const back = Math.round(world().lateness('wrist', stamp, createRng(3)) / 0.002);
      world().seen('wrist', engine, stamp, createRng(3)).objectState(0, state, 0);
      expect(state[2]).toBe(heights[heights.length - 1 - back]);
    }
    engine.dispose?.();
  });
});

describe('the engine of the second world', () => {
  it('goes on from a saved state to the same bytes', () => {
    const play = drawEffects(createRng(5), LIMITS_NM);
    const build = () => {
      const scene = tableScene([sceneObject({ type: 'box', size: [0.04, 0.04, 0.04] }, [0.5, 0, 0.02])]);
      return new SecondWorldEngine(PANDA, scene, play, { dt_s: 0.002 });
    };
    const [one, other] = [build(), build()];
    const run = (engine: SecondWorldEngine, from: number, to: number) => {
      for (let k = from; k < to; k++) {
        engine.tau[0] = 3 * Math.sin(k / 20);
        engine.step();
      }
    };
    run(one, 0, 60);
    other.loadState(one.saveState());
    run(one, 60, 120);
    run(other, 60, 120);
    expect([...other.q, ...other.v]).toEqual([...one.q, ...one.v]);
    expect(other.saveState()).toEqual(one.saveState());
    one.dispose();
    other.dispose();
  });
});
