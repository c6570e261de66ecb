import { describe, expect, it } from 'vitest';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { HandlingStages } from './failure_stage.ts';

/** Objects whose states and touches are written by the test. */
function objects(count: number) {
  const states = Array.from({ length: count }, (_, i) => [0.5, 0.1 * i, 0.02, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const touches = new Array<boolean>(count).fill(false);
  const engine = {
    object_count: count,
    objectState: (i: number, out: Float64Array, at: number) => {
      for (let k = 0; k < 13; k++) out[at + k] = states[i][k];
    },
    handTouches: (i: number) => touches[i],
  };
  return { states, touches, stages: new HandlingStages(engine) };
}

describe('the stage that handling has come to', () => {
  it('goes from approach to place as an object is touched, raised, carried and let go of, and back when it stands', () => {
    const { states, touches, stages } = objects(2);
    const seen: string[] = [];
    const then = (change: () => void, opening_m_s = 0) => {
      change();
      stages.update(opening_m_s);
      seen.push(stages.stageOf(0));
      expect(stages.stageOf(1)).toBe('approach');
    };
    then(() => {});
    then(() => {
      touches[0] = true;
    }, -0.05);
    then(() => {
      states[0][2] = 0.03;
      states[0][9] = 0.2;
    });
    then(() => {
      states[0][0] = 0.55;
      states[0][2] = 0.2;
    });
    then(() => {}, 0.05);
    then(() => {
      touches[0] = false;
    });
    then(() => {
      states[0][9] = 0;
    });
    expect(seen).toEqual(['approach', 'grasp', 'lift', 'transfer', 'place', 'place', 'approach']);
  });

  it('stays what it was when an object was lost, while it falls', () => {
    for (const [raised_m, aside_m, stage] of [
      [0, 0.1, 'grasp'],
      [0.05, 0.01, 'lift'],
      [0.05, 0.1, 'transfer'],
    ] as const) {
      const { states, touches, stages } = objects(1);
      touches[0] = true;
      states[0][2] += raised_m;
      states[0][0] += aside_m;
      stages.update(0);
      touches[0] = false;
      states[0][9] = -1;
      for (let k = 0; k < 10; k++) {
        states[0][2] -= 0.04;
        stages.update(0.05);
      }
      expect(stages.stageOf(0)).toBe(stage);
    }
  });

  it('is kept without allocating', () => {
    const { touches, stages } = objects(4);
    touches[1] = true;
    expect(heapGrowthPerCall(() => stages.update(0.01))).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
