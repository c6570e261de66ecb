import { describe, expect, it } from 'vitest';
import { ACTIONS, type PickPlaceResult } from '../../contracts/index.ts';
import { LiveGraph } from '../../test/support/live_graph.ts';
import { liveCellOptions } from './options.ts';

const TRIES = 3;

describe.each(['cannon', 'mujoco'])('a live cell in real time, in %s', (engine) => {
  it.each([1, 2, 3])('picks and places in world %i', { timeout: 300_000 }, async (seed) => {
    let result: PickPlaceResult | null = null;
    for (let k = 0; k < TRIES && result?.ok !== true; k++) {
      const graph = await LiveGraph.start(liveCellOptions.parse({ seed, engine }));
      try {
        if (!(await graph.ready())) continue;
        const { goal } = graph;
        if (goal.task !== 'pick-place') throw new TypeError(`a goal of ${goal.task}`);
        result = await new Promise<PickPlaceResult>((resolve) => {
          graph.bus.sendGoal(ACTIONS.task, goal, { onResult: (_status, ended) => resolve(ended) });
        });
        if (!result.ok) continue;
        const [x, y] = await graph.wanted();
        expect(Math.hypot(x - goal.target[0], y - goal.target[1])).toBeLessThan(0.02);
      } finally {
        await graph.close();
      }
    }
    expect(result).toMatchObject({ ok: true });
  });
});
