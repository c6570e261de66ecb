import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { createRng, PACKAGE_ROOT, type Rng } from '../../contracts/index.ts';
import { QuadraticProgram } from '../../safety/barrier/quadratic_program.ts';

/** min ½ Σ weight (x − wanted)² with lower ≤ x ≤ upper and rows · x ≥ bounds. */
export interface DrawnProgram {
  readonly kind: string;
  readonly weight: number[];
  readonly wanted: number[];
  readonly lower: number[];
  readonly upper: number[];
  readonly rows: number[][];
  readonly bounds: number[];
}

export const MOST_VARIABLES = 8;
export const MOST_ROWS = 32;
const KINDS = ['random', 'tight', 'degenerate', 'parallel', 'repeated', 'opposed', 'sparse', 'loose'] as const;

const dot = (a: readonly number[], b: ArrayLike<number>): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** A program of a kind: vertices where many rows meet, rows that are nearly or wholly parallel or opposed, and plain ones. */
export function drawProgram(rng: Rng): DrawnProgram {
  const kind = KINDS[rng.int(KINDS.length)];
  const n = 1 + rng.int(MOST_VARIABLES);
  const m = rng.int(MOST_ROWS + 1);
  const draw = (size: number): number[] => Array.from({ length: n }, () => size * rng.normal());
  const weight = Array.from({ length: n }, () => 10 ** rng.range(-1.5, 1.5));
  const wanted = draw(10 ** rng.range(-1, 2));
  const half = 10 ** rng.range(-1, 1.5);
  const middle = draw(kind === 'tight' ? 3 : 0.5);
  const open = (end: number, x: number): number => (rng.uniform() < 0.1 ? end : x);
  const lower = middle.map((x) => open(Number.NEGATIVE_INFINITY, x - half * rng.uniform()));
  const upper = middle.map((x) => open(Number.POSITIVE_INFINITY, x + half * rng.uniform()));
  const rows: number[][] = [];
  const bounds: number[] = [];
  for (let k = 0; k < m; k++) {
    let row = draw(10 ** rng.range(-1, 1));
    let bound = dot(row, middle) + rng.normal() * (kind === 'random' ? 1 : 0.1) - 0.3 * Math.abs(rng.normal());
    const before = k > 0 ? rng.int(k) : -1;
    if (kind === 'degenerate') bound = dot(row, middle);
    else if (kind === 'parallel' && before >= 0 && rng.uniform() < 0.7) {
      const angle = 10 ** rng.range(-6, -1);
      row = rows[before].map((x) => x + angle * rng.normal());
      bound = dot(row, middle) - 0.05 * Math.abs(rng.normal());
    } else if (kind === 'repeated' && before >= 0 && rng.uniform() < 0.7) {
      const factor = 10 ** rng.range(-1, 1);
      row = rows[before].map((x) => factor * x);
      bound = factor * bounds[before];
    } else if (kind === 'opposed' && before >= 0 && rng.uniform() < 0.3) {
      row = rows[before].map((x) => -x);
      bound = -bounds[before] - rng.range(-0.1, 1);
    } else if (kind === 'sparse') row = row.map((x) => (rng.uniform() < 0.6 ? 0 : x));
    else if (kind === 'loose') bound -= 5;
    rows.push(row);
    bounds.push(bound);
  }
  return { kind, weight, wanted, lower, upper, rows, bounds };
}

export function fillProgram(program: QuadraticProgram, drawn: DrawnProgram): void {
  program.weight.set(drawn.weight);
  program.wanted.set(drawn.wanted);
  program.lower.set(drawn.lower);
  program.upper.set(drawn.upper);
  program.rows = drawn.rows.length;
  drawn.rows.forEach((row, k) => {
    program.row.set(row, k * program.n);
    program.key[k] = 3 * k + 1;
  });
  program.bound.set(drawn.bounds);
}

/** Cost of x, and by how much it is short of its worst constraint, in units of a row's length. */
export function judgePoint(drawn: DrawnProgram, x: ArrayLike<number>): { cost: number; short: number } {
  let cost = 0;
  let short = 0;
  drawn.wanted.forEach((wanted, i) => {
    cost += 0.5 * drawn.weight[i] * (x[i] - wanted) ** 2;
    short = Math.max(short, drawn.lower[i] - x[i], x[i] - drawn.upper[i]);
  });
  drawn.rows.forEach((row, k) => {
    const length = Math.hypot(...row);
    if (length > 0) short = Math.max(short, (drawn.bounds[k] - dot(row, x)) / length);
  });
  return { cost, short };
}

const programs = new Map<number, QuadraticProgram>();

/** A solver for n variables, the same for every program of that size. */
export function solverFor(n: number): QuadraticProgram {
  const known = programs.get(n) ?? new QuadraticProgram(n, MOST_ROWS);
  programs.set(n, known);
  return known;
}

export interface OracleResult {
  programs: number;
  solved: number;
  infeasible: number;
  capped: number;
  /** Called inconsistent by quadprog, by rounding, although the point found here keeps all constraints. */
  only_here: number;
  /** Quadprog goes round in circles, so that there is nothing to compare with. */
  endless: number;
  worst_cost: number;
  worst_distance: number;
}

/** Solves `count` drawn programs here and by quadprog, and fails on the first that differs. */
export async function compareWithQuadprog(python: string, seed: number, count: number): Promise<OracleResult> {
  const rng = createRng(seed, 'quadratic programs');
  const drawn = Array.from({ length: count }, () => drawProgram(rng));
  const file = join(PACKAGE_ROOT, '.cache', `quadprog-${process.pid}-${seed}`);
  const numbers = drawn.flatMap(({ weight, wanted, lower, upper, rows, bounds }) =>
    [[weight.length, rows.length], weight, wanted, lower, upper, ...rows, bounds].flat(),
  );
  writeFileSync(`${file}.in`, Float64Array.from(numbers));
  const script = join(PACKAGE_ROOT, 'test', 'support', 'quadprog_oracle.py');
  await promisify(execFile)(python, ['-B', script, `${file}.in`, `${file}.out`]);
  const bytes = readFileSync(`${file}.out`);
  const theirs = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  rmSync(`${file}.in`);
  rmSync(`${file}.out`);

  const result: OracleResult = {
    ...{
      programs: count,
      solved: 0,
      infeasible: 0,
      capped: 0,
      only_here: 0,
      endless: 0,
      worst_cost: 0,
      worst_distance: 0,
    },
  };
  let at = 0;
  drawn.forEach((problem, index) => {
    const n = problem.wanted.length;
    const there = theirs[at] === 1 ? theirs.subarray(at + 1, at + 1 + n) : null;
    const endless = theirs[at] === -1;
    at += n + 1;
    if (endless) result.endless++;
    else compare(problem, there, result, `seed ${seed}, program ${index}`);
  });
  return result;
}

function compare(problem: DrawnProgram, there: Float64Array | null, result: OracleResult, label: string): void {
  const where = () => `${label}: ${JSON.stringify(problem)}`;
  const program = solverFor(problem.wanted.length);
  fillProgram(program, problem);
  program.forget();
  const status = program.solve();
  if (status === 'capped') {
    result.capped++;
    return;
  }
  const size = 1 + Math.hypot(...problem.wanted);
  const here = status === 'solved' ? judgePoint(problem, program.solution) : null;
  if (here !== null && !(here.short <= 1e-8 * size)) expect.fail(`${where()}: short by ${here.short}`);
  if (here === null || there === null) {
    if (here !== null) {
      if (!(here.short <= 1e-12 * size))
        expect.fail(`${where()}: inconsistent for quadprog, short here by ${here.short}`);
      result.only_here++;
    } else if (there === null) result.infeasible++;
    else if (judgePoint(problem, there).short <= 1e-13 * size) expect.fail(`${where()}: infeasible only here`);
    return;
  }
  result.solved++;
  const other = judgePoint(problem, there);
  let distance = 0;
  for (let i = 0; i < there.length; i++) distance = Math.max(distance, Math.abs(there[i] - program.solution[i]));
  const cost = Math.abs(here.cost - other.cost) / (1 + other.cost);
  result.worst_cost = Math.max(result.worst_cost, cost);
  result.worst_distance = Math.max(result.worst_distance, distance / size);
  if (!(cost < 1e-7)) expect.fail(`${where()}: cost ${here.cost}, quadprog's ${other.cost} (short ${other.short})`);
}
