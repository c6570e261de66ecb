import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PhysicsEngine } from '../sim/index.ts';
import { PosedEngine } from '../test/support/posed_engine.ts';
import { sceneObject } from '../test/support/sim_rig.ts';
import { type EpisodeTrace, episodeDigest, RunDigest, TraceWriter } from './digest.ts';

function engineAt(steps: number, q: number[], object: number[]): PhysicsEngine {
  const engine = new PosedEngine([sceneObject({ type: 'sphere', radius: 0.02 }, [0, 0, 0])], q.length);
  engine.steps = steps;
  engine.q.set(q);
  engine.state.set(object);
  return engine;
}

const object = [1, 2, 3, 0, 0, -0, 1, 4, 5, 6, 7, 8, 9];

function traceOf(index: number, seed: number): EpisodeTrace {
  return { index, steps: Float64Array.of(seed, seed + 1), outcome: `{"seed":${seed}}` };
}

describe('the digest of a run', () => {
  it('is SHA-256 over index, steps and outcome as documented', () => {
    const writer = new TraceWriter(engineAt(0, [0, 0], object));
    writer.write(engineAt(1, [0.5, -0], object));
    writer.write(engineAt(2, [0.25, -1], object));
    const digest = new RunDigest(3);
    digest.add(writer.finish(3, { success: true }));

    const hash = createHash('sha256');
    hash.update(Buffer.from([3, 0, 0, 0]));
    for (const [time, ...q] of [
      [0.002, 0.5, 0],
      [0.004, 0.25, -1],
    ]) {
      const row = [time, ...q, 0, 0, ...object.map((x) => (x === 0 ? 0 : x))];
      const bytes = Buffer.alloc(8 * row.length);
      row.forEach((value, i) => {
        bytes.writeDoubleLE(value, 8 * i);
      });
      hash.update(bytes);
    }
    hash.update('{"success":true}');
    expect(digest.hex()).toBe(hash.digest('hex'));
  });

  it('of one episode is that of a run that has no other', () => {
    const run = new RunDigest(4);
    run.add(traceOf(4, 1));
    expect(episodeDigest(traceOf(4, 1))).toBe(run.hex());
    expect(episodeDigest(traceOf(4, 2))).not.toBe(run.hex());
  });

  it('does not depend on the order in which episodes finish', () => {
    const inOrder = new RunDigest();
    for (let i = 0; i < 5; i++) inOrder.add(traceOf(i, 10 * i));
    const shuffled = new RunDigest();
    for (const i of [2, 0, 4, 3, 1]) shuffled.add(traceOf(i, 10 * i));
    expect(shuffled.hex()).toBe(inOrder.hex());
  });

  it('changes with every value, the index and the outcome', () => {
    const hex = (trace: EpisodeTrace, first = 0) => {
      const digest = new RunDigest(first);
      digest.add(trace);
      return digest.hex();
    };
    const base = hex(traceOf(0, 1));
    expect(hex({ ...traceOf(0, 1), steps: Float64Array.of(1, 2 + 1e-15) })).not.toBe(base);
    expect(hex({ ...traceOf(0, 1), outcome: '{}' })).not.toBe(base);
    expect(hex(traceOf(1, 1), 1)).not.toBe(base);
  });

  it('keeps every step however long the episode', () => {
    const writer = new TraceWriter(engineAt(0, [0], object));
    for (let k = 1; k <= 20_000; k++) writer.write(engineAt(k, [k], object));
    const { steps } = writer.finish(0, {});
    expect(steps.length).toBe(20_000 * writer.width);
    expect(steps[19_999 * writer.width + 1]).toBe(20_000);
  });
});
