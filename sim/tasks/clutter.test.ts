import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { PosedEngine } from '../../test/support/posed_engine.ts';
import { solvedStates } from '../../test/support/solved_world.ts';
import { ClutterTask } from './clutter.ts';
import { shapeHeight } from './footprint.ts';

const task = new ClutterTask();
const instances = Array.from({ length: 100 }, (_, seed) => task.reset(createRng(seed)));

describe('worlds of clutter', () => {
  test('have bin and tray of floor and walls around the goal, beside each other, either on either side', () => {
    const sides = new Set<number>();
    for (const { scene, goal } of instances) {
      sides.add(Math.sign(goal.bin.centre[1]));
      expect(Math.sign(goal.tray.centre[1])).toBe(-Math.sign(goal.bin.centre[1]));
      const fixtures = scene.fixtures ?? [];
      expect(fixtures.length).toBe(10);
      for (const [k, { centre, inner }] of [goal.bin, goal.tray].entries()) {
        const [floor, ...walls] = fixtures.slice(5 * k, 5 * k + 5);
        expect(floor.pose.position[2] + floor.size[2] / 2).toBeCloseTo(centre[2], 12);
        for (const { size, pose } of walls) {
          expect(pose.position[2] + size[2] / 2).toBeCloseTo(centre[2] + inner[2], 12);
          // Along one of the axes the wall begins where the inside ends.
          const inside = [0, 1].map((a) => Math.abs(pose.position[a] - centre[a]) - size[a] / 2 - inner[a] / 2);
          expect(Math.max(...inside)).toBeCloseTo(0, 12);
        }
      }
    }
    expect(sides.size).toBe(2);
  });

  test('have objects that stick out of the bin less than the hand passes over, and stand on its floor', () => {
    for (const { scene, goal } of instances) {
      for (const { shape, pose } of scene.objects) {
        expect(pose.position[2] - shapeHeight(shape) / 2).toBeCloseTo(goal.bin.centre[2], 12);
        for (const a of [0, 1]) {
          expect(Math.abs(pose.position[a] - goal.bin.centre[a])).toBeLessThan(goal.bin.inner[a] / 2);
        }
      }
    }
  });
});

describe('verdict of clutter', () => {
  const [instance] = instances;
  const { tray, bin } = instance.goal;
  const solved = solvedStates(instance);

  function judge(first: readonly number[]) {
    const engine = new PosedEngine(instance.scene.objects);
    solved.forEach((state, i) => void engine.setObjectState(i, state));
    engine.state.set(first, 0);
    return instance.evaluate({ engine, time_s: 60, gripper_width_m: 0.08, tool_position: [0.4, 0, 0.5] });
  }

  test('takes what lies in the tray, on its floor or on another object', () => {
    const [x, y] = solved[1];
    const height = shapeHeight(instance.scene.objects[1].shape);
    expect(judge([]).success).toBe(true);
    expect(judge([x, y, solved[0][2] + height]).success).toBe(true);
  });

  test('does not take what is still in the bin, on the table, over the tray in the air, or through its floor', () => {
    const [, , z] = solved[0];
    const half = z - tray.centre[2];
    for (const [place, empty] of [
      [[bin.centre[0], bin.centre[1], bin.centre[2] + half], false],
      [[tray.centre[0], 0, half], true],
      [[tray.centre[0], tray.centre[1], 0.3], true],
      [[tray.centre[0], tray.centre[1], half - 0.01], true],
    ] as const) {
      const { success, checks, measures } = judge(place);
      expect({ success, empty: checks.bin_empty, in_tray: checks.in_tray }).toEqual({
        success: false,
        empty,
        in_tray: false,
      });
      expect(measures?.moved_share).toBeCloseTo(1 - 1 / solved.length, 12);
      expect(measures?.left_in_bin).toBe(empty ? 0 : 1);
    }
  });

  test('counts the share that was moved', () => {
    for (const { scene, goal } of instances.slice(0, 3)) {
      const again = task.restore(scene, goal);
      const engine = new PosedEngine(scene.objects);
      const states = solvedStates(again);
      for (let moved = 0; moved <= states.length; moved++) {
        const { measures } = again.evaluate({ engine, time_s: 1, gripper_width_m: 0, tool_position: [0.4, 0, 0.5] });
        expect(measures).toEqual({
          objects: states.length,
          left_in_bin: states.length - moved,
          moved_share: moved / states.length,
        });
        if (moved < states.length) engine.setObjectState(moved, states[moved]);
      }
    }
  });
});
