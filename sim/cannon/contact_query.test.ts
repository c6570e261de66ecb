import { describe, expect, it } from 'vitest';
import type { Shape } from '../../contracts/index.ts';
import { frameIndex, framePose } from '../../dynamics/index.ts';
import { graspedObject, PANDA, SimRig, sceneObject, tableScene, toolDown } from '../../test/support/sim_rig.ts';
import { createContactPoint } from '../engine.ts';

const G = 9.81;
const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.04] };

/** Contact force (N) and torque about `centre` (Nm) on the bodies whose numbers `chosen` accepts. */
function wrenchOn(rig: SimRig, chosen: (body: number) => boolean, centre: ArrayLike<number>): number[] {
  const { engine } = rig;
  const sum = [0, 0, 0, 0, 0, 0];
  const point = createContactPoint();
  for (let k = 0; k < engine.contact_count; k++) {
    engine.contact(k, point);
    const sign = Number(chosen(point.b)) - Number(chosen(point.a));
    const r = [0, 1, 2].map((i) => point.position[i] - centre[i]);
    const f = [...point.force].map((x) => sign * x);
    const turn = [r[1] * f[2] - r[2] * f[1], r[2] * f[0] - r[0] * f[2], r[0] * f[1] - r[1] * f[0]];
    [...f, ...turn].forEach((x, i) => {
      sum[i] += x;
    });
  }
  return sum;
}

describe('contacts of the last step', () => {
  it('of a box at rest carry its weight, from the table up, at its corners', () => {
    const rig = new SimRig(tableScene([sceneObject(BOX, [0.5, 0.1, 0.02], { mass_kg: 0.4 })]));
    rig.run(300);
    const { engine } = rig;
    const point = createContactPoint();
    expect(engine.contact_count).toBe(4);
    for (let k = 0; k < 4; k++) {
      engine.contact(k, point);
      expect([engine.body_names[point.a], engine.body_names[point.b]].sort()).toEqual(['box', 'world']);
      expect(Math.abs(point.normal[2])).toBeCloseTo(1, 9);
      // From a to b: up if b is the box.
      expect(point.normal[2] > 0).toBe(engine.body_names[point.b] === 'box');
      expect(point.depth_m).toBeGreaterThan(0);
      expect(point.depth_m).toBeLessThan(5e-5);
      expect(Math.abs(point.position[0] - 0.5)).toBeCloseTo(0.02, 4);
      expect(Math.abs(point.position[1] - 0.1)).toBeCloseTo(0.025, 4);
    }
    const sum = wrenchOn(rig, (body) => body === 1, rig.object(0));
    [0, 0, 0.4 * G, 0, 0, 0].forEach((x, i) => {
      expect(sum[i], `component ${i}`).toBeCloseTo(x, 5);
    });
    expect(() => engine.contact(4, point)).toThrow('contact 4 of 4');
  });

  it('of a held box add up to what the hand feels, torsion included', () => {
    const rig = graspedObject(BOX, 20, { mass_kg: 0.3 });
    const { engine } = rig;
    const hand = PANDA.model.frames[frameIndex(PANDA.model, PANDA.tcp_frame)].body;
    const isHand = (body: number) => body > engine.object_count + hand;
    const tool = new Float64Array(12);
    // Swung about, so that friction carries forces and torques along and about everything.
    rig.move(toolDown([0.5, -0.2, 0.35], 0.9, Float64Array.from(engine.q)), 120, (k) => {
      if (k % 10 !== 0) return;
      const felt = new Float64Array(6);
      engine.handWrench(felt);
      framePose(PANDA.model, engine.data, frameIndex(PANDA.model, PANDA.tcp_frame), tool);
      const sum = wrenchOn(rig, isHand, tool.subarray(9));
      felt.forEach((x, i) => {
        expect(sum[i], `step ${k}, component ${i}`).toBeCloseTo(x, 5);
      });
    });
    expect(engine.contact_count).toBeGreaterThan(4);
  });

  it('are none right after the state was set', () => {
    const rig = graspedObject(BOX, 20);
    expect(rig.engine.contact_count).toBeGreaterThan(0);
    rig.engine.setObjectState(0, [0.5, 0.3, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(rig.engine.contact_count).toBe(0);
    expect(rig.engine.handTouches(0)).toBe(false);
  });
});
