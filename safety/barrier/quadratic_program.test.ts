import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { heapGrowthPerCall } from '../../test/support/heap.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import {
  compareWithQuadprog,
  drawProgram,
  fillProgram,
  judgePoint,
  solverFor,
} from '../../test/support/quadratic_programs.ts';
import { sweep } from '../../test/support/sweep.ts';
import { QuadraticProgram } from './quadratic_program.ts';

/** Of each run; the seeds differ, and quadratic_program.long.test.ts has very many. */
const PROGRAMS = 1500;

const HALF_PLANE = { weight: [1, 1], lower: [-9, -9], upper: [9, 9], rows: [[1, 1]], bounds: [1], kind: 'plain' };

describe('quadratic program', () => {
  it('agrees with quadprog on programs drawn now', async (ctx) => {
    const environment = await pythonEnvironment('quadprog', ['quadprog==0.1.13', 'numpy==2.2.6']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'quadprog', missing, missing === '');
    if (!('python' in environment)) return;
    const seed = 1 + Math.floor(Math.random() * 1e9);
    const { solved, infeasible, capped, endless, worst_cost } = await compareWithQuadprog(
      environment.python,
      seed,
      PROGRAMS,
    );
    expect(solved).toBeGreaterThan(0.375 * PROGRAMS);
    expect(infeasible).toBeGreaterThan(0.05 * PROGRAMS);
    expect(capped, `seed ${seed}`).toBe(0);
    expect(endless, `seed ${seed}`).toBeLessThan(5);
    expect(worst_cost, `seed ${seed}`).toBeLessThan(1e-7);
  }, 600_000);

  it('has multipliers that prove its solution: Karush, Kuhn and Tucker', () => {
    const rng = createRng(31, 'kkt');
    let proven = 0;
    for (let round = 0; round < sweep(1200, 3000); round++) {
      const drawn = drawProgram(rng);
      const program = solverFor(drawn.wanted.length);
      fillProgram(program, drawn);
      if (program.solve() !== 'solved') continue;
      const where = () => `program ${round}: ${JSON.stringify(drawn)}`;
      const x = program.solution;
      let gradient = 0;
      for (let i = 0; i < drawn.wanted.length; i++) {
        let rest = drawn.weight[i] * (x[i] - drawn.wanted[i]);
        let pull = 0;
        drawn.rows.forEach((row, k) => {
          if (program.holds(k)) pull += (row[i] * program.multiplier(k)) / scaledLength(row, drawn.weight);
        });
        rest -= pull;
        const room = 1e-7 * (1 + Math.abs(pull) + Math.hypot(...drawn.wanted) * drawn.weight[i]);
        // What the rows leave is held by a bound, which pushes inwards.
        if (x[i] === drawn.lower[i]) rest = Math.min(0, rest);
        if (x[i] === drawn.upper[i]) rest = Math.max(0, rest);
        gradient = Math.max(gradient, Math.abs(rest) / room);
      }
      let pulls = false;
      for (let k = 0; k < drawn.rows.length; k++) pulls ||= program.holds(k) && program.multiplier(k) < -1e-9;
      const short = judgePoint(drawn, x).short / (1 + Math.hypot(...drawn.wanted));
      if (pulls || !(gradient < 1) || !(short < 1e-8)) expect.fail(`${where()}: ${gradient}, ${pulls}, short ${short}`);
      proven++;
    }
    expect(proven).toBeGreaterThan(sweep(480, 1200));
  });

  it('comes to the same from a warm start as from a cold one, sooner', () => {
    const rng = createRng(32, 'warm');
    let warm_iterations = 0;
    let cold_iterations = 0;
    let compared = 0;
    for (let round = 0; round < sweep(160, 400); round++) {
      const drawn = drawProgram(rng);
      const n = drawn.wanted.length;
      const cold = new QuadraticProgram(n, 32);
      const warm = new QuadraticProgram(n, 32);
      for (let step = 0; step < 10; step++) {
        const moved = {
          ...drawn,
          wanted: drawn.wanted.map((x) => x + 0.05 * step * rng.normal()),
          bounds: drawn.bounds.map((b) => b + 0.01 * rng.normal()),
        };
        fillProgram(cold, moved);
        fillProgram(warm, moved);
        cold.forget();
        const status = cold.solve();
        const where = () => `program ${round}, step ${step}: ${JSON.stringify(moved)}`;
        if (status !== warm.solve()) {
          expect(drawn.kind, where()).toMatch(/degenerate|parallel|repeated|opposed/);
          continue;
        }
        if (status !== 'solved') continue;
        const a = judgePoint(moved, cold.solution);
        const b = judgePoint(moved, warm.solution);
        expect(Math.abs(a.cost - b.cost) / (1 + a.cost), where()).toBeLessThan(1e-8);
        if (step === 0) continue;
        warm_iterations += warm.iterations;
        cold_iterations += cold.iterations;
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(sweep(400, 1000));
    expect(warm_iterations).toBeLessThan(0.4 * cold_iterations);
  });

  it('leaves alone what is allowed, to the bit', () => {
    const program = new QuadraticProgram(2, 4);
    fillProgram(program, { ...HALF_PLANE, wanted: [0.1 + 0.2, 0.7] });
    expect(program.solve()).toBe('solved');
    expect([...program.solution]).toEqual([0.1 + 0.2, 0.7]);
    expect(program.iterations).toBe(0);
  });

  it('finds the nearest point of a half plane, by its weights', () => {
    const program = new QuadraticProgram(2, 4);
    fillProgram(program, { ...HALF_PLANE, weight: [1, 3], wanted: [0, 0] });
    expect(program.solve()).toBe('solved');
    expect(program.solution[0]).toBeCloseTo(0.75, 12);
    expect(program.solution[1]).toBeCloseTo(0.25, 12);
    expect(program.holds(0)).toBe(true);
  });

  it('says that a program is infeasible, also of one variable, of rows without a direction, and of what is no number', () => {
    const program = new QuadraticProgram(2, 4);
    const plane = { ...HALF_PLANE, wanted: [0, 0] };
    fillProgram(program, { ...plane, bounds: [19] });
    expect(program.solve()).toBe('infeasible');
    fillProgram(program, { ...plane, lower: [2, -9], upper: [1, 9] });
    expect(program.solve()).toBe('infeasible');
    fillProgram(program, { ...plane, rows: [[0, 0]], bounds: [0.1] });
    expect(program.solve()).toBe('infeasible');
    fillProgram(program, { ...plane, rows: [[0, 0]], bounds: [-0.1] });
    expect(program.solve()).toBe('solved');
    fillProgram(program, { ...plane, rows: [[Number.NaN, 1]] });
    expect(program.solve()).toBe('infeasible');
    fillProgram(program, { ...plane, wanted: [Number.NaN, 1] });
    expect(program.solve()).toBe('infeasible');
    fillProgram(program, plane);
    expect(program.solve()).toBe('solved');
  });

  it('gives up after its iterations, and starts afresh then', () => {
    const program = new QuadraticProgram(3, 8, 1);
    const drawn = {
      ...{ kind: 'plain', weight: [1, 1, 1], wanted: [0, 0, 0], lower: [-9, -9, -9], upper: [9, 9, 9] },
      rows: [
        [1, 0, 0],
        [0, 1, 0],
      ],
      bounds: [1, 1],
    };
    fillProgram(program, drawn);
    expect(program.solve()).toBe('capped');
    expect(program.iterations).toBe(1);
    fillProgram(program, { ...drawn, bounds: [1, -1] });
    expect(program.solve()).toBe('solved');
    expect([...program.solution]).toEqual([1, 0, 0]);
  });

  it('allocates nothing', () => {
    const rng = createRng(33, 'heap');
    const program = new QuadraticProgram(7, 32);
    let drawn = drawProgram(rng);
    while (drawn.wanted.length !== 7 || drawn.rows.length < 20) drawn = drawProgram(rng);
    fillProgram(program, drawn);
    let k = 0;
    const grown = heapGrowthPerCall(
      () => {
        k = (k + 1) % 7;
        program.wanted[k] = -program.wanted[k];
        program.solve();
      },
      5000,
      1,
    );
    expect(grown).toBeLessThan(1);
  });
});

/** Length of a row in the space where all weights are 1, in which multipliers are told. */
function scaledLength(row: readonly number[], weight: readonly number[]): number {
  return Math.hypot(...row.map((x, i) => x / Math.sqrt(weight[i])));
}
