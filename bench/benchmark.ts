/** One measured claim: runs beside a reference in the same process and checks what it computed. */
export interface Benchmark {
  readonly name: string;
  readonly claim: string;
  run(progress: (line: string) => void): Promise<BenchmarkResult>;
}

export interface BenchmarkResult {
  readonly rows: readonly BenchmarkRow[];
  /** What was computed is right; a fast wrong answer is no result. */
  readonly checks: readonly { readonly name: string; readonly pass: boolean; readonly detail: string }[];
}

export interface BenchmarkRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same quantity of the reference, measured in the same run; null for figures without one. */
  readonly reference: number | null;
  readonly reference_name: string;
  readonly ratio: number | null;
}

/** A row whose ratio says how many times the reference's value this one is. */
export function row(
  name: string,
  value: number,
  unit: string,
  reference?: { name: string; value: number },
): BenchmarkRow {
  return {
    name,
    value,
    unit,
    reference: reference?.value ?? null,
    reference_name: reference?.name ?? '',
    ratio: reference === undefined ? null : value / reference.value,
  };
}

/** Median wall time of `repeat` runs of `work` after `warmup` runs, s. */
export function medianSeconds(work: () => void, repeat: number, warmup = 1): number {
  for (let i = 0; i < warmup; i++) work();
  const times = Array.from({ length: repeat }, () => {
    const started = performance.now();
    work();
    return (performance.now() - started) / 1000;
  });
  return times.sort((a, b) => a - b)[Math.floor(repeat / 2)];
}
