import { describe, expect, it } from 'vitest';
import { ACTIONS, type PickPlaceResult } from '../../contracts/index.ts';
import { LiveGraph } from '../../test/support/live_graph.ts';
import { liveCellOptions } from './options.ts';

/** In real time, and slower where the machine did not keep up. */
const PACES = [1, 0.5, 0.25, 0.1];

describe.each(['cannon', 'mujoco'])('a live cell in %s', (engine) => {
  it.each([1, 2, 3])('picks and places in world %i', { timeout: 600_000 }, async (seed) => {
    let result: PickPlaceResult | null = null;
    const reasons: string[] = [];
    for (const pace of PACES) {
      const graph = await LiveGraph.start(liveCellOptions.parse({ seed, engine, pace }));
      try {
        if (!(await graph.ready())) continue;
        const { goal } = graph;
        if (goal.task !== 'pick-place') throw new TypeError(`a goal of ${goal.task}`);
        result = await new Promise<PickPlaceResult>((resolve) => {
          graph.bus.sendGoal(ACTIONS.task, goal, { onResult: (_status, ended) => resolve(ended) });
        });
        reasons.push(`pace ${pace}: ${result.reason}`);
        if (!result.ok) continue;
        const [x, y] = await graph.wanted();
        expect(Math.hypot(x - goal.target[0], y - goal.target[1])).toBeLessThan(0.02);
        break;
      } finally {
        await graph.close();
      }
    }
    expect(result?.ok, reasons.join('\n')).toBe(true);
  });
});
