import { describe, expect, it } from 'vitest';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { createInferenceMemory, SharedInference, serveInference } from './shared_inference.ts';

/** Serves questions until so many have been answered. */
function serve(
  memory: ReturnType<typeof createInferenceMemory>,
  run: (observation: Float32Array) => Promise<ArrayLike<number>>,
  count: number,
): Promise<void> {
  let left = count;
  return serveInference(
    memory,
    (observation) => {
      left--;
      return run(observation);
    },
    () => left === 0,
  );
}

describe('inference over shared memory', () => {
  it('gives each answer once with its step, and takes no question while one is open', async () => {
    const memory = createInferenceMemory(2, 3);
    const inference = new SharedInference(memory);
    const chunk = new Float32Array(3);
    expect(inference.take(chunk)).toBe(-1);
    for (const step of [4, 5, 9]) {
      expect(inference.submit(step, Float32Array.of(step, 0.5))).toBe(true);
      expect(inference.submit(step + 1, Float32Array.of(0, 0))).toBe(false);
      expect(inference.take(chunk)).toBe(-1);
      await serve(memory, async ([a, b]) => [a, b, a + b], 1);
      await inference.answered();
      expect(inference.submit(step + 1, Float32Array.of(0, 0)), 'not before it was taken').toBe(false);
      expect(inference.take(chunk)).toBe(step);
      expect([...chunk]).toEqual([step, 0.5, step + 0.5]);
      expect(inference.take(chunk)).toBe(-1);
    }
    expect(inference.failure).toBe('');
  });

  it('tells why it fails: an error, a wrong size, a value that is not finite, a thread that ended', async () => {
    const failed = async (run: () => Promise<ArrayLike<number>>) => {
      const memory = createInferenceMemory(1, 2);
      const inference = new SharedInference(memory);
      inference.submit(0, Float32Array.of(1));
      await serve(memory, run, 1);
      await inference.answered();
      expect(inference.take(new Float32Array(2))).toBe(-1);
      expect(inference.submit(1, Float32Array.of(1))).toBe(false);
      return inference.failure;
    };
    expect(await failed(() => Promise.reject(new Error('out of memory, größer 🤖')))).toBe('out of memory, größer 🤖');
    expect(await failed(async () => [1])).toBe('the policy gave 1 numbers, not 2');
    expect(await failed(async () => [1, Number.NaN])).toBe('the policy gave NaN at 1 of its chunk');
    const inference = new SharedInference(createInferenceMemory(1, 1));
    inference.submit(0, Float32Array.of(1));
    inference.fail('the thread ended');
    await inference.answered();
    expect(inference.take(new Float32Array(1))).toBe(-1);
    expect(inference.failure).toBe('the thread ended');
  });

  it('asking and looking allocate nothing', () => {
    const inference = new SharedInference(createInferenceMemory(8, 80));
    const observation = new Float32Array(8);
    const chunk = new Float32Array(80);
    const growth = heapGrowthPerCall(() => {
      inference.submit(1, observation);
      inference.take(chunk);
    });
    expect(growth).toBeLessThan(BOXED_NUMBER + 1);
    expect(() => createInferenceMemory(0, 1)).toThrow('observation of 0 numbers');
  });
});
