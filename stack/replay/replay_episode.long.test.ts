import { afterAll, describe, expect, it } from 'vitest';
import { ReplayBench, SPEEDY } from '../../test/support/replays.ts';
import { ENGINES, TASKS } from '../options.ts';

const bench = new ReplayBench();
afterAll(() => bench.close());

describe('a recorded episode', () => {
  it.each(TASKS.flatMap((task) => ENGINES.map((engine) => [task, engine] as const)))(
    'of %s in %s replays to the byte',
    async (task, engine) => {
      const { file, digest } = await bench.record(`${task}-${engine}`, { ...SPEEDY, task, engine }, 2);
      const result = await bench.replay(file);
      expect(result).toMatchObject({ result: 'same', reasons: [], task, engine, record: null });
      expect(result.digest).toEqual({ recorded: digest, replayed: digest });
      expect(result.compared).toMatchObject({ first: null, differing: {} });
    },
  );

  it('replays to its own end, and its commands drift a few millimetres in the other engine', async () => {
    const { file } = await bench.record('whole', { policy: 'expert', observation: 'state' }, 60);
    const ended = await bench.replay(file);
    expect(ended).toMatchObject({ result: 'same' });
    expect(ended.sim_seconds).toBeGreaterThan(4);
    const [same, other] = [await bench.openLoop(file, 'same'), await bench.openLoop(file, 'other')];
    expect(same).toMatchObject({ result: 'played', reasons: [], interventions: 0 });
    expect(same.joints_rad?.max).toBeLessThan(5e-4);
    expect(same.tool?.mm.max).toBeLessThan(0.5);
    expect(other).toMatchObject({ result: 'played', reasons: [] });
    expect(other.joints_rad?.max).toBeLessThan(0.02);
    expect(other.tool?.mm.p95).toBeLessThan(5);
    expect(other.joints_rad?.median).toBeGreaterThan(same.joints_rad?.median ?? 1);
  });
});
