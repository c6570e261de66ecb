import { describe, expect, it } from 'vitest';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { compareWithQuadprog } from '../../test/support/quadratic_programs.ts';

const ROUNDS = 50;
const PROGRAMS = 20_000;

describe('quadratic program', () => {
  it('agrees with quadprog on a million programs', async (ctx) => {
    const environment = await pythonEnvironment('quadprog', ['quadprog==0.1.13', 'numpy==2.2.6']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'quadprog', missing, missing === '');
    if (!('python' in environment)) return;
    let solved = 0;
    let capped = 0;
    let only_here = 0;
    let endless = 0;
    let worst_cost = 0;
    let worst_distance = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const result = await compareWithQuadprog(environment.python, 1000 + round, PROGRAMS);
      solved += result.solved;
      capped += result.capped;
      only_here += result.only_here;
      endless += result.endless;
      worst_cost = Math.max(worst_cost, result.worst_cost);
      worst_distance = Math.max(worst_distance, result.worst_distance);
    }
    const found = JSON.stringify({ solved, capped, only_here, endless, worst_cost, worst_distance });
    expect(solved, found).toBeGreaterThan(0.5 * ROUNDS * PROGRAMS);
    expect(capped, found).toBe(0);
    expect(endless, found).toBeLessThan(1e-3 * ROUNDS * PROGRAMS);
    expect(worst_cost, found).toBeLessThan(1e-7);
  }, 3_600_000);
});
