import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { measureLatency } from './perception_latency.ts';

/** Pictures to detections: how long it takes, on one core, and what our layer over onnxruntime adds. */
export const perception: Benchmark = {
  name: 'perception',
  claim:
    'a 128×128 frame to detections in under 3 ms (p50), p99 at most 3 times that; our layer adds under 15 % to a bare session; cold start under 400 ms',
  async run(progress): Promise<BenchmarkResult> {
    return measureLatency(progress);
  },
};
