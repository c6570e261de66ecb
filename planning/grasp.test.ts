import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { fingertipReach, graspsFromAbove } from './grasp.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';

const robot = loadRobot('panda');
const tip = fingertipReach(robot);
const WIDE = 0.08;

const object = (part: Partial<TableObject>): TableObject => ({
  class: 'box',
  colour: 'red',
  shape: { type: 'box', size: [0.04, 0.05, 0.04] },
  position: [0.5, 0.1, 0.02],
  yaw_rad: 0.3,
  seen: 3,
  score: 1,
  ...part,
});

describe('grasps from above', () => {
  test("the fingers reach 9.5 mm beyond the tool frame, which is between the pads' middles", () => {
    expect(tip).toBeCloseTo(0.0095, 4);
  });

  test('stand over the object, point down, close across its sides and keep the fingertips off the table', () => {
    const rng = createRng(1);
    for (let trial = 0; trial < 300; trial++) {
      const side = (): number => rng.range(0.03, 0.06);
      const round = trial % 3 === 0;
      const item = object({
        class: round ? 'cylinder' : 'box',
        shape: round
          ? { type: 'cylinder', radius: side() / 2, length: side() }
          : { type: 'box', size: [side(), side(), side()] },
        yaw_rad: round ? 0 : rng.range(-3, 3),
        position: [rng.range(0.4, 0.6), rng.range(-0.2, 0.2), 0.02],
      });
      const height = shapeHeight(item.shape);
      const grasps = graspsFromAbove(item, WIDE, tip, 0);
      expect(grasps.length).toBeGreaterThanOrEqual(round ? 24 : 4);
      for (const { tool_pose: T, T_tool_object, closing_yaw_rad, width_m } of grasps) {
        expect([T[9], T[10]]).toEqual([item.position[0], item.position[1]]);
        expect([T[2], T[5], T[8]]).toEqual([0, 0, -1]);
        expect(T[1]).toBeCloseTo(Math.cos(closing_yaw_rad), 12);
        expect(T[4]).toBeCloseTo(Math.sin(closing_yaw_rad), 12);
        const determinant =
          T[0] * (T[4] * T[8] - T[5] * T[7]) - T[1] * (T[3] * T[8] - T[5] * T[6]) + T[2] * (T[3] * T[7] - T[4] * T[6]);
        expect(determinant).toBeCloseTo(1, 12);
        expect(T[11] - tip).toBeGreaterThanOrEqual(0.005);
        expect(T[11]).toBeLessThanOrEqual(Math.max(height - 0.0089, tip + 0.0061));
        // the object where the tool says it is: its bottom on the table
        expect(T[11] - T_tool_object[11] - height / 2).toBeCloseTo(0, 12);
        if (item.shape.type === 'box') {
          const across =
            Math.abs(Math.cos(closing_yaw_rad - item.yaw_rad)) > 0.99 ? item.shape.size[0] : item.shape.size[1];
          expect(width_m).toBe(across);
        } else expect(width_m).toBe(2 * (item.shape.type === 'cylinder' ? item.shape.radius : 0));
      }
    }
  });

  test('sides that do not fit between the fingers are left out', () => {
    const flat = object({ shape: { type: 'box', size: [0.04, 0.1, 0.04] } });
    expect(graspsFromAbove(flat, WIDE, tip, 0).every((grasp) => grasp.width_m === 0.04)).toBe(true);
    expect(graspsFromAbove(object({ shape: { type: 'box', size: [0.1, 0.1, 0.04] } }), WIDE, tip, 0)).toEqual([]);
  });
});
