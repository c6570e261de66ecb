import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { writeRecordedRun } from '../../test/support/recorded_run.ts';
import type { Replays } from './replay_thread.ts';

const root = mkdtempSync(join(tmpdir(), 'surepick-replay-thread-'));
afterAll(() => rmSync(root, { recursive: true }));

const PROGRAM = join(PACKAGE_ROOT, 'dist', 'teleop', 'replays', 'replay_thread.js');
const QUERY = { from_ms: 0, to_ms: 1e15, most: 6000 };

it('leaves the event loop of its server alone while it reads a recording', async () => {
  expect(existsSync(PROGRAM), 'dist/ is built').toBe(true);
  const { openReplays } = (await import(pathToFileURL(PROGRAM).href)) as { openReplays: (root: string) => Replays };
  await writeRecordedRun(root, 'run-1', 10);
  const replays = openReplays(root);
  try {
    await replays.ask({ kind: 'list' });
    let [last_ms, longest_ms] = [performance.now(), 0];
    const beat = setInterval(() => {
      longest_ms = Math.max(longest_ms, performance.now() - last_ms - 1);
      last_ms = performance.now();
    }, 1);
    const started_ms = performance.now();
    const asked = { run: 'run-1', episode: 'episode-0000.mcap' };
    const answer = await replays.ask({ kind: 'history', query: QUERY, ...asked });
    const took_ms = performance.now() - started_ms;
    const again = await replays.ask({ kind: 'picture', camera: 'overview', at_ms: 5000, ...asked });
    clearInterval(beat);
    process.stdout.write(`read in ${took_ms.toFixed(0)} ms, longest stall ${longest_ms.toFixed(1)} ms\n`);
    expect(answer.kind === 'text' && answer.pieces.length > 10).toBe(true);
    expect(again.kind === 'picture' && again.picture !== null).toBe(true);
    expect(longest_ms).toBeLessThan(20);
    await expect(replays.ask({ kind: 'history', query: QUERY, ...asked, episode: 'x.mcap' })).rejects.toThrow(
      /no such/,
    );
  } finally {
    await replays.close();
  }
});
