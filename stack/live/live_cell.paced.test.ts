import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { ACTIONS, CAMERAS, TOPICS } from '../../contracts/index.ts';
import { LiveGraph } from '../../test/support/live_graph.ts';
import { liveCellOptions } from './options.ts';

/** Slower than real time, so that a machine that does other things as well keeps up; slower still where it did not. */
const PACES = [0.5, 0.25, 0.1, 0.05];

describe('a live cell with the stack of a robot', () => {
  let graph: LiveGraph | null = null;
  afterAll(() => graph?.close());

  /** Plays until the object is in the hand and on its way; else says why that did not come about. */
  async function lift(live: LiveGraph): Promise<string> {
    if (!(await live.ready())) return 'motion is not allowed';
    return new Promise((resolve) => {
      live.bus.sendGoal(ACTIONS.task, live.goal, {
        onFeedback: ({ stage }) => {
          if (stage === 'transfer') resolve('');
        },
        onResult: (_status, { reason }) => resolve(reason),
      });
    });
  }

  it('picks, and its arm stops by itself when nobody controls it any more', { timeout: 600_000 }, async () => {
    const reasons: string[] = [];
    for (const pace of PACES) {
      const spoilt = graph;
      graph = null;
      await spoilt?.close();
      graph = await LiveGraph.start(liveCellOptions.parse({ seed: 1, pace }));
      reasons.push(await lift(graph));
      if (reasons.at(-1) === '') break;
    }
    if (graph === null) throw new Error('nothing was started');
    expect(reasons.at(-1), reasons.join('\n')).toBe('');
    expect((await graph.wanted())[2]).toBeGreaterThan(0.08);

    await sleep(300);
    await graph.control.thread?.abort();
    const end = performance.now() + 20_000;
    while (graph.sim.diagnostics().arm_phase !== 'holding' && performance.now() < end) await sleep(10);
    expect(graph.sim.diagnostics()).toMatchObject({ arm_phase: 'holding', arm_commands_refused: 0 });
    expect(graph.sim.diagnostics().arm_stopped_by_itself).toBeGreaterThan(0);
    expect((await graph.wanted())[2]).toBeGreaterThan(0.08);

    // The clock at 100 Hz and a wrench with it; pictures at 10 Hz, less those that a busy machine skips.
    const simulated_s = Number(graph.clock.now_ns()) / 1e9;
    expect(graph.count(TOPICS.clock)).toBeGreaterThanOrEqual(Math.floor(100 * simulated_s));
    expect(graph.count(TOPICS.wrench)).toBeGreaterThanOrEqual(Math.floor(100 * simulated_s) - 1);
    const skipped = Number(graph.sim.diagnostics().pictures_skipped);
    const pictures = graph.count(CAMERAS.overview.depth) + graph.count(CAMERAS.wrist.depth);
    expect(pictures).toBeGreaterThan(20 * simulated_s - 6 - skipped);
  });
});
