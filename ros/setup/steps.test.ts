import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { runSteps, type SetupProgress, type Step } from './steps.ts';

interface Trace {
  readonly events: string[];
  running: number;
  most: number;
}

function step(trace: Trace, id: string, after: string[] = [], { done = false, fails = false, turns = 1 } = {}): Step {
  return {
    id,
    label: `do ${id}`,
    after,
    weight_s: 1,
    isDone: () => done,
    async run({ signal, progress }) {
      trace.events.push(`begin ${id}`);
      trace.running++;
      trace.most = Math.max(trace.most, trace.running);
      for (let k = 0; k < turns; k++) {
        await new Promise(setImmediate);
        progress((k + 1) / turns);
        if (signal.aborted) break;
      }
      trace.running--;
      if (fails) throw new Error(`${id} is broken`);
      signal.throwIfAborted();
      trace.events.push(`end ${id}`);
    },
  };
}

const fresh = (): Trace => ({ events: [], running: 0, most: 0 });

describe('steps of the setup', () => {
  it('come after what they build on, never more at once than allowed, each once, with progress that never falls', async () => {
    let together = 0;
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'steps');
      const trace = fresh();
      const order = Array.from({ length: 1 + rng.int(8) }, (_, k) => {
        const after = Array.from({ length: k }, (_, j) => String(j)).filter(() => rng.uniform() < 0.4);
        return step(trace, String(k), after, { done: rng.uniform() < 0.2, turns: 1 + rng.int(3) });
      });
      const reports: SetupProgress[] = [];
      const at_once = 1 + rng.int(3);
      await runSteps(order, (progress) => reports.push(progress), { at_once });
      const context = `seed ${seed}: ${trace.events.join(', ')}`;
      expect(trace.most, context).toBeLessThanOrEqual(at_once);
      together = Math.max(together, trace.most);
      for (const { id, after, isDone } of order) {
        const begin = trace.events.indexOf(`begin ${id}`);
        expect(trace.events.filter((event) => event === `end ${id}`).length, context).toBe(isDone() ? 0 : 1);
        for (const other of isDone() ? [] : after) {
          expect(trace.events.indexOf(`end ${other}`), context).toBeLessThan(begin);
        }
      }
      for (let k = 1; k < reports.length; k++) {
        expect(reports[k].done_s, context).toBeGreaterThanOrEqual(reports[k - 1].done_s);
      }
      if (reports.length > 0) expect(reports[reports.length - 1].done_s, context).toBe(order.length);
    }
    expect(together).toBe(3);
  });

  it('begin with what the longest work waits for', async () => {
    const trace = fresh();
    const steps = [step(trace, 'short'), step(trace, 'first'), step(trace, 'second', ['first'])];
    await runSteps(steps, () => {}, { at_once: 1 });
    expect(trace.events.filter((event) => event.startsWith('begin'))).toEqual([
      'begin first',
      'begin short',
      'begin second',
    ]);
  });

  it('a failure stops the others, begins nothing more, and is what the caller gets', async () => {
    const trace = fresh();
    const steps = [
      step(trace, 'slow', [], { turns: 1000 }),
      step(trace, 'bad', [], { fails: true }),
      step(trace, 'next', ['bad']),
    ];
    await expect(runSteps(steps, () => {}, { at_once: 2 })).rejects.toThrow('bad is broken');
    expect({ began: trace.events.sort(), running: trace.running }).toEqual({
      began: ['begin bad', 'begin slow'],
      running: 0,
    });
  });

  it('an interruption ends what runs before it is passed on', async () => {
    const trace = fresh();
    const controller = new AbortController();
    const steps = [step(trace, 'long', [], { turns: 1e6 }), step(trace, 'never', ['long'])];
    const run = runSteps(steps, ({ now }) => now.length > 0 && controller.abort(), { signal: controller.signal });
    await expect(run).rejects.toThrow('abort');
    expect(trace).toMatchObject({ events: ['begin long'], running: 0 });
  });
});
