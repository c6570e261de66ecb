import { expect, it } from 'vitest';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import type { WorldPoses } from '../engine.ts';
import { PoseHistory } from './pose_history.ts';

/** A world whose numbers say at which step they were read, and of what. */
function worldAt(step: number): WorldPoses {
  return {
    bodyPose: (body, out) => void out.fill(1000 * step + body),
    objectState: (index, out, offset) => void out.fill(1000 * step + 100 + index, offset, offset + 13),
  };
}

it('shows the world of so many steps ago, and the earliest where it has no other', () => {
  const history = new PoseHistory(3, 2, 4);
  const pose = new Float64Array(12);
  const state = new Float64Array(14);
  for (let step = 1; step <= 11; step++) {
    history.record(worldAt(step));
    for (let back = 0; back < 8; back++) {
      const then = step - Math.min(back, step - 1, 4);
      history.lookBack(back).bodyPose(2, pose);
      history.objectState(1, state, 1);
      expect([...pose]).toEqual(new Array(12).fill(1000 * then + 2));
      expect([...state]).toEqual([0, ...new Array(13).fill(1000 * then + 101)]);
    }
  }
  history.clear();
  history.record(worldAt(20));
  history.lookBack(3).bodyPose(0, pose);
  expect(pose[0]).toBe(20_000);
});

it('allocates nothing', () => {
  const history = new PoseHistory(9, 4, 10);
  const world = worldAt(1);
  expect(heapGrowthPerCall(() => history.record(world))).toBeLessThanOrEqual(BOXED_NUMBER);
});
