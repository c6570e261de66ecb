import { describe, expect, it } from 'vitest';
import { createRng, quantile } from '../../contracts/index.ts';
import { Latencies } from './latencies.ts';
import { shippedObjectives } from './objectives.ts';

const told = (stage: string, took_ms: number, dropped = 0) => {
  const times = { pre_s: took_ms / 4000, model_s: took_ms / 2000, post_s: took_ms / 4000 };
  return { stamp_ns: 0n, stage, request_id: 'overview/1', ...times, queue: 0, dropped, model: 'm' };
};

describe('latencies of stages', () => {
  it('are the quantiles of the last minute, beside their objectives', async () => {
    const latencies = new Latencies({ perceive: 6 });
    const rng = createRng(1, 'latencies');
    for (let k = 0; k < 100; k++) latencies.hear(told('perceive', 500), k);
    const fresh = Array.from({ length: 300 }, () => rng.range(1, 20));
    for (const [k, took_ms] of fresh.entries()) latencies.hear(told('perceive', took_ms, k), 61_000 + k);
    latencies.hear(told('plan', 80), 61_000);
    const [perceive, plan] = latencies.snapshot(62_000).stages;
    expect(perceive).toMatchObject({ stage: 'perceive', slo_ms: 6, dropped: 299 });
    expect(perceive.p50_ms).toBeCloseTo(quantile(fresh, 0.5), 9);
    expect(perceive.p95_ms).toBeCloseTo(quantile(fresh, 0.95), 9);
    expect(perceive.last_ms).toBeCloseTo(fresh[299], 9);
    expect(plan).toMatchObject({ stage: 'plan', slo_ms: null });
    expect(latencies.snapshot(200_000).stages).toEqual([]);
  });

  it('take as little room for many stages as for few', () => {
    const latencies = new Latencies({});
    for (let k = 0; k < 1000; k++) latencies.add(`stage ${k}`, 1, 0);
    expect(latencies.snapshot(0).stages).toHaveLength(32);
  });

  it('have the objective that is shipped', async () => {
    expect(await shippedObjectives()).toEqual({ perceive: 6 });
  });
});
