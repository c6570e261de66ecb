import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { batchJson, cli, lastJson } from './support/cli.ts';

/** A seed that nobody could tune for: it is drawn by the commit itself. */
function seedOfCommit(): number {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: PACKAGE_ROOT, encoding: 'utf8' });
  return Number.parseInt(commit.slice(0, 8), 16);
}

it('the stack succeeds in at least 95 % of 1,000 episodes, on a seed drawn after the last change', async () => {
  const seed = seedOfCommit();
  const ended = await cli(['sim', '--episodes', '1000', '--workers', '2', '--seed', String(seed), '--json'], tmpdir());
  const { successes, wilson95, failures, interventions } = lastJson(ended, batchJson);
  expect(successes, `seed ${seed}: ${JSON.stringify({ wilson95, failures, interventions })}`).toBeGreaterThanOrEqual(
    950,
  );
}, 3_600_000);
