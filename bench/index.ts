import type { Benchmark } from './benchmark.ts';
import { episodes } from './episodes.ts';
import { render } from './render.ts';

export type { Benchmark, BenchmarkResult, BenchmarkRow } from './benchmark.ts';

/** Every benchmark by the name it is asked for. */
export const BENCHMARKS: readonly Benchmark[] = [episodes, render];
